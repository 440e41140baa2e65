# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes inputs of blocks.mlir: good ones, a table that is too short, a class that is too large."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, os.pardir, "Inputs"))
import tensorfile

for name, classes in {"good": [1, 0, 0, 1, 6], "short": [1, 0, 0, 1], "large": [1, 0, 0, 7, 6], "negative": [-1, 0, 0, 1, 6]}.items():
    tensorfile.write(os.path.join(sys.argv[1], name + ".safetensors"),
                     {"x": ("F32", [3, 4], range(12)), "graph_offsets": ("I64", [4], [0, 2, 2, 3]),
                      "classes": ("I64", [len(classes)], classes)})
tensorfile.write(os.path.join(sys.argv[1], "expect.safetensors"),
                 {"y": ("F32", [3, 4], [*range(8), 48, 54, 60, 66])})
