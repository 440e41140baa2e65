# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles each function of docs/spec/functions.md on its own and checks its bound over float32.

usage: math_sweep.py [--folder=<scratch>] [--cxx=<compiler>] [--cpu=<name>] [--every=<n>] [function ..]

The bounds are those that the page states. --every=1, the default, tries all 2^32 floats.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
ROW = re.compile(r"^\| `(\w+)` \| [^|]* \| ([\d.]+) \|")

# The body of each function of %x (and %y).
BODIES = {name: f"%r = math.{name} %x : f32" for name in
          ["exp", "exp2", "expm1", "log", "log2", "log1p", "tanh", "erf"]}
BODIES["exp_nonpositive"] = "%r = math.exp %x {attune.nonpositive} : f32"
BODIES["sigmoid"] = """%one = arith.constant 1.0 : f32
    %m = arith.negf %x : f32
    %e = math.exp %m : f32
    %s = arith.addf %one, %e : f32
    %r = arith.divf %one, %s : f32"""
BODIES["quotient"] = """%c = arith.constant 3.0 : f32
    %b = arith.constant 0.25 : f32
    %e = math.exp %x : f32
    %s = arith.addf %e, %b : f32
    %r = arith.divf %c, %s : f32"""
BODIES["pow"] = "%r = math.powf %x, %y : f32"
BODIES["pow_of_constant"] = """%base = arith.constant 0.8 : f32
    %r = math.powf %base, %x : f32"""

FUNCTION = """
func.func @math_{name}(%first: tensor<?xf32> {{attune.name = "a", attune.dims = ["N"]}},
    %second: tensor<?xf32> {{attune.name = "b", attune.dims = ["N"]}})
    -> (tensor<?xf32> {{attune.name = "out", attune.dims = ["N"]}}) {{
  %zero = arith.constant 0 : index
  %n = tensor.dim %first, %zero : tensor<?xf32>
  %init = tensor.empty(%n) : tensor<?xf32>
  %out = linalg.generic {{indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>,
      affine_map<(i) -> (i)>], iterator_types = ["parallel"]}}
      ins(%first, %second : tensor<?xf32>, tensor<?xf32>) outs(%init : tensor<?xf32>) {{
  ^bb0(%x: f32, %y: f32, %o: f32):
    {body}
    linalg.yield %r : f32
  }} -> tensor<?xf32>
  return %out : tensor<?xf32>
}}
"""


def stated_bounds():
    with open(os.path.join(ROOT, "docs", "spec", "functions.md"), encoding="utf-8") as page:
        rows = [match.groups() for match in map(ROW.match, page) if match]
    return {name: bound for name, bound in rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", help="where the compiled files go (default: a temporary one)")
    parser.add_argument("--cxx", default="clang++-22")
    parser.add_argument("--cpu", action="append", help="attune-compile's --cpu, repeatable")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("functions", nargs="*")
    options = parser.parse_args()

    bounds = stated_bounds()
    unknown = sorted(set(options.functions) - set(bounds)) + sorted(set(BODIES) ^ set(bounds))
    if unknown or options.every < 1:
        sys.exit(f"math_sweep.py: error: --every below 1, or functions that docs/spec/functions.md and this "
                 f"script do not both have: {', '.join(unknown)}")
    names = options.functions or list(bounds)
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or scratch
        os.makedirs(folder, exist_ok=True)
        module, program = os.path.join(folder, "math.mlir"), os.path.join(folder, "MathSweep")
        with open(module, "w", encoding="utf-8") as file:
            file.writelines(FUNCTION.format(name=name, body=BODIES[name]) for name in names)
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "MathSweep.cpp")
        subprocess.run([options.cxx, "-std=c++20", "-O2", source, "-o", program, "-ldl", "-pthread"],
                       check=True)
        # The sweep has threads of its own.
        environment = dict(os.environ, OMP_NUM_THREADS="1")
        failures = 0
        for cpu in options.cpu or ["native"]:
            print(f"--cpu={cpu}", flush=True)
            library = os.path.join(folder, f"math-{cpu}.so")
            subprocess.run(["attune-compile", module, "-o", library, f"--cpu={cpu}"], check=True)
            failures += subprocess.run([program, library, str(options.every)] +
                                       [f"{name}={bounds[name]}" for name in names],
                                       env=environment).returncode != 0
    print(f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
