#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What NVIDIA's own tools say of compiled kernels.

  sass.py tools                  prints the tools that are found: ptxas, nvdisasm
  sass.py spills <file.ptx> ..   assembles for sm_80 and sm_90; every kernel with spills is an error
  sass.py loops <file.cubin> ..  of each innermost loop with many multiply-adds (--of=FFMA, or HMMA for
                                 matrix units) their share of its instructions; below --share (85) is an
                                 error

nvdisasm is looked for on the path, beside ptxas and in Python packages (nvidia-cuda-nvdisasm, triton).
"""
import argparse
import glob
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile

FEWEST = 16  # multiply-adds of a loop that counts


def find(name):
    folders = [os.environ.get(variable, "") + "/bin" for variable in ("CUDA_HOME", "CUDA_PATH")]
    folders.append("/usr/local/cuda/bin")
    for folder in {sysconfig.get_paths()["purelib"], *sys.path}:
        folders += glob.glob(os.path.join(folder, "nvidia", "*", "bin"))
        folders += glob.glob(os.path.join(folder, "triton", "backends", "nvidia", "bin"))
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(folders))


def spills(files):
    errors = 0
    for path in files:
        for chip in ("sm_80", "sm_90"):
            with tempfile.TemporaryDirectory() as folder:
                done = subprocess.run([find("ptxas"), "-arch=" + chip, "-v", path, "-o", folder + "/cubin"],
                                      capture_output=True, text=True)
            if done.returncode:
                print(f"{path}: {chip}: {done.stderr[:500]}")
                errors += 1
                continue
            kernels = re.findall(r"Function properties for (\w+)\n.*?(\d+) bytes spill stores, (\d+) bytes"
                                 r" spill loads", done.stderr)
            bad = [name for name, stores, loads in kernels if (stores, loads) != ("0", "0")]
            most = max(map(int, re.findall(r"Used (\d+) registers", done.stderr)), default=0)
            errors += len(bad)
            print(f"{os.path.basename(path)}: {chip}: {len(kernels)} kernels, at most {most} registers, "
                  f"{len(bad)} with spills {' '.join(bad)}".rstrip())
            if not kernels:
                print("error: ptxas reports no kernel")
                errors += 1
    return errors


def functions(text):
    """name -> (instructions, labels)"""
    found, name = {}, None
    for line in text.splitlines():
        if match := re.match(r"\.text\.(\w+):", line):
            name = match[1]
            found[name] = ([], {})
        elif name and (match := re.match(r"\s*(\.L_x_\d+):", line)):
            found[name][1][match[1]] = len(found[name][0])
        elif name and (match := re.match(r"\s*/\*[0-9a-f]+\*/\s+(?:@!?U?P\w+\s+)?([A-Z][\w.]*)(.*);", line)):
            found[name][0].append((match[1], match[2]))
    return found


def innermost(instructions, labels):
    loops = []
    for i, (name, arguments) in enumerate(instructions):
        target = re.search(r"\.L_x_\d+", arguments)
        if name.startswith("BRA") and target and labels.get(target[0], i) < i:
            loops.append((labels[target[0]], i))
    return [(b, e) for b, e in loops
            if not any(b <= x and y <= e and (b, e) != (x, y) for x, y in loops)]


def loops(files, share, of):
    errors = counted = 0
    for path in files:
        text = subprocess.run([find("nvdisasm"), "-c", path], capture_output=True, text=True,
                              check=True).stdout
        seen = set()
        for kernel, (instructions, labels) in functions(text).items():
            for begin, end in innermost(instructions, labels):
                body = [name for name, _ in instructions[begin:end + 1]]
                multiply = sum(name.startswith(of) for name in body)
                if multiply < FEWEST:
                    continue
                percent = 100 * multiply / len(body)
                kind = re.sub(r"\d+", "", kernel)
                if (kind, multiply, len(body)) in seen:
                    continue
                seen.add((kind, multiply, len(body)))
                counted += 1
                print(f"{os.path.basename(path)}: {kernel}: {multiply} {of} of {len(body)}, "
                      f"{percent:.1f} %")
                errors += percent < share
    if not counted:
        print("error: no loop with multiply-adds is found")
    return errors or not counted


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["tools", "spills", "loops"])
    parser.add_argument("files", nargs="*")
    parser.add_argument("--share", type=float, default=85)
    parser.add_argument("--of", default="FFMA")
    options = parser.parse_intermixed_args()
    if options.what == "tools":
        print(*(name for name in ("ptxas", "nvdisasm") if find(name)))
        return 0
    errors = spills(options.files) if options.what == "spills" else loops(options.files, options.share,
                                                                            options.of)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
