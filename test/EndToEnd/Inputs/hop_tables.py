# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Graphs around the limits of a layout of hop distances.

usage: hop_tables.py <graphs.safetensors> [result.safetensors]

Writes the graphs, or checks the bytes of each pair in a result.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "Inputs"))
import tensorfile
from checked import check


def both_ways(edges):
    return edges + [(b, a) for a, b in edges]


def chain(n):
    return [(i, i + 1) for i in range(n - 1)]


def ring(n):
    return [(i, (i + 1) % n) for i in range(n)]


# (nodes, edges, bytes of a pair) of each graph.
GRAPHS = [
    (255, both_ways(chain(255)), 1),                     # no search
    (255, ring(255), 1),
    (256, both_ways(chain(256)), 2),                     # one path of 255
    (256, both_ways(chain(255)), 1),                     # 254, and one node alone
    (256, both_ways(ring(254)), 1),                      # 127 from every node
    (0, [], 1),
    (600, both_ways(ring(600)), 2),                      # 300 from every node
    (400, both_ways(ring(400)), 1),                      # 200: only searches from all nodes tell
    (300, ring(300), 2),                                 # one way: 299
    (300, ring(200) + [(200 + i, 0) for i in range(100)], 1),
    (300, [(0, i) for i in range(300)], 1),              # a star, one way
    (270, [(i, j) for i in range(270) for j in range(270)], 1),
    (3, chain(3), 1),
]

if len(sys.argv) == 2:
    offsets, sources, targets = [0], [], []
    for nodes, edges, _ in GRAPHS:
        sources += [offsets[-1] + a for a, _ in edges]
        targets += [offsets[-1] + b for _, b in edges]
        offsets.append(offsets[-1] + nodes)
    tensorfile.write(sys.argv[1], {
        "graph_offsets": ("I64", [len(offsets)], offsets),
        "edge_index": ("I64", [2, len(sources)], sources + targets),
        "x": ("F32", [offsets[-1]], [0.0] * offsets[-1])})
else:
    _, starts = tensorfile.read(sys.argv[2], "starts")
    sizes = [b - a for a, b in zip(starts, starts[1:])]
    check(sizes == [width * nodes * nodes for nodes, _, width in GRAPHS], "bytes of every graph")
