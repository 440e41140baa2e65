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
TOOLS = ["attune-opt", "attune-compile", "attune-run", "attune-zoo", "attune-bench", "attune-lsp-server"]
# What tests call of LLVM, with its package.
LLVM_TOOLS = {"lit": "llvm-22-tools", "FileCheck": "llvm-22-tools", "not": "llvm-22-tools",
              "count": "llvm-22-tools", "mlir-opt": "mlir-22-tools", "mlir-tblgen": "mlir-22-tools",
              "llvm-nm": "llvm-22", "llvm-objdump": "llvm-22", "llvm-readobj": "llvm-22", "ld.lld": "lld-22"}
LIMIT_SECONDS = 1080  # for each part; a part that hangs must not hang the run
LONG_LIMIT_SECONDS = 6 * 3600  # the same with --long
SLOWEST = 15  # tests whose times are printed


class Tally:
    def __init__(self):
        self.passed, self.failed, self.skipped = [], [], []
        self.seconds = []  # (seconds, name) of tests that say how long they took

    def add(self, kind, name, reason=""):
        getattr(self, kind).append((name, reason))


def run(command, limit=LIMIT_SECONDS, **options):
    """The exit code; None when the time was up."""
    try:
        return subprocess.run(command, timeout=limit, **options).returncode
    except subprocess.TimeoutExpired:
        return None


def site_settings(build):
    """The paths in the build's lit.site.cfg.py by name."""
    with open(os.path.join(build, "test", "lit.site.cfg.py")) as file:
        return dict(re.findall(r'^config\.(\w+) = "(.*)"$', file.read(), re.M))


def missing_tools(build):
    """(tool, what is wrong with it) of all that is not there."""
    missing = []
    for tool in TOOLS:
        path = os.path.join(build, "bin", tool)
        if not os.access(path, os.X_OK):
            missing.append((tool, f"not built: no {path}"))
    try:
        settings = site_settings(build)
        folder, compilers = settings["llvm_tools_dir"], [settings["c_compiler"], settings["cxx_compiler"]]
    except (OSError, KeyError) as error:
        return missing + [("lit.site.cfg.py", f"the build is not configured: {error}")]
    for tool, package in LLVM_TOOLS.items():
        if not os.access(os.path.join(folder, tool), os.X_OK):
            missing.append((tool, f"not in {folder} (package {package})"))
    missing += [(os.path.basename(path), f"no compiler {path}") for path in compilers
                if not os.access(path, os.X_OK)]
    return missing


def run_lit(build, options, tally):
    pattern = options.filter
    try:
        lit = os.path.join(site_settings(build)["llvm_tools_dir"], "lit")
    except (OSError, KeyError):
        return  # reported as missing
    if not os.path.exists(lit):
        return
    report = os.path.join(build, "test", "lit.json")
    if os.path.exists(report):
        os.remove(report)
    command = [sys.executable, lit, "-v", "--order=lexical", "-j", str(os.cpu_count()),
               "-o", report, os.path.join(build, "test")]
    if pattern:
        command += ["--filter", pattern, "--allow-empty-runs"]
    if options.long:
        command += ["--param", "long=1"]
    code = run(command, LONG_LIMIT_SECONDS if options.long else LIMIT_SECONDS)
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
        if result not in ("EXCLUDED", "UNSUPPORTED", "SKIPPED"):
            tally.seconds.append((test.get("elapsed") or 0, name))
        if result in ("PASS", "XFAIL", "FLAKYPASS"):
            tally.add("passed", name)
        elif result == "EXCLUDED":
            continue
        elif result in ("UNSUPPORTED", "SKIPPED"):
            lines = [line for line in test.get("output", "").splitlines() if line.strip()]
            reason = lines[-1].strip() if lines else result.lower()
            # Whatever else a long test requires, it would be run with --long only.
            features = re.search(r"unavailable features: (.*)", reason)
            if features and "long" in features[1].split(", "):
                reason = "long"
            tally.add("skipped", name, reason)
        else:
            tally.add("failed", name, result.lower())
    if code not in (0, 1):
        tally.add("failed", "lit", f"ended with exit code {code}")


def run_unit_tests(build, options, tally):
    pattern = options.filter
    folder = os.path.join(build, "test", "unit")
    programs = sorted(entry.name for entry in os.scandir(folder)
                      if entry.is_file() and os.access(entry.path, os.X_OK)) if os.path.isdir(folder) else []
    if not programs:
        tally.add("failed", "unit tests", f"not built: no program in {folder}")
    for program in programs:
        path = os.path.join(folder, program)
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
                tally.seconds.append((float(test.get("time") or 0), name))
        if clean and code != 0:
            tally.add("failed", program, f"ended with exit code {code}")


def run_goldens(build, options, tally):
    pattern = options.filter
    goldens = os.path.join(os.path.dirname(ROOT), "shared", "golden")
    if not os.path.isdir(goldens):
        tally.add("skipped", "golden cases", "../shared/golden is not there")
        return
    with tempfile.TemporaryDirectory() as scratch:
        report = os.path.join(scratch, "report.json")
        command = [sys.executable, os.path.join(ROOT, "test", "EndToEnd", "goldens.py"),
                   "--bin", os.path.join(build, "bin"), "--goldens", goldens,
                   "--target", "cpu,gpu-emulator,reference", "--json", report]
        code = run(command + (["--filter", pattern] if pattern else []),
                   LONG_LIMIT_SECONDS if options.long else LIMIT_SECONDS)
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
    parser.add_argument("--long", action="store_true", help="run the tests with `REQUIRES: long`, too")
    parser.add_argument("--failed", action="append", default=[], metavar="STEP",
                        help="a step in front of the tests that has failed, and counts")
    options = parser.parse_args()
    build = os.path.abspath(options.build)

    tally, start = Tally(), time.monotonic()
    for step in options.failed:
        tally.add("failed", *step.split(", ", 1))
    missing = missing_tools(build)
    for tool, reason in missing:
        print(f"MISSING: {tool}: {reason}", flush=True)
        tally.add("failed", tool, reason)
    absent = {tool for tool, _ in missing}
    for title, part in [("lit", run_lit), ("unit tests", run_unit_tests),
                        ("golden cases", run_goldens)]:
        print(f"== {title}", flush=True)
        if part is run_goldens and {"attune-run", "attune-zoo"} & absent:
            tally.add("failed", title, "their tools are not built")
            continue
        part(build, options, tally)

    if tally.seconds:
        print("== slowest")
    for seconds, name in sorted(tally.seconds, reverse=True)[:SLOWEST]:
        print(f"{seconds:8.1f} s  {name}")
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
