# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A batch of rings as inputs of `attune-zoo gradformer --in=7 --pe=20`.

usage: ragged.py <out.safetensors> <count>x<nodes> ..., e.g. 1x600 99x10
"""
import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tensorfile

rng = random.Random(1)
sizes = []
for part in sys.argv[2:]:
    count, nodes = part.split("x")
    sizes += [int(nodes)] * int(count)
offsets, sources, targets = [0], [], []
for n in sizes:
    begin = offsets[-1]
    for i in range(n):
        j = (i + 1) % n
        sources += [begin + i, begin + j]
        targets += [begin + j, begin + i]
    offsets.append(begin + n)
nodes = offsets[-1]
tensorfile.write(sys.argv[1], {
    "graph_offsets": ("I64", [len(offsets)], offsets),
    "edge_index": ("I64", [2, len(sources)], sources + targets),
    "x": ("F32", [nodes, 7], [rng.gauss(0, 1) for _ in range(7 * nodes)]),
    "pe": ("F32", [nodes, 20], [rng.random() for _ in range(20 * nodes)])})
print(f"{len(sizes)} graphs, {nodes} nodes, {sum(n * n for n in sizes)} pairs")
