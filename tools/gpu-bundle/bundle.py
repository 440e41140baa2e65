#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Fills a folder with what a GPU machine needs that has a driver and Python only.

usage: bundle.py --build=build --goldens=<folder> <out>    (see `tools/dev gpu-bundle`)

Programs of the golden cases and of attune-bench's workloads for --chip, attune-run with its library, the
cases' data, and run.py, which runs it all there.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def fail(text):
    sys.exit(f"gpu-bundle: error: {text}")


def call(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        fail(f"`{' '.join(command)}` ended with {done.returncode}: {done.stderr or done.stdout}")
    return done.stdout


def golden_programs(options, out):
    """Compiles the cases and copies their data; returns what run.py needs of each."""
    programs, report = os.path.join(out, "goldens"), os.path.join(out, "cases.json")
    call(sys.executable, os.path.join(ROOT, "test", "EndToEnd", "goldens.py"), "--bin",
         os.path.join(options.build, "bin"), "--goldens", options.goldens, "--target", options.target,
         "--filter", options.filter, "--keep", programs, "--compile-only", "--chip", options.chip, "--cpu", options.cpu,
         "--precision", options.precision, "--json", report)
    with open(report) as file:
        results = json.load(file)
    names, cases = {}, []

    def copied(path):
        """Data files stand once, under a number."""
        if path not in names:
            names[path] = os.path.join("data", f"{len(names)}.safetensors")
            shutil.copyfile(path, os.path.join(out, names[path]))
        return names[path]

    for result in results:
        if result["result"] != "passed":
            continue
        needs = result["reason"]
        cases.append({"name": result["name"], "program": os.path.join("goldens", needs["program"]),
                      "binds": [copied(path) for path in needs["binds"]],
                      "expect": copied(needs["expect"]), "unit": needs["unit"], "limit": needs["limit"]})
    for name in os.listdir(programs):
        if not name.endswith(".so"):
            os.remove(os.path.join(programs, name))
    with open(report, "w") as file:
        json.dump(cases, file, indent=1)
    return cases


def bench_programs(options, out):
    share = os.path.join(options.build, "share", "attune", "bench")
    sys.path.insert(0, share)
    from workloads import WORKLOADS
    folder = os.path.join(out, "programs")
    os.makedirs(folder)
    tool = lambda name: os.path.join(options.build, "bin", name)
    chosen = [workload for workload in WORKLOADS if re.fullmatch(options.workloads, workload.name)]
    for workload in chosen:
        source = os.path.join(share, workload.name + ".mlir")
        if workload.is_model:
            source = os.path.join(folder, workload.name + ".mlir")
            call(tool("attune-zoo"), *workload.zoo, "-o", source)
        call(tool("attune-compile"), source, f"--target={options.target}", f"--cpu={options.cpu}",
             *([f"--chip={options.chip}"] if options.chip else []),
             *([f"--precision={options.precision}"] if options.precision else []), "-o",
             os.path.join(folder, workload.name + ".so"))
    shutil.copytree(share, os.path.join(out, "share", "attune", "bench"))
    return len(chosen)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", help="a folder that is not there yet")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--goldens", default=os.path.join(os.path.dirname(ROOT), "shared", "golden"))
    parser.add_argument("--filter", default="", help="regular expression on the golden cases' names")
    parser.add_argument("--workloads", default=".*", help="regular expression for whole names")
    parser.add_argument("--cpu", default="x86-64-v3", help="processor of the other machine (default x86-64-v3)")
    parser.add_argument("--chip", default="", help="as for attune-compile, for target gpu")
    parser.add_argument("--precision", default="",
                        help="as for attune-compile; golden cases hold in f32 and tf32x3 only (default f32)")
    parser.add_argument("--target", default="gpu", choices=["gpu", "gpu-emulator", "cpu"],
                        help="another target tries the bundle out where there is no GPU")
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)
    if options.target == "gpu" and not options.chip:
        options.chip = "sm_80,sm_90"
    if os.path.exists(options.out):
        fail(f"`{options.out}` is there already")
    # Whoever sees the folder sees all of it.
    out = options.out.rstrip("/") + ".part"
    shutil.rmtree(out, ignore_errors=True)
    for folder in ("bin", "lib", "data"):
        os.makedirs(os.path.join(out, folder))
    for name in ("attune-run", "attune-bench"):
        shutil.copy2(os.path.join(options.build, "bin", name), os.path.join(out, "bin", name))
    shutil.copy2(os.path.join(options.build, "lib", "libAttuneRuntime.so"), os.path.join(out, "lib"))
    shutil.copyfile(os.path.join(HERE, "run.py"), os.path.join(out, "run.py"))
    cases = golden_programs(options, out) if os.path.isdir(options.goldens) else []
    workloads = bench_programs(options, out)
    os.rename(out, options.out)
    print(f"{len(cases)} golden cases and {workloads} workloads for {options.chip or options.target} in "
          f"{options.out}; there: python3 run.py")


if __name__ == "__main__":
    main()
