#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs what bundle.py has put into this folder, on a machine with a GPU: first the golden cases, then
attune-bench's workloads, next to PyTorch with --compare.

Rows go to rows.jsonl. Exit code 0 only if every case holds.
"""
import argparse
import json
import math
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def run_case(case, environment):
    """An error, or None, and a note."""
    command = [os.path.join(HERE, "bin", "attune-run"), os.path.join(HERE, case["program"]),
               *(f"--bind={os.path.join(HERE, path)}" for path in case["binds"]),
               f"--expect={os.path.join(HERE, case['expect'])}", "--json", "--rtol=0", "--atol=0"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)
    try:
        report = json.loads(done.stdout.strip().splitlines()[-1])
        errors = report["errors"].values()
        worst = max(error["abs"] if error[case["unit"]] is None else error[case["unit"]] for error in errors)
    except (ValueError, KeyError, IndexError, TypeError):
        return f"attune-run ended with {done.returncode}: {done.stderr.strip()[:500]}", ""
    note = f"error {worst:.1e} {case['unit']}, at most {case['limit']:.0e}"
    if "device" in report:
        note += f", {report['device']['ms']:.3f} ms, {report['device']['launches']} launches"
    return (None if math.isfinite(worst) and worst <= case["limit"] else "too far off"), note


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=["goldens", "bench"])
    parser.add_argument("--compare", action="store_true", help="also run PyTorch")
    parser.add_argument("--precision", default="f32", help="what the bundle was made for; named in the rows")
    parser.add_argument("--target", default="gpu", help="gpu, or what the bundle was made for")
    parser.add_argument("bench", nargs="*", help="further options of attune-bench, after --")
    options = parser.parse_args()
    environment = {**os.environ, "LD_LIBRARY_PATH": os.path.join(HERE, "lib") + os.pathsep +
                   os.environ.get("LD_LIBRARY_PATH", "")}
    failed = 0
    if options.only != "bench":
        with open(os.path.join(HERE, "cases.json")) as file:
            cases = json.load(file)
        for case in cases:
            error, note = run_case(case, environment)
            failed += error is not None
            print(f"{'failed' if error else 'passed'}: {case['name']}: {note} {error or ''}".rstrip(), flush=True)
        print(f"golden cases: {len(cases) - failed} passed, {failed} failed", flush=True)
    if options.only != "goldens":
        command = [sys.executable, os.path.join(HERE, "bin", "attune-bench"), "--programs",
                   os.path.join(HERE, "programs"), "--json",
                   f"--precision={options.precision}", *(["--target=gpu"] if options.target == "gpu" else []),
                   *(["--compare"] if options.compare else []), *options.bench]
        with open(os.path.join(HERE, "rows.jsonl"), "a") as rows:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
            for line in process.stdout:
                print(line, end="", flush=True)
                rows.write(line)
            failed += process.wait() != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
