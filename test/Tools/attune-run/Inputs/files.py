# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the tensor files of the attune-run tests into the folder argv[1]."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "..", "Inputs"))
import tensorfile

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)


def write(name, **tensors):
    tensorfile.write(os.path.join(folder, name + ".safetensors"), tensors)


x = [0.5 * i for i in range(12)]
write("x", x=("F32", [4, 3], x), unused=("U8", [2], [1, 2]))
write("x-again", x=("F64", [4, 3], x))
write("x-wide", x=("F32", [3, 4], x))
write("x-flat", x=("F32", [12], x))
write("x-int", x=("I64", [4, 3], range(12)))
write("x-nan", x=("F32", [4, 3], x[:4] + [float("nan")] + x[5:]))
write("graph", edge_index=("I64", [2, 2], [0, 1, 3, 3]), edge_weight=("F32", [2], [1, 1]),
      graph_offsets=("I64", [2], [0, 4]))
write("edge-range", edge_index=("I64", [2, 2], [0, 1, 3, 9]), edge_weight=("F32", [2], [1, 1]),
      graph_offsets=("I64", [2], [0, 4]))
write("edge-count", edge_index=("I64", [2, 2], [0, 1, 3, 3]), edge_weight=("F32", [3], [1, 1, 1]),
      graph_offsets=("I64", [2], [0, 4]))
write("no-offsets", edge_index=("I64", [2, 2], [0, 1, 3, 3]), edge_weight=("F32", [2], [1, 1]),
      graph_offsets=("I64", [0], []))
write("good", y=("F64", [4, 3], [2 * v for v in x]), degrees=("I64", [4], [0, 0, 0, 2]),
      inner=("F32", [1], [0]))
write("bad", y=("F64", [4, 3], [2 * v for v in x[:-1]] + [11.25]))
write("bad-shape", y=("F64", [3, 4], [2 * v for v in x]))
write("other", z=("F32", [1], [0]))
with open(os.path.join(folder, "x.safetensors"), "rb") as good:
    data = good.read()
with open(os.path.join(folder, "cut.safetensors"), "wb") as cut:
    cut.write(data[:-1])
