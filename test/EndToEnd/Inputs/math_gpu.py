# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""exp, exp2 and the sigmoid of kernels, in ulp, next to the C library in double.

usage: math_gpu.py <scratch folder>

The emulator's exp2 and reciprocal are exact to about 1 ulp; what is left is the kernels' own arithmetic.
"""
import math
import os
import random
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Inputs"))
import tensorfile

MODEL = """
func.func @functions(%x: tensor<?xf32> {attune.name = "x", attune.dims = ["N"]})
    -> (tensor<?xf32> {attune.name = "exp"}, tensor<?xf32> {attune.name = "exp2"},
        tensor<?xf32> {attune.name = "sigmoid"}) {
  %e = math.exp %x : tensor<?xf32>
  %e2 = math.exp2 %x : tensor<?xf32>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %init = tensor.empty(%n) : tensor<?xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x : tensor<?xf32>) outs(%init : tensor<?xf32>) {
  ^bb0(%in: f32, %out: f32):
    %f1 = arith.constant 1.0 : f32
    %m = arith.negf %in : f32
    %p = math.exp %m : f32
    %d = arith.addf %f1, %p : f32
    %q = arith.divf %f1, %d : f32
    linalg.yield %q : f32
  } -> tensor<?xf32>
  return %e, %e2, %s : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
}
"""
TINY = 2.0 ** -126  # what is below may become 0
inf, nan = math.inf, math.nan


def f32(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def guarded(function, x):
    try:
        return function(x)
    except OverflowError:
        return inf


def sigmoid(x):
    return 1 / (1 + guarded(math.exp, -x)) if x > -700 else guarded(math.exp, x)


FUNCTIONS = {"exp": (lambda x: guarded(math.exp, x), 4), "exp2": (lambda x: guarded(lambda y: 2.0 ** y, x), 4),
             "sigmoid": (sigmoid, 6)}


def ulps(got, want):
    if math.isnan(want):
        return 0 if math.isnan(got) else inf
    if abs(want) > 3.4028234e38 * (1 + 2 ** -25):
        return 0 if got == math.copysign(inf, want) else inf
    if math.isnan(got) or math.isinf(got):
        return inf
    if want < TINY:
        return 0 if 0 <= got <= TINY else inf
    return abs(got - want) / 2.0 ** (math.frexp(want)[1] - 24)


scratch = sys.argv[1]
draw = random.Random(1)
xs = [nan, inf, -inf, 0.0, -0.0, 1e-40, -1e-40, 88.72, 88.73, 89.0, -87.33, -87.4, -88.8, -104.0, -150.0, 150.0,
      1e4, -1e4, 3e38, -3e38, 126.9, 127.99, 128.0, -126.0, -126.5, -149.0]
xs += [draw.uniform(-88, 88) for _ in range(20000)] + [draw.gauss(0, 1) for _ in range(20000)]
xs = [f32(x) for x in xs]
with open(scratch + "/m.mlir", "w") as file:
    file.write(MODEL)
tensorfile.write(scratch + "/x", {"x": ("F32", [len(xs)], xs)})
subprocess.run(["attune-run", scratch + "/m.mlir", "--target=gpu-emulator", "--bind", scratch + "/x", "-o",
                scratch + "/out"], check=True)
failed = 0
for name, (function, most) in FUNCTIONS.items():
    got = tensorfile.read(scratch + "/out", name)[1]
    worst, at = max((ulps(g, function(x)), x) for g, x in zip(got, xs) if not math.isnan(x))
    specials = [x for g, x in zip(got, xs) if math.isnan(x) and not math.isnan(g)]
    print(f"{name}: {worst:.2f} ulp at {at}")
    failed += worst > most or bool(specials)
sys.exit(failed)
