# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The main kernels as cubins for two chips: attention with sigmoid and softmax, a product of matrices, in
each precision.

usage: main_kernels.py <folder>
"""
import os
import subprocess
import sys

ATTENTION = """
func.func @attention(%q: tensor<?x64xf32> {{attune.name = "q", attune.dims = ["N", ""]}},
                     %k: tensor<?x64xf32> {{attune.name = "k", attune.dims = ["N", ""]}},
                     %v: tensor<?x64xf32> {{attune.name = "v", attune.dims = ["N", ""]}})
    -> (tensor<?x64xf32> {{attune.name = "out", attune.dims = ["N", ""]}})
    attributes {{attune.sizes = {{N = "rows"}}}} {{
  %out = attn.attention %q, %k, %v kernel = "{}" normalize = "{}"
      : tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>
  return %out : tensor<?x64xf32>
}}
"""
PRODUCT = """
func.func @product(%a: tensor<?x64xf32> {attune.name = "a", attune.dims = ["N", ""]},
                   %b: tensor<64x64xf32> {attune.name = "b"})
    -> (tensor<?x64xf32> {attune.name = "out", attune.dims = ["N", ""]}) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a, %c0 : tensor<?x64xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%n) : tensor<?x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x64xf32>) -> tensor<?x64xf32>
  %out = linalg.matmul ins(%a, %b : tensor<?x64xf32>, tensor<64x64xf32>)
      outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %out : tensor<?x64xf32>
}
"""
for name, text in [("sigmoid", ATTENTION.format("sigmoid", "rows")),
                   ("softmax", ATTENTION.format("exp", "softmax")), ("product", PRODUCT)]:
    path = os.path.join(sys.argv[1], name)
    with open(path + ".mlir", "w") as file:
        file.write(text)
    for chip in ("sm_80", "sm_90"):
        for precision in ("f32", "tf32x3", "tf32", "bf16"):
            suffix = "" if precision == "f32" else "-" + precision
            subprocess.run(["attune-compile", path + ".mlir", "--target=gpu", f"--chip={chip}",
                            f"--precision={precision}", "-o", f"{path}{suffix}-{chip}.cubin"], check=True)
