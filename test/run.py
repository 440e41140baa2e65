#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs every test of a build and adds the results up.

lit (test/**/*.mlir, *.test), the unit tests (gtest programs in build/test/unit) and the golden
cases (test/EndToEnd/goldens.py, on the CPU, in the emulator of graphics processors and with the reference interpreter). The last line is
"N passed, N failed, N skipped"; the exit code is 0 only if something ran and nothing failed.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from xml.etree import ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOOLS = ["attune-opt", "attune-compile", "attune-run", "attune-zoo"]
LIMIT_SECONDS = 1080  # for each part; a part that hangs must not hang the run


class Tally:
    def __init__(self):
        self.passed, self.failed, self.skipped = [], [], []

    def add(self, kind, name, reason=""):
        getattr(self, kind).append((name, reason))


def run(command, **options):
    """The exit code; None when the time was up."""
    try:
        return subprocess.run(command, timeout=LIMIT_SECONDS, **options).returncode
    except subprocess.TimeoutExpired:
        return None


def run_lit(build, pattern, tally):
    site = os.path.join(build, "test", "lit.site.cfg.py")
    try:
        with open(site) as file:
            tools = re.search(r'llvm_tools_dir = "(.*)"', file.read()).group(1)
    except (OSError, AttributeError):
        tally.add("failed", "lit", f"{site} is not there: the build is not configured")
        return
    lit = os.path.join(tools, "lit")
    if not os.path.exists(lit):
        tally.add("failed", "lit", f"{lit} is not there (package llvm-22-tools)")
        return
    report = os.path.join(build, "test", "lit.json")
    if os.path.exists(report):
        os.remove(report)
    command = [sys.executable, lit, "-v", "--order=lexical", "-j", str(os.cpu_count()),
               "-o", report, os.path.join(build, "test")]
    if pattern:
        command += ["--filter", pattern, "--allow-empty-runs"]
    code = run(command)
    if pattern and code == 0 and not os.path.exists(report):
        return  # no name matches
    try:
        with open(report) as file:
            tests = json.load(file)["tests"]
    except (OSError, ValueError, KeyError):
        tally.add("failed", "lit", "ran out of time" if code is None else "wrote no report")
        return
    for test in tests:
        result, name = test["code"], test["name"]
        if result in ("PASS", "XFAIL", "FLAKYPASS"):
            tally.add("passed", name)
        elif result == "EXCLUDED":
            continue
        elif result in ("UNSUPPORTED", "SKIPPED"):
            lines = [line for line in test.get("output", "").splitlines() if line.strip()]
            tally.add("skipped", name, lines[-1].strip() if lines else result.lower())
        else:
            tally.add("failed", name, result.lower())
    if code not in (0, 1):
        tally.add("failed", "lit", f"ended with exit code {code}")


def run_unit_tests(build, pattern, tally):
    folder = os.path.join(build, "test", "unit")
    programs = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    for program in programs:
        path = os.path.join(folder, program)
        if not (os.path.isfile(path) and os.access(path, os.X_OK)):
            continue
        with tempfile.TemporaryDirectory() as scratch:
            report = os.path.join(scratch, "report.xml")
            code = run([path, "--gtest_brief=1", f"--gtest_output=xml:{report}"], cwd=scratch)
            try:
                tests = list(ElementTree.parse(report).iter("testcase"))
            except (OSError, ElementTree.ParseError):
                tally.add("failed", program, f"ended with exit code {code} and no report")
                continue
        clean = True
        for test in tests:
            name = f"{program}: {test.get('classname')}.{test.get('name')}"
            failed, skipped = test.find("failure") is not None, test.find("skipped")
            clean &= not failed
            if pattern and not re.search(pattern, name):
                continue
            if test.get("status") == "notrun" or skipped is not None:
                text = skipped.get("message") if skipped is not None else ""
                tally.add("skipped", name, (text or "disabled").strip().splitlines()[-1])
            else:
                tally.add("failed" if failed else "passed", name, "see above" if failed else "")
        if clean and code != 0:
            tally.add("failed", program, f"ended with exit code {code}")


def run_goldens(build, pattern, tally):
    goldens = os.path.join(os.path.dirname(ROOT), "shared", "golden")
    if not os.path.isdir(goldens):
        tally.add("skipped", "golden cases", "../shared/golden is not there")
        return
    with tempfile.TemporaryDirectory() as scratch:
        report = os.path.join(scratch, "report.json")
        command = [sys.executable, os.path.join(ROOT, "test", "EndToEnd", "goldens.py"),
                   "--bin", os.path.join(build, "bin"), "--goldens", goldens,
                   "--target", "cpu,gpu-emulator,reference", "--json", report]
        code = run(command + (["--filter", pattern] if pattern else []))
        try:
            with open(report) as file:
                cases = json.load(file)
        except (OSError, ValueError):
            tally.add("failed", "golden cases", f"ended with exit code {code} and no report")
            return
    for case in cases:
        tally.add(case["result"], f"golden {case['name']} ({case['target']})", case["reason"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--filter", default="", help="regular expression on the tests' names")
    options = parser.parse_args()
    build = os.path.abspath(options.build)

    tally, start = Tally(), time.monotonic()
    absent = [tool for tool in TOOLS if not os.access(os.path.join(build, "bin", tool), os.X_OK)]
    for tool in absent:
        tally.add("failed", tool, f"not built: no {os.path.join(build, 'bin', tool)}")
    for title, part in [("lit", run_lit), ("unit tests", run_unit_tests),
                        ("golden cases", run_goldens)]:
        print(f"== {title}", flush=True)
        if part is run_goldens and {"attune-run", "attune-zoo"} & set(absent):
            tally.add("failed", title, "their tools are not built")
            continue
        part(build, options.filter, tally)

    print("== results")
    for name, reason in tally.failed:
        print(f"FAILED: {name}: {reason}")
    for reason in sorted({reason for _, reason in tally.skipped}):
        names = [name for name, other in tally.skipped if other == reason]
        print(f"skipped, {reason}: {', '.join(names)}")
    ran = len(tally.passed) + len(tally.failed)
    if ran == 0:
        print("no test ran")
    print(f"took {time.monotonic() - start:.0f} s")
    print(f"{len(tally.passed)} passed, {len(tally.failed)} failed, {len(tally.skipped)} skipped")
    return 0 if ran and not tally.failed else 1


if __name__ == "__main__":
    sys.exit(main())
