#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Breaks kernels in one place at a time and expects the emulator to say so, with the line.

The kernels are those that attune-compile prints after stage `kernels`. Every fault must give exit code
70, a report of the kind that belongs to it, and a line of the kernel's file: the line of the fault itself
where the report is about it. The kernels as they are must give no report and the CPU's results.
"""
import concurrent.futures
import os
import re
import subprocess
import sys

ATTENTION = """
func.func @attention(%q: tensor<?x16xf32> {attune.name = "q", attune.dims = ["N", ""]},
                     %k: tensor<?x16xf32> {attune.name = "k", attune.dims = ["N", ""]},
                     %v: tensor<?x16xf32> {attune.name = "v", attune.dims = ["N", ""]})
    -> (tensor<?x16xf32> {attune.name = "out", attune.dims = ["N", ""]})
    attributes {attune.sizes = {N = "rows"}} {
  %out = attn.attention %q, %k, %v kernel = "sigmoid" normalize = "rows"
      : tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>
  return %out : tensor<?x16xf32>
}
"""
PRODUCT = """
func.func @product(%a: tensor<?x40xf32> {attune.name = "a", attune.dims = ["N", ""]},
                   %b: tensor<40x24xf32> {attune.name = "b"})
    -> (tensor<?x24xf32> {attune.name = "out", attune.dims = ["N", ""]}) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a, %c0 : tensor<?x40xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%n) : tensor<?x24xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x24xf32>) -> tensor<?x24xf32>
  %out = linalg.matmul ins(%a, %b : tensor<?x40xf32>, tensor<40x24xf32>)
      outs(%init : tensor<?x24xf32>) -> tensor<?x24xf32>
  return %out : tensor<?x24xf32>
}
"""
NORM = """
func.func @norm(%a: tensor<?x70xf32> {attune.name = "a", attune.dims = ["N", ""]},
                %w: tensor<70xf32> {attune.name = "w"}, %b: tensor<70xf32> {attune.name = "b"})
    -> (tensor<?x70xf32> {attune.name = "out", attune.dims = ["N", ""]})
    attributes {attune.sizes = {N = "rows"}} {
  %out = nn.layer_norm %a, %w, %b : tensor<?x70xf32>, tensor<70xf32>, tensor<70xf32>
  return %out : tensor<?x70xf32>
}
"""
NEWTON = """
func.func @newton(%a: tensor<?x2x9x9xf32> {attune.name = "a", attune.dims = ["N", "", "", ""]})
    -> (tensor<?x2x9x9xf32> {attune.name = "out", attune.dims = ["N", "", "", ""]})
    attributes {attune.sizes = {N = "batch"}} {
  %out = nn.newton_inverse %a {iterations = 4 : i64, ridge = 8.0 : f64} : tensor<?x2x9x9xf32>
  return %out : tensor<?x2x9x9xf32>
}
"""
ROWS = 132  # no multiple of a tile

# What is read or written too early: from the other side of a barrier, from a copy that is on its way,
# or where nothing has been written yet.
ORDER = "race|uninitialised|unfinished"
DIVERGED = "divergent|threads (ended|wait)|not all"


class Kernel:
    """The lines of the kernel whose name holds `name`, in the file's lines."""

    def __init__(self, lines, name):
        self.lines = lines
        self.begin = next(i for i, line in enumerate(lines) if "gpu.func" in line and name in line)
        self.end = next(i for i in range(self.begin, len(lines)) if "gpu.return" in lines[i])

    def find(self, pattern):
        return [i for i in range(self.begin, self.end) if re.search(pattern, self.lines[i])]


def without(at):
    def edit(lines):
        lines[at] = ""
        return at
    return edit


def replaced(at, pattern, text):
    def edit(lines):
        changed = re.sub(pattern, text, lines[at])
        assert changed != lines[at], lines[at]
        lines[at] = changed
        return at
    return edit


def all_of(*edits):
    def edit(lines):
        return [one(lines) for one in edits][0]
    return edit


def around(at, condition):
    """The op in line `at` only where the condition on the thread holds, all in one line."""
    def edit(lines):
        lines[at] = (f"%seed_limit = arith.constant {condition} : index "
                     "%seed = arith.cmpi ult, %thread_id_x, %seed_limit : index "
                     f"scf.if %seed {{ {lines[at].strip()} }}")
        return at
    return edit


def faults_of_attention(lines):
    kernel = Kernel(lines, "stream")
    barriers, waits = kernel.find("gpu.barrier"), kernel.find("async_wait")
    copies = kernel.find("device_async_copy")
    comparisons = kernel.find(r"cmpi slt")
    outputs = [i for i in comparisons if "scf.if" in lines[i + 1]]
    inputs = [i for i in comparisons if re.search(r"arith.select %\d+, %\d+, %c0", lines[i + 1])]
    assert len(barriers) == 4 and len(waits) == 3 and outputs and inputs, "the kernel has changed"
    for number, at in enumerate(barriers):
        yield f"barrier {number} removed", without(at), ORDER, False
    yield "wait for rhs too short", replaced(waits[0], "= 1 ", "= 2 "), "copy", False
    yield "wait for values too short", replaced(waits[1], "= 1 ", "= 2 "), "copy", False
    yield "first copy of values missing", without(copies[2]), "uninitialised", False
    clamps = kernel.find(r"arith.minsi .*: index")
    yield ("output tails off by one", all_of(*(replaced(at, "slt", "sle") for at in outputs)),
           "out of bounds|outside", False)
    # The row is clamped as well, so that the copy's tail alone changes nothing.
    yield ("input tails off by one",
           all_of(*(replaced(at, "slt", "sle") for at in inputs),
                  *(replaced(at, "minsi (%\\w+), (%\\w+)", r"maxsi \1, \1") for at in clamps)),
           "out of bounds|outside", False)
    yield "barrier of half of the threads", around(barriers[1], 64), DIVERGED, True


def faults_of_product(lines):
    kernel = Kernel(lines, "product")
    barriers, waits = kernel.find("gpu.barrier"), kernel.find("async_wait")
    outputs = [i for i in kernel.find("cmpi slt") if "scf.if" in lines[i + 1]]
    copies = kernel.find("device_async_copy")
    assert len(barriers) == 1 and len(waits) == 2, "the kernel has changed"
    yield "the step's barrier removed", without(barriers[0]), ORDER, False
    yield "wait for the step's tiles missing", without(waits[0]), "copy", False
    yield "tile of lhs missing", without(copies[0]), "uninitialised", False
    yield ("tails off by one", all_of(*(replaced(at, "slt", "sle") for at in outputs)),
           "out of bounds|outside", False)


def faults_of_norm(lines):
    kernel = Kernel(lines, "rows")
    barriers = kernel.find("bar.warp.sync")
    assert len(barriers) == 5, "the kernel has changed"
    # Between the mean and its use, between the variance and its use.
    yield "barrier of the warp after the mean removed", without(barriers[2]), "race", False
    yield "last barrier of the warp removed", without(barriers[-1]), "race", False
    shuffle = kernel.find("gpu.shuffle")[0]
    names = re.match(r"\s*(%\w+), (%\w+) = (gpu.shuffle .*)", lines[shuffle])

    def half(lines):
        lines[shuffle] = (f"%seed_limit = arith.constant 16 : index "
                          "%seed = arith.cmpi ult, %thread_id_x, %seed_limit : index "
                          f"{names[1]} = scf.if %seed -> f32 {{ %seed_v, %seed_ok = {names[3]} "
                          "scf.yield %seed_v : f32 } else { %seed_z = arith.constant 0.0 : f32 "
                          "scf.yield %seed_z : f32 }")
        return shuffle
    yield "shuffle of half of a warp", half, DIVERGED, True


def faults_of_newton(lines):
    kernel = Kernel(lines, "entries")
    barriers = kernel.find("gpu.barrier")
    loop = kernel.find(r"scf.for %\w+ = %c0 to %c4 step")[0]
    inside = [at for at in barriers if at > loop]
    assert len(inside) >= 5, "the kernel has changed"
    # In front of the products of the loop's matrices, and of the op that takes their result.
    for number in (1, 3, 4):
        yield f"barrier {number} of the loop removed", without(inside[number]), "race", False
    yield "barrier of the loop for half of the threads", around(inside[0], 128), DIVERGED, True


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def check(done, what):
    if done.returncode != 0:
        sys.exit(f"{what}: exit code {done.returncode}: {done.stderr}")


def try_fault(job):
    """An error text, or None."""
    folder, number, name, text, (what, edit, kind, at_fault) = job
    lines = text.splitlines()
    line = edit(lines) + 1
    path = os.path.join(folder, f"{name}{number}.mlir")
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")
    library = path[:-4] + "so"
    done = run("attune-compile", path, "--target=gpu-emulator", "--start-after=kernels", "-o", library)
    if done.returncode != 0:
        return f"{what}: does not compile: {done.stderr}"
    done = run("attune-run", library, "--random", f"N={ROWS}")
    first = done.stderr.splitlines()[:1]
    if done.returncode != 70:
        return f"{what}: exit code {done.returncode}, expected 70: {done.stderr}"
    place = rf"{os.path.basename(path)}:{line if at_fault else '[0-9]+'}:[0-9]+"
    if not re.search(place, done.stderr):
        return f"{what}: no line of the kernel ({place}) is named: {done.stderr}"
    if not re.search(kind, done.stderr):
        return f"{what}: no report of kind `{kind}`: {done.stderr}"
    print(f"caught in {name}: {what}: {first[0]}")
    return None


def main():
    folder = sys.argv[1]
    jobs = []
    for name, model, faults in [("attention", ATTENTION, faults_of_attention),
                                ("product", PRODUCT, faults_of_product),
                                ("norm", NORM, faults_of_norm), ("newton", NEWTON, faults_of_newton)]:
        path = os.path.join(folder, name)
        with open(path + ".mlir", "w") as file:
            file.write(model)
        check(run("attune-run", path + ".mlir", "--random", f"N={ROWS}", "-o", path + ".safetensors"),
              f"{name} on the CPU")
        check(run("attune-compile", path + ".mlir", "--target=gpu-emulator", "--stop-after=kernels",
                  "-o", path + "-kernels.mlir"), name)
        check(run("attune-compile", path + "-kernels.mlir", "--target=gpu-emulator",
                  "--start-after=kernels", "-o", path + ".so"), name)
        check(run("attune-run", path + ".so", "--random", f"N={ROWS}", "--expect",
                  path + ".safetensors"), f"{name} without a fault")
        with open(path + "-kernels.mlir") as file:
            text = file.read()
        for number, fault in enumerate(faults(text.splitlines())):
            jobs.append((folder, number, name, text, fault))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        errors = [error for error in pool.map(try_fault, jobs) if error]
    for error in errors:
        print(error)
    print(f"{len(jobs) - len(errors)} of {len(jobs)} faults caught")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
