# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints a module with one long expression over a dot product of N rows.

usage: long_plans.py adds|terms|streams|doublings|composes|squarings|products|maps <number>
"""
import sys

kind, number = sys.argv[1], int(sys.argv[2])
lines = []
for i in range(number):
    last = f"%m{i}"
    operands = {"adds": f"{last}, %g", "terms": f"{last}, %t{i}", "streams": f"{last}, %t{i}", "doublings": f"{last}, {last}", "composes": f"{last}, %g",
                "squarings": f"{last}, {last}", "products": f"{last}, {last}", "maps": last}[kind]
    if kind in ["terms", "streams"]:
        function = "math.tanh %x" if kind == "streams" else "arith.mulf %x, %c"
        lines.append(f"  %t{i} = attn.map %g : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {{\n"
                     f"  ^bb0(%x: f32):\n    %c = arith.constant {i + 2}.0 : f32\n    %z = {function} : f32\n"
                     "    %y = arith.addf %z, %c : f32\n    attn.yield %y : f32\n  }")
    op = {"adds": "add", "terms": "add", "streams": "add", "doublings": "add", "composes": "compose", "squarings": "compose",
          "products": "hadamard", "maps": "map"}[kind]
    types = ", ".join(["!attn.matrix<?x?xf32>"] * (1 if kind == "maps" else 2))
    if kind == "maps":
        lines.append(f"  %m{i + 1} = attn.map {operands} : ({types}) -> !attn.matrix<?x?xf32> {{\n"
                     "  ^bb0(%x: f32):\n    %c = arith.constant 0.5 : f32\n    %y = arith.addf %x, %c : f32\n"
                     "    attn.yield %y : f32\n  }")
    else:
        lines.append(f"  %m{i + 1} = attn.{op} {operands} : {types}")
print(f"""func.func @f(%q: tensor<?x4xf32> {{attune.name = "q", attune.dims = ["N", ""]}},
             %k: tensor<?x4xf32> {{attune.name = "k", attune.dims = ["N", ""]}},
             %p: tensor<?x4xf32> {{attune.name = "p", attune.dims = ["N", ""]}},
             %v: tensor<?x3xf32> {{attune.name = "v", attune.dims = ["N", ""]}}) -> (tensor<?x3xf32> {{attune.name = "out"}}) {{
  %m0 = attn.dot %q, %k : tensor<?x4xf32>, tensor<?x4xf32>
  %g = attn.dot %p, %k : tensor<?x4xf32>, tensor<?x4xf32>
""" + "\n".join(lines) + f"""
  %out = attn.apply %m{number}, %v : !attn.matrix<?x?xf32>, tensor<?x3xf32>
  return %out : tensor<?x3xf32>
}}""")
