# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Batches of graphs with every edge case, on a compiled model.

usage: graph_batches.py <model.mlir> <model.so> <scratch prefix> [--couples]

1. Compiled code against the reference, on a batch with a chain of 600 nodes, a graph with no edges,
   an isolated node, one node, doubled edges, self loops, two components and an empty graph, and on an
   empty batch.
2. No graph sees another: what is changed in one graph (features of 1e30 and NaN, other edges, other
   positions) leaves the results of all others bitwise the same. Not asked with --couples, of models
   that couple graphs by definition.
3. 1 and 2 threads give bitwise equal results with --deterministic.
"""
import json
import os
import random
import re
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "Inputs"))
import tensorfile
from checked import check, run

model, program, prefix = sys.argv[1:4]
couples = "--couples" in sys.argv[4:]
rng = random.Random(11)


def both_ways(edges):
    return edges + [(b, a) for a, b in edges]


def ring(n):
    return both_ways([(i, (i + 1) % n) for i in range(n)])


# (nodes, edges) of each graph.
GRAPHS = [
    (600, both_ways([(i, i + 1) for i in range(599)])),     # a chain: paths longer than 510
    (5, []),                                                # no edges
    (7, ring(6)),                                           # node 6 is isolated
    (1, []),                                                # one node
    (0, []),                                                # no node
    (9, ring(9) + ring(9) + [(0, 4)] * 3),                  # doubled edges, some in one direction
    (6, ring(6) + [(i, i) for i in range(6)]),              # self loops
    (12, ring(5) + [(a + 5, b + 5) for a, b in ring(7)]),   # two components
    (1, [(0, 0)]),                                          # one node with a self loop
    (300, ring(300)),                                       # more than 255 nodes, no path over 150
]


def arguments_of(text):
    """name -> (dtype, shape as text) of the program's arguments."""
    pattern = r"argument (\S+) +(\w+) +\[([^\]]*)\](?:, each in \[0, (\w+)\))?"
    return {name: (dtype, dims.split(", "), limit)
            for name, dtype, dims, limit in re.findall(pattern, text)}


ARGUMENTS = arguments_of(run(program, "--describe"))


def weights():
    tensors = {}
    for name, (dtype, dims, _) in ARGUMENTS.items():
        if any(not dim.isdigit() for dim in dims):
            continue
        shape = [int(dim) for dim in dims]
        count = 1
        for size in shape:
            count *= size
        scale = 0.5 / (shape[-1] ** 0.5 if len(shape) > 1 else 1)
        values = [rng.gauss(0, scale) for _ in range(count)]
        if name.endswith("running_var"):
            values = [0.5 + rng.random() for _ in values]
        if name == "hop":
            values = [1.25 * (i + 1) for i in range(count)]
        tensors[name] = (dtype, shape, values)
    tensorfile.write(prefix + ".weights.safetensors", tensors)


def rows(name, count):
    """Random rows of an argument [rows, width] or [rows]."""
    dtype, dims, limit = ARGUMENTS[name]
    width = int(dims[1]) if len(dims) > 1 else 1
    if dtype == "F32":
        return [[rng.gauss(0, 0.5) for _ in range(width)] for _ in range(count)]
    return [[rng.randrange(int(limit))] for _ in range(count)]


class Batch:
    def __init__(self, graphs):
        self.graphs = graphs
        self.nodes = {name: [rows(name, n) for n, _ in graphs] for name in ("x", "pe") if name in ARGUMENTS}
        self.edges = {name: [rows(name, len(e)) for _, e in graphs]
                      for name in ("edge_attr", "edge_weight") if name in ARGUMENTS}

    def write(self, path):
        offsets, sources, targets = [0], [], []
        for n, edges in self.graphs:
            sources += [offsets[-1] + a for a, _ in edges]
            targets += [offsets[-1] + b for _, b in edges]
            offsets.append(offsets[-1] + n)
        tensors = {"graph_offsets": ("I64", [len(offsets)], offsets),
                   "edge_index": ("I64", [2, len(sources)], sources + targets)}
        for name, parts in {**self.nodes, **self.edges}.items():
            dtype, dims, _ = ARGUMENTS[name]
            flat = [value for part in parts for row in part for value in row]
            count = sum(len(part) for part in parts)
            tensors[name] = (dtype, [count, int(dims[1])] if len(dims) > 1 else [count], flat)
        tensorfile.write(path, tensors)
        return offsets


def logits(batch, name, *options):
    """The rows of the result, as bytes."""
    source, result = f"{prefix}.{name}.safetensors", f"{prefix}.{name}.out.safetensors"
    batch.write(source)
    run(program, f"--bind={source}", f"--bind={prefix}.weights.safetensors", "-o", result, *options)
    shape, values = tensorfile.read(result, "logits")
    width = shape[1]
    return [struct.pack(f"{width}f", *values[i * width:(i + 1) * width]) for i in range(shape[0])]


def against_reference(batch, name):
    source, expected = f"{prefix}.{name}.safetensors", f"{prefix}.{name}.reference.safetensors"
    batch.write(source)
    binds = [f"--bind={source}", f"--bind={prefix}.weights.safetensors"]
    run(model, "--target=reference", *binds, "-o", expected)
    report = json.loads(run(program, *binds, f"--expect={expected}", "--rtol=5e-6", "--atol=1e-30", "--json"))
    print(f"{name}: relative error {report['errors']['logits']['rel']}")


weights()
batch = Batch(GRAPHS)
against_reference(batch, "edge-cases")
against_reference(Batch([]), "no-graph")
against_reference(Batch([(0, []), (0, [])]), "empty-graphs")

one = logits(batch, "threads", "--threads=1", "--deterministic")
two = logits(batch, "threads", "--threads=2", "--deterministic")
check(one == two, "1 and 2 threads agree bitwise")

if not couples:
    per_node = len(one) != len(GRAPHS)
    starts = [0]
    for n, _ in GRAPHS:
        starts.append(starts[-1] + (n if per_node else 1))
    for changed in (0, 2, 7):
        n, edges = GRAPHS[changed]
        for kind in ("huge", "nan", "edges"):
            other = Batch(list(GRAPHS))
            other.nodes = {name: list(parts) for name, parts in batch.nodes.items()}
            other.edges = {name: list(parts) for name, parts in batch.edges.items()}
            if kind == "edges":
                kept = edges[:len(edges) // 2]
                other.graphs[changed] = (n, kept)
                for parts in other.edges.values():
                    parts[changed] = parts[changed][:len(kept)]
            else:
                for name, parts in other.nodes.items():
                    if ARGUMENTS[name][0] == "F32":
                        value = 1e30 if kind == "huge" else float("nan")
                        parts[changed] = [[value for _ in row] for row in parts[changed]]
            result = logits(other, "leak")
            for g in range(len(GRAPHS)):
                if g != changed and result[starts[g]:starts[g + 1]] != one[starts[g]:starts[g + 1]]:
                    sys.exit(f"FAILED: changing graph {changed} ({kind}) changes graph {g}")
    print("no graph sees another")
