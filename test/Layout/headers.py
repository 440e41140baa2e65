#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles each public header alone, with all warnings as errors.

Public headers are those of include/attune. Prints what the compiler says of those that fail, and
`N headers compile alone` at the end.
"""
import argparse
import concurrent.futures
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--build", required=True, help="where generated headers are")
    parser.add_argument("--system", action="append", default=[], help="include folder of LLVM")
    parser.add_argument("--std", default="c++17")
    parser.add_argument("--root", default=ROOT)
    parser.add_argument("--only", default="", help="folder below include/attune")
    options = parser.parse_args()
    include = os.path.join(options.root, "include")
    headers = sorted(os.path.relpath(os.path.join(folder, name), include)
                     for folder, _, names in os.walk(os.path.join(include, "attune", options.only))
                     for name in names if name.endswith(".h"))

    def check(header):
        command = [options.compiler, f"-std={options.std}", "-fsyntax-only", "-Wall", "-Wextra", "-Werror",
                   "-Wno-unused-parameter", f"-I{include}", f"-I{os.path.join(options.build, 'include')}"]
        # What the runtime offers compiles without LLVM.
        if not header.startswith("attune/Runtime/"):
            command += [flag for folder in options.system for flag in ("-isystem", folder)]
        done = subprocess.run([*command, "-x", "c++", "-"], input=f'#include "{header}"\n',
                              capture_output=True, text=True)
        return header, done.stderr if done.returncode else ""

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for header, text in pool.map(check, headers):
            if text:
                failed += 1
                print(f"{header} does not compile alone:\n{text}")
    if failed or not headers:
        print(f"{failed} of {len(headers)} headers fail")
        return 1
    print(f"{len(headers)} headers compile alone")
    return 0


if __name__ == "__main__":
    sys.exit(main())
