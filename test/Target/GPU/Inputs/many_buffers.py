# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints a module with 60 buffers: in one launch, as ops over the same rows, or as independent sums.

usage: many_buffers.py launch|rows|sums
"""
import sys

COUNT = 60
launch = sys.argv[1] == "launch"
type_ = "memref<?x4x4xf32>"
attributes = "" if launch else ' {attune.dims = ["N", "", ""]}'
arguments = ", ".join(f"%a{i}: {type_}{attributes}" for i in range(COUNT))
if launch:
    plain = ", ".join(f"%b{i}: {type_}" for i in range(COUNT))
    passed = ", ".join(f"%a{i} : {type_}" for i in range(COUNT))
    print(f"""module attributes {{gpu.container_module}} {{
  gpu.module @kernels {{
    gpu.func @wide({plain}) kernel {{
      gpu.return
    }}
  }}
  func.func @run({arguments}) {{
    %c1 = arith.constant 1 : index
    gpu.launch_func @kernels::@wide blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args({passed})
    return
  }}
}}""")
elif sys.argv[1] == "sums":
    print("func.func @sums(" + ", ".join(f"%x{i}: memref<?xf32>, %y{i}: memref<f32>" for i in range(COUNT)) + ") {")
    for i in range(COUNT):
        print(f"  linalg.reduce {{ arith.addf }} ins(%x{i} : memref<?xf32>) outs(%y{i} : memref<f32>) dimensions = [0]")
    print("  return\n}")
else:
    print(f"func.func @rows({arguments}) {{\n  %zero = arith.constant 0.0 : f32")
    for i in range(COUNT):
        print(f"  linalg.fill ins(%zero : f32) outs(%a{i} : {type_})")
    print("  return\n}")
