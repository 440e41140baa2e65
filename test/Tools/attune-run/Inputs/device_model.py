# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a model of one elementwise kernel with two arguments."""
import sys

with open(sys.argv[1], "w") as file:
    file.write("""
func.func @sum(%x: tensor<?xf32> {attune.name = "x", attune.dims = ["N"]},
               %y: tensor<?xf32> {attune.name = "y", attune.dims = ["N"]})
    -> (tensor<?xf32> {attune.name = "z", attune.dims = ["N"]}) {
  %z = arith.addf %x, %y : tensor<?xf32>
  return %z : tensor<?xf32>
}
""")
