# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles the layers of image and graph models, runs them, and compares with the reference.

usage: layers_sweep.py <folder> [model ...]

Each model is one file with several results. Its arguments are written here, so that both sides get the
same numbers; on the CPU one and two threads must give the same bytes.
"""
import math
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "Inputs"))
import tensorfile
from sweep import run

# Each: height, width and channels of the image, channels of the result, kernel, strides, padding, groups, bias.
CONVOLUTIONS = [
    (12, 17, 1, 8, (1, 1), (1, 2), (0, 0), 1, False),
    (13, 11, 1, 5, (1, 1), (1, 1), (0, 0), 1, True),
    (13, 11, 3, 16, (3, 3), (2, 2), (1, 1), 1, True),
    (12, 17, 3, 33, (9, 9), (8, 8), (0, 0), 1, False),
    (13, 11, 16, 33, (3, 3), (1, 1), (1, 1), 1, False),
    (9, 40, 33, 16, (1, 1), (2, 3), (0, 0), 1, True),
    (13, 11, 33, 33, (5, 5), (1, 2), (2, 2), 1, True),
    (13, 11, 16, 1, (3, 5), (1, 1), (0, 4), 1, True),
    (13, 11, 33, 33, (9, 9), (1, 1), (4, 4), 33, False),
    (12, 17, 16, 16, (5, 5), (1, 1), (2, 2), 16, False),
    (12, 17, 16, 16, (3, 3), (2, 2), (1, 0), 16, True),
    (13, 11, 16, 32, (3, 3), (1, 1), (1, 1), 4, True),
    (13, 11, 3, 9, (3, 3), (1, 1), (1, 1), 3, False),
    (13, 11, 33, 3, (3, 3), (3, 3), (2, 1), 3, True),
    (1, 1, 3, 16, (3, 3), (1, 1), (1, 1), 1, True),
    (5, 5, 16, 16, (5, 5), (1, 1), (0, 0), 1, False),
]
# Each: height and width before and after, channels.
RESIZES = [((7, 7), (14, 14), 3), ((14, 14), (7, 7), 16), ((5, 9), (8, 3), 33), ((1, 1), (6, 4), 16),
           ((6, 4), (1, 1), 3), ((3, 3), (3, 3), 5), ((56, 1), (13, 2), 1)]
MATRICES = [1, 5, 17, 49]


def tensor(dims, element="f32"):
    return "tensor<" + "".join(f"{'?' if isinstance(d, str) else d}x" for d in dims) + element + ">"


class Model:
    """One function: arguments with names and sizes, ops, and results."""

    def __init__(self):
        self.arguments, self.lines, self.results = {}, [], []

    def argument(self, name, dims, element="f32", extra=""):
        self.arguments.setdefault(name, (dims, element, extra))
        return f"%{name}"

    def emit(self, text, type_, count=""):
        name = f"%v{len(self.lines)}"
        self.lines.append(f"  {name}{count} = {text}")
        if type_:
            self.results.append((name, type_))
        return name

    def text(self):
        arguments = []
        for name, (dims, element, extra) in self.arguments.items():
            sizes = ", ".join(f'"{d}"' if isinstance(d, str) else '""' for d in dims)
            arguments.append(f'%{name}: {tensor(dims, element)} {{attune.name = "{name}", '
                             f'attune.dims = [{sizes}]{extra}}}')
        results = ", ".join(f'{t} {{attune.name = "r{i}"}}' for i, (_, t) in enumerate(self.results))
        return (f"func.func @f({', '.join(arguments)})\n    -> ({results}) {{\n" + "\n".join(self.lines) +
                f"\n  return {', '.join(n for n, _ in self.results)} : {', '.join(t for _, t in self.results)}\n}}\n")

    def data(self, sizes, rng, given):
        """Normal numbers but for the tensors in `given`."""
        tensors = {}
        for name, (dims, element, _) in self.arguments.items():
            if name in given:
                dtype, shape, values = given[name]
            else:
                dtype, shape = "F32", [sizes[d] if isinstance(d, str) else d for d in dims]
                values = [0.5 * rng.gauss(0, 1) for _ in range(math.prod(shape))]
            tensors[name] = (dtype, shape, values)
        return tensors


def convolutions():
    """Batches of 1, 3 and no images."""
    m = Model()
    for i, (height, width, ins, outs, kernel, strides, padding, groups, bias) in enumerate(CONVOLUTIONS):
        x = m.argument(f"x{height}_{width}_{ins}", ["B", height, width, ins])
        weight = [outs, ins // groups, *kernel]
        w = m.argument(f"w{i}", weight)
        text = f"nn.conv2d {x}, {w}"
        types = f"{tensor(['B', height, width, ins])}, {tensor(weight)}"
        if bias:
            text += f" bias({m.argument(f'b{i}', [outs])})"
            types += f", {tensor([outs])}"
        text += f" strides {list(strides)} padding {list(padding)} groups {groups} : {types}"
        sides = [(size + 2 * p - k) // s + 1
                 for size, p, k, s in zip((height, width), padding, kernel, strides)]
        m.emit(text, tensor(["B", *sides, outs]))
    rng = random.Random(1)
    return m, [m.data({"B": batch}, rng, {}) for batch in (1, 3, 0)]


def layers():
    """Elementwise layers and resizes at sizes around the vectors'."""
    m = Model()
    for width in (1, 16, 33):
        x = m.argument(f"x{width}", ["N", width])
        type_, vector = tensor(["N", width]), tensor([width])
        vectors = [m.argument(f"{n}{width}", [width]) for n in ("mean", "deviation", "weight", "bias")]
        vectors[1] = m.emit(f"nn.map {vectors[1]} : ({vector}) -> {vector} {{\n  ^bb0(%d: f32):\n"
                            "    %s = arith.mulf %d, %d : f32\n    attn.yield %s : f32\n  }", None)
        m.emit(f"nn.batch_norm {x}, {', '.join(vectors)} {{epsilon = 1.0e-3}} : " +
               ", ".join([type_] + 4 * [vector]), type_)
        m.emit(f"nn.gelu {x} : {type_}", type_)
        m.emit(f"nn.gelu {x} tanh : {type_}", type_)
    for before, after, channels in RESIZES:
        x = m.argument(f"i{before[0]}_{before[1]}_{channels}", ["B", *before, channels])
        m.emit(f"nn.interpolate {x} to {list(after)} : {tensor(['B', *before, channels])}",
               tensor(["B", *after, channels]))
    rng = random.Random(2)
    return m, [m.data({"B": b, "N": n}, rng, {}) for b, n in ((0, 0), (1, 1), (3, 70))]


def kernel_matrix(size, rng):
    """A Gaussian kernel of random points."""
    points = [[rng.gauss(0, 1) for _ in range(4)] for _ in range(size)]
    return [math.exp(-0.5 * sum((a - b) ** 2 for a, b in zip(p, q))) for p in points for q in points]


def inverses():
    """Iterations that have not converged, and factors in f64; a matrix that has no factor."""
    m = Model()
    for size in MATRICES:
        type_ = tensor(["B", 2, size, size])
        w = m.argument(f"w{size}", ["B", 2, size, size])
        for options in ("iterations = 20, ridge = 1.0e-2", "iterations = 1",
                        "iterations = 0, ridge = 0.5, factor = 1.0",
                        "factor = 2.0, whole_tensor, bound = 1.01, max_halvings = 10",
                        "iterations = 2, factor = 60.0, whole_tensor, bound = 0.99, max_halvings = 3"):
            m.emit(f"nn.newton_inverse {w} {{{options}}} : {type_}", type_)
        zero = m.emit("arith.constant 0 : index", None)
        batch = m.emit(f"tensor.dim {w}, {zero} : {type_}", None)
        out = m.emit(f"tensor.empty({batch}) : {type_}", None)
        for ridge in (0.01, 0.0):
            m.emit(f"nn.cholesky_inverse {w} outs({out} : {type_}) {{ridge = {ridge}}} : {type_} -> {type_}", type_)
    cases, rng = [], random.Random(3)
    for batch in (3, 1, 0):
        given = {}
        for size in MATRICES:
            values = [v for _ in range(2 * batch) for v in kernel_matrix(size, rng)]
            given[f"w{size}"] = ("F32", [batch, 2, size, size], values)
        if batch == 3:
            given["w17"][2][17 * 17 + 18] = -1.0  # of the second matrix
        cases.append(m.data({}, rng, given))
    return m, cases


def pools():
    """Readouts over graphs, and sums over the edges of each node in the order of the list."""
    m = Model()
    offsets = m.argument("offsets", ["G+1"], "i64", ', attune.offsets_of = "N"')
    zero = m.emit("arith.constant 0 : index", None)
    one = m.emit("arith.constant 1 : index", None)
    length = m.emit(f"tensor.dim {offsets}, {zero} : tensor<?xi64>", None)
    graphs = m.emit(f"arith.subi {length}, {one} : index", None)
    for width in (1, 16, 33):
        x = m.argument(f"x{width}", ["N", width])
        type_, result = tensor(["N", width]), tensor(["G", width])
        out = m.emit(f"tensor.empty({graphs}) : {result}", None)
        for kind in ("sum", "mean", "max"):
            m.emit(f"nn.segment_pool {kind} {x}, {offsets} outs({out} : {result}) : {type_}, tensor<?xi64> -> {result}",
                   result)
    cases, rng = [], random.Random(4)
    for lengths in ([], [0], [1], [0, 3, 0, 0, 40, 1, 0], [5] * 200):
        bounds = [sum(lengths[:i]) for i in range(len(lengths) + 1)]
        given = {"offsets": ("I64", [len(bounds)], bounds)}
        cases.append(m.data({"N": bounds[-1]}, rng, given))
    # A NaN in the first of two segments.
    given = {"offsets": ("I64", [3], [0, 4, 9])}
    case = m.data({"N": 9}, rng, given)
    for name in ("x1", "x16", "x33"):
        case[name][2][len(case[name][2]) // 9 * 2] = math.nan
    return m, cases + [case]


def graphs():
    """Hop distances and attention that looks up functions of them; stored tables of several types."""
    m = Model()
    edges = m.argument("edge_index", [2, "E"], "i64", ', attune.below = "N"')
    offsets = m.argument("graph_offsets", ["G+1"], "i64", ', attune.offsets_of = "N"')
    q, hop = m.argument("q", ["N", 2, 5]), m.argument("hop", [2])
    table = m.argument("table", ["P"], "f32", ', attune.pairs_of = "graph_offsets"')
    classes = m.argument("classes", ["P"], "i64", ', attune.below = "7", attune.pairs_of = "graph_offsets"')
    small = m.argument("small", ["P"], "i32", ', attune.below = "7", attune.pairs_of = "graph_offsets"')
    zero = m.emit("arith.constant 0 : index", None)
    one = m.emit("arith.constant 1 : index", None)
    n = m.emit(f"tensor.dim {q}, {zero} : tensor<?x2x5xf32>", None)
    more = m.emit(f"arith.addi {n}, {one} : index", None)
    e = m.emit(f"tensor.dim {edges}, {one} : tensor<2x?xi64>", None)
    rows = m.emit(f"tensor.empty({more}) : tensor<?xi64>", None)
    columns = m.emit(f"tensor.empty({e}) : tensor<?xi32>", None)
    csr = m.emit(f"nn.csr {edges} outs({rows}, {columns}, {columns} : tensor<?xi64>, tensor<?xi32>, tensor<?xi32>) "
                 "by_source : tensor<2x?xi64> -> tensor<?xi64>, tensor<?xi32>, tensor<?xi32>", None, ":3")
    length = m.emit(f"tensor.dim {offsets}, {zero} : tensor<?xi64>", None)
    starts = m.emit(f"tensor.empty({length}) : tensor<?xi64>", None)
    m.emit(f"nn.hop_layout {csr}#0, {csr}#1, {offsets} outs({starts} : tensor<?xi64>) : tensor<?xi64>, tensor<?xi32>, "
           "tensor<?xi64> -> tensor<?xi64>", "tensor<?xi64>")
    matrix, single = "!attn.matrix<2x?x?xf32>", "!attn.matrix<1x?x?xf32>"
    hops = m.emit(f"attn.hops {csr}#0, {csr}#1, {offsets} : tensor<?xi64>, tensor<?xi32>, tensor<?xi64> -> {single}",
                  None)
    m.emit(f"attn.apply {hops}, {q} : {single}, tensor<?x2x5xf32>", "tensor<?x2x5xf32>")
    m.emit(f"attn.row_sums {hops} : {single}", "tensor<?x1xf32>")
    dot = m.emit(f"attn.dot {q}, {q} : tensor<?x2x5xf32>, tensor<?x2x5xf32>", None)
    decayed = m.emit(f"attn.map {dot}, {hops} heads({hop} : tensor<2xf32>) : ({matrix}, {single}) -> {matrix} {{\n"
                     "  ^bb0(%x: f32, %c: f32, %p: f32):\n    %base = arith.constant 0.6 : f32\n"
                     "    %beyond = arith.subf %c, %p : f32\n    %decay = math.powf %base, %beyond : f32\n"
                     "    %y = arith.mulf %x, %decay : f32\n    attn.yield %y : f32\n  }", None)
    weights = m.emit(f"attn.softmax {decayed} : {matrix}", None)
    m.emit(f"attn.apply {weights}, {q} : {matrix}, tensor<?x2x5xf32>", "tensor<?x2x5xf32>")
    for name, element, count in ((table, "f32", ""), (classes, "i64", " {num_classes = 7}"), (small, "i32", "")):
        blocks = m.emit(f"attn.blocks {name}, {offsets} size({n}){count} : tensor<?x{element}>, tensor<?xi64> "
                        f"-> {single}", None)
        mixed = m.emit(f"attn.map {dot}, {blocks} heads({hop} : tensor<2xf32>) : ({matrix}, {single}) -> {matrix} {{\n"
                       "  ^bb0(%x: f32, %c: f32, %p: f32):\n    %t = arith.addf %c, %p : f32\n"
                       "    %u = math.tanh %t : f32\n"
                       "    %y = arith.addf %x, %u : f32\n    attn.yield %y : f32\n  }", None)
        m.emit(f"attn.apply {mixed}, {q} : {matrix}, tensor<?x2x5xf32>", "tensor<?x2x5xf32>")
    return m, [graph_data(m, *case) for case in graph_cases()]


def graph_cases():
    """Batches of (number of nodes, edges inside the graph), and edges that leave their graph."""
    rng = random.Random(5)

    def both(edges):
        return edges + [(j, i) for i, j in edges]

    def ring(n):
        return [(i, (i + 1) % n) for i in range(n)]

    def some(n, count, directed=False):
        edges = [(rng.randrange(n), rng.randrange(n)) for _ in range(count)]
        return edges if directed else both(edges)

    yield [], 0
    yield [(0, [])], 0
    yield [(1, [(0, 0), (0, 0)])], 0
    # Ragged graphs, with nodes and whole graphs without edges, doubled edges and loops.
    sizes = [rng.randrange(1, 41) for _ in range(12)] + [0, 1, 2, 65]
    yield [(n, some(n, rng.randrange(0, 2 * n + 1), directed=k % 2 == 0) if n else []) for k, n in enumerate(sizes)], 30
    # More than 255 nodes: settled by one search, or by all; the last three need two bytes for each pair.
    yield [(300, both([(0, i) for i in range(1, 300)])),  # a star
           (10, both(ring(10))[:9]),                      # a chain next to it
           (509, both(ring(509))),                        # no path is longer than 254
           (511, both(ring(511))),                        # 255
           (300, [(i, i + 1) for i in range(299)]),       # one way: 299, and none back
           (258, both([(i, i + 1) for i in range(257)]))], 5
    # The long component is not that of the first node; what is near to the first node is far from others.
    yield [(320, both([(i, i + 1) for i in range(40, 319)])),
           (290, [(i, i - 1) for i in range(1, 290)] + [(0, i) for i in range(1, 290)]),
           (290, [(i, i + 1) for i in range(289)] + [(i, 0) for i in range(1, 290)]),
           (255, both([(i, i + 1) for i in range(254)])),
           (270, some(270, 500))], 0
    # Beyond 510 a path counts as none.
    yield [(600, both([(i, i + 1) for i in range(599)]))], 0


def graph_data(m, graphs, between):
    rng = random.Random(len(graphs))
    bounds, edges, pairs = [0], [], 0
    for size, inside in graphs:
        edges += [(bounds[-1] + i, bounds[-1] + j) for i, j in inside]
        bounds.append(bounds[-1] + size)
        pairs += size * size
    nodes = bounds[-1]
    edges += [(rng.randrange(nodes), rng.randrange(nodes)) for _ in range(between)]
    rng.shuffle(edges)
    classes = [rng.randrange(7) for _ in range(pairs)]
    given = {"edge_index": ("I64", [2, len(edges)], [i for i, _ in edges] + [j for _, j in edges]),
             "graph_offsets": ("I64", [len(bounds)], bounds), "classes": ("I64", [pairs], classes),
             "small": ("I32", [pairs], classes)}
    return m.data({"N": nodes, "P": pairs}, rng, given)


def landmarks():
    """Nystroem forms: the product with rows, and what the form lacks on the diagonal; heads that broadcast."""
    m = Model()
    v = m.argument("v", ["N", 2, 6])
    for heads, count in ((2, 7), (1, 33), (2, 1)):
        q, near = m.argument(f"q{heads}", ["N", heads, 5]), m.argument(f"l{count}", [count, heads, 5])
        x = m.argument(f"x{count}", [2, count, count])
        matrix = f"!attn.matrix<{heads}x?x{count}xf32>"
        distance = m.emit(f"attn.distance {q}, {near} : tensor<?x{heads}x5xf32>, tensor<{count}x{heads}x5xf32>", None)
        c = m.emit(f"attn.map {distance} : ({matrix}) -> {matrix} {{\n  ^bb0(%s: f32):\n"
                   "    %minus = arith.constant -0.5 : f32\n    %h = arith.mulf %s, %minus : f32\n"
                   "    %e = math.exp %h : f32\n    attn.yield %e : f32\n  }", None)
        types = f"{matrix}, tensor<2x{count}x{count}xf32>"
        form = m.emit(f"attn.nystrom {c}, {x} : {types}", None)
        m.emit(f"attn.apply {form}, {v} : !attn.matrix<2x?x?xf32>, tensor<?x2x6xf32>", "tensor<?x2x6xf32>")
        m.emit(f"attn.row_sums {form} : !attn.matrix<2x?x?xf32>", "tensor<?x2xf32>")
        m.emit(f"attn.nystrom_residual {c}, {x} {{diagonal = 1.5}} : {types}", "tensor<?x2xf32>")
    rng = random.Random(6)
    return m, [m.data({"N": n}, rng, {}) for n in (0, 1, 7, 130)]


def same_bytes(one, two):
    with open(one, "rb") as a, open(two, "rb") as b:
        if a.read() == b.read():
            return True
    print(f"{one} and {two} differ: results depend on the number of threads")
    return False


MODELS = {"convolutions": convolutions, "layers": layers, "inverses": inverses, "pools": pools, "graphs": graphs,
          "landmarks": landmarks}


def main():
    folder, wanted = sys.argv[1], sys.argv[2:]
    os.makedirs(folder, exist_ok=True)
    failures = 0
    for name, build in MODELS.items():
        if wanted and name not in wanted:
            continue
        model, cases = build()
        stem = os.path.join(folder, name)
        with open(stem + ".mlir", "w") as file:
            file.write(model.text())
        if not run("attune-compile", stem + ".mlir", "-o", stem + ".so"):
            failures += 1
            continue
        for i, tensors in enumerate(cases):
            inputs, one, two = (f"{stem}.{i}.{part}.safetensors" for part in ("in", "1", "2"))
            tensorfile.write(inputs, tensors)
            bind = f"--bind={inputs}"
            ok = (run("attune-run", stem + ".so", bind, "--threads=1", "-o", one) and
                  run("attune-run", stem + ".so", bind, "--threads=2", "-o", two) and same_bytes(one, two) and
                  run("attune-compile", stem + ".mlir", "--target=reference", bind, f"--expect={one}",
                      "--rtol=5e-6", "--atol=0"))
            failures += not ok
    print(f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
