# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes 77 rows of q and v, NaN and infinity in a few, and edges. usage: masked_values.py <file>"""
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Inputs"))
import tensorfile

rows, width, edges = 77, 8, 300
draw = random.Random(1)
q = [draw.gauss(0, 1) for _ in range(rows * width)]
v = [draw.gauss(0, 1) for _ in range(rows * width)]
q[60 * width] = v[50 * width + 3] = float("nan")
v[20 * width + 1] = float("inf")
ends = [draw.randrange(rows) for _ in range(2 * edges)]
tensorfile.write(sys.argv[1], {"q": ("F32", [rows, width], q), "v": ("F32", [rows, width], v),
                               "edge_index": ("I64", [2, edges], ends)})
