# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random expressions of the matrix algebra: compiled code against the reference interpreter.

usage: algebra.py <scratch folder> [--first=0] [--count=40] [--depth=4] [--only=seed] [--keep]

Each seed gives one function: a well-typed expression over all ops of the algebra, with one or two
sinks. It is compiled, and run at several sizes on made-up arguments, together with the same function
after linearization in the reference interpreter. What the compiler calls not supported (exit code 2)
is counted and must give one of the known reasons.
"""
import os
import random
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "Inputs"))
import tensorfile

STATIC = 5
SIZES = [(0, 0), (1, 1), (2, 3), (7, 0), (0, 4), (7, 9), (65, 64), (130, 17)]
REASONS = ["edges of a CSR matrix are needed at pairs that are not edges",
           "edges of two CSR matrices meet in one entry",
           "'attn.compose' has no entry form here",
           "is not visited in a stream"]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../lib/Rewrite/Rewrites.def"),
          encoding="utf-8") as records:
    REWRITES = re.findall(r'^ATTUNE_REWRITE\("([^"]+)"', records.read(), re.MULTILINE)
assert REWRITES, "lib/Rewrite/Rewrites.def holds no record"

# Regions of maps of one entry x: text, whether the result is positive, its bound from that of x.
FUNCTIONS = {
    "sigmoid": ("""
    %one = arith.constant 1.0 : f32
    %n = arith.negf %x : f32
    %p = math.exp %n : f32
    %s = arith.addf %one, %p : f32
    %y = arith.divf %one, %s : f32""", True, lambda m: 1.0),
    "gaussian": ("""
    %half = arith.constant -0.5 : f32
    %a = math.absf %x : f32
    %h = arith.mulf %a, %half : f32
    %y = math.exp %h : f32""", True, lambda m: 1.0),
    "square": ("""
    %one = arith.constant 1.0 : f32
    %s = arith.addf %one, %x : f32
    %y = arith.mulf %s, %s : f32""", False, lambda m: (1 + m) ** 2),
    "quadratic": ("""
    %c0 = arith.constant 1.5 : f32
    %c1 = arith.constant -0.25 : f32
    %q = arith.mulf %x, %x : f32
    %l = arith.mulf %c1, %x : f32
    %s = arith.addf %c0, %q : f32
    %y = arith.subf %s, %l : f32""", True, lambda m: 1.5 + m / 4 + m * m),
    "affine": ("""
    %c0 = arith.constant 0.5 : f32
    %c1 = arith.constant -2.0 : f32
    %l = arith.mulf %c1, %x : f32
    %y = arith.addf %c0, %l : f32""", False, lambda m: 0.5 + 2 * m),
    "constant": ("""
    %y = arith.constant 0.75 : f32""", True, lambda m: 0.75),
    "identity": ("""
    %nothing = arith.constant 0.0 : f32
    %y = arith.addf %x, %nothing : f32""", False, lambda m: m),
    "cube": ("""
    %q = arith.mulf %x, %x : f32
    %y = arith.mulf %q, %x : f32""", False, lambda m: m ** 3),
}


class Matrix:
    """A matrix value: name, rank, heads (0 for rank 2), sizes by symbol and what is known of its entries."""

    def __init__(self, name, heads, rows, columns, bound, positive=False, unique=True):
        self.name, self.heads, self.rows, self.columns = name, heads, rows, columns
        self.bound, self.positive, self.unique = bound, positive, unique

    @property
    def type(self):
        heads = f"{self.heads}x" if self.heads else ""
        return f"!attn.matrix<{heads}{extent(self.rows)}x{extent(self.columns)}xf32>"


def extent(symbol):
    return str(STATIC) if symbol == "K" else "?"


class Generator:
    def __init__(self, seed, depth):
        self.random = random.Random(seed)
        self.lines, self.arguments, self.counter = [], {}, 0
        self.name = f"f{seed}"
        self.heads = self.random.choice([0, 0, 2])
        self.depth = depth

    # Text

    def fresh(self, stem="m"):
        self.counter += 1
        return f"%{stem}{self.counter}"

    def emit(self, text, stem="m"):
        name = self.fresh(stem)
        self.lines.append(f"  {name} = {text}")
        return name

    def argument(self, stem, dims, dtype="f32", extra="", data="normal"):
        """Dims are symbols, symbols with a suffix as in N+1, or numbers."""
        name = f"{stem}{len(self.arguments)}"
        self.arguments[name] = (dims, dtype, extra, data)
        return f"%{name}"

    def tensorType(self, dims, dtype="f32"):
        def one(dim):
            return str(dim) if isinstance(dim, int) else extent(dim)
        return f"tensor<{'x'.join([one(d) for d in dims] + [dtype])}>"

    def size(self, symbol):
        """The index value of a symbol."""
        name = f"base_{symbol}"
        self.arguments.setdefault(name, ([symbol, 2], "f32", "", "normal"))
        return self.emit(f"tensor.dim %{name}, %zero : {self.tensorType([symbol, 2])}", "n")

    def sizes(self, *symbols):
        return ", ".join(self.size(s) for s in symbols if s != "K")

    def scalar(self, positive=False):
        value = self.random.choice([0.5, 1.25, 2.0] if positive else [0.5, -1.25, 2.0, 0.0, 1.0])
        if self.random.random() < 0.3:
            position = {0.5: 0, 1.25: 1, 2.0: 2, -1.25: 3, 0.0: 4, 1.0: 5}[value]
            self.arguments.setdefault("numbers", ([6], "f32", "", "numbers"))
            index = self.emit(f"arith.constant {position} : index", "p")
            return self.emit(f"tensor.extract %numbers[{index}] : tensor<6xf32>", "s"), abs(value)
        return self.emit(f"arith.constant {value} : f32", "s"), abs(value)

    def someHeads(self, heads):
        """The heads of an operand: a static 1 broadcasts."""
        return 1 if heads > 1 and self.random.random() < 0.25 else heads

    def rowTensor(self, symbol, heads, width):
        dims = [symbol, self.someHeads(heads), width] if heads else [symbol, width]
        return self.argument("x", dims), self.tensorType(dims)

    def rowVector(self, symbol, heads, data="normal"):
        dims = [symbol, self.someHeads(heads)] if heads else [symbol]
        return self.argument("r", dims, data=data), self.tensorType(dims)

    # Sources

    def dot(self, heads, rows, columns, op="dot"):
        width = self.random.choice([1, 3, 4])
        q, qType = self.rowTensor(rows, heads, width)
        k, kType = self.rowTensor(columns, heads, width)
        if rows == columns and self.random.random() < 0.3:
            k, kType = q, qType
        actual = max(int(t.split("x")[1]) for t in (qType, kType)) if heads else 0
        return Matrix(self.emit(f"attn.{op} {q}, {k} : {qType}, {kType}"), actual, rows, columns,
                      width if op == "dot" else 4.0 * width, op == "distance")

    def distance(self, heads, rows, columns):
        return self.dot(heads, rows, columns, "distance")

    def splat(self, heads, rows, columns):
        positive = self.random.random() < 0.5
        value, bound = self.scalar(positive)
        m = Matrix("", self.someHeads(heads), rows, columns, bound, positive)
        m.name = self.emit(f"attn.splat {value} sizes({self.sizes(rows, columns)}) : {m.type}")
        return m

    def diagonal(self, heads, rows, columns):
        if rows != columns:
            return self.dot(heads, rows, columns)
        heads = self.someHeads(heads)
        if self.random.random() < 0.5:
            value, bound = self.scalar(True)
            m = Matrix("", heads, rows, columns, bound, True)
            sizes = self.sizes(rows, columns)
            m.name = self.emit(f"attn.diagonal scalar({value})" + (f" sizes({sizes})" if sizes else "") +
                               f" : {m.type}")
            return m
        m = Matrix("", heads, rows, columns, 1.5, True)
        dims = [rows, heads] if heads else [rows]
        values = self.argument("d", dims, data="positive")
        m.name = self.emit(f"attn.diagonal values({values} : {self.tensorType(dims)}) : {m.type}")
        return m

    def offset(self, heads, rows, columns):
        m = Matrix("", self.someHeads(heads), rows, columns, 130.0)
        m.name = self.emit(f"attn.offset sizes({self.sizes(rows, columns)}) : {m.type}")
        c = self.emit("arith.constant 0.015625 : f32", "s")
        return Matrix(self.emit(f"attn.scale {m.name} scalar({c}) : {m.type}"), m.heads, rows, columns, 2.0)

    def dense(self, heads, rows, columns):
        if rows != "K" and columns != "K":
            return self.dot(heads, rows, columns)
        heads = self.someHeads(heads)
        positive = self.random.random() < 0.5
        dims = ([heads] if heads else []) + [rows, columns]
        table = self.argument("t", dims, data="positive" if positive else "normal")
        return Matrix(self.emit(f"attn.dense {table} : {self.tensorType(dims)}"), heads, rows, columns, 1.5,
                      positive)

    def adjacency(self, heads, rows, columns):
        if (rows, columns) != ("N", "N"):
            return self.splat(heads, rows, columns)
        unique = self.random.random() < 0.7
        if unique:
            self.arguments.setdefault("offsets", (["N+1"], "i64", ', attune.offsets_of = "E"', "offsets"))
            self.arguments.setdefault("columns", (["E"], "i32", ', attune.below = "N"', "columns"))
            offsets, edges, count = "%offsets", "%columns", "E"
        else:
            self.arguments.setdefault("edge_index", ([2, "F"], "i64", ', attune.below = "N"', "edges"))
            if "%csr" not in "".join(self.lines):
                n = self.size("N")
                self.lines += ["  %unit = arith.constant 1 : index",
                               "  %f = tensor.dim %edge_index, %unit : tensor<2x?xi64>",
                               f"  %more = arith.addi {n}, %unit : index",
                               "  %o = tensor.empty(%more) : tensor<?xi64>",
                               "  %u = tensor.empty(%f) : tensor<?xi32>",
                               "  %w = tensor.empty(%f) : tensor<?xi32>",
                               "  %csr:3 = nn.csr %edge_index outs(%o, %u, %w : tensor<?xi64>, tensor<?xi32>, "
                               "tensor<?xi32>) : tensor<2x?xi64> -> tensor<?xi64>, tensor<?xi32>, tensor<?xi32>"]
            offsets, edges, count = "%csr#0", "%csr#1", "F"
        values, valuesType = "", ""
        if heads or self.random.random() < 0.5:
            heads = self.someHeads(heads)
            dims = [count, heads] if heads else [count]
            values = f" values({self.argument('e', dims, data='positive')})"
            valuesType = f", {self.tensorType(dims)}"
        flag = " unique" if unique else ""
        return Matrix(self.emit(f"attn.adjacency {offsets}, {edges}{values} columns({self.size('N')}){flag} : "
                                f"tensor<?xi64>, tensor<?xi32>{valuesType}"), heads, rows, columns, 1.5, True, unique)

    # Ops

    def matrix(self, heads, rows, columns, depth):
        """A matrix with `heads` heads, or 1 in their place."""
        sources = [(6, self.dot), (2, self.distance), (2, self.splat), (2, self.diagonal), (1, self.offset),
                   (3, self.dense), (4, self.adjacency)]
        ops = [(5, self.map), (4, self.add), (3, self.hadamard), (3, self.scale), (3, self.transpose),
               (1, self.compose), (3, self.normalize), (2, self.softmax), (4, self.restrict), (2, self.fill),
               (1, self.symmetric)]
        if depth <= 0 or self.random.random() < 0.12:
            return self.pick(sources)(heads, rows, columns)
        return self.pick(ops)(heads, rows, columns, depth - 1)

    def pick(self, weighted):
        return self.random.choices([f for _, f in weighted], [w for w, _ in weighted])[0]

    def uniqueMatrix(self, heads, rows, columns, depth):
        m = self.matrix(heads, rows, columns, depth)
        return m if m.unique else self.dot(heads, rows, columns)

    def tame(self, m, limit=20.0):
        """Entries of at most `limit`, for functions that grow fast."""
        if m.bound <= limit:
            return m
        c = self.emit(f"arith.constant {limit / m.bound:.6e} : f32", "s")
        return Matrix(self.emit(f"attn.scale {m.name} scalar({c}) : {m.type}"), m.heads, m.rows, m.columns, limit,
                      m.positive, m.unique)

    def positive(self, m):
        """A matrix whose row sums do not cancel."""
        if m.positive:
            return m
        if m.unique:
            return self.function(self.tame(m), self.random.choice(["sigmoid", "gaussian", "quadratic"]))
        return self.distance(m.heads, m.rows, m.columns)

    def function(self, m, name):
        text, positive, bound = FUNCTIONS[name]
        kernel = f' kernel "{name}"' if self.random.random() < 0.3 else ""
        return Matrix(self.emit(f"attn.map {m.name}{kernel} : ({m.type}) -> {m.type} {{\n  ^bb0(%x: f32):{text}\n"
                                "    attn.yield %y : f32\n  }"), m.heads, m.rows, m.columns, bound(m.bound), positive)

    def map(self, heads, rows, columns, depth):
        if self.random.random() < 0.6:
            return self.function(self.tame(self.uniqueMatrix(heads, rows, columns, depth), 8.0),
                                 self.random.choice(list(FUNCTIONS)))
        a = self.tame(self.uniqueMatrix(heads, rows, columns, depth), 8.0)
        m = Matrix("", a.heads, rows, columns, 0)
        operands, extra, region, types = [a], "", ["%a0: f32"], [a.type]
        body = "    %y0 = math.tanh %a0 : f32\n"
        last, m.bound = "%y0", 1.0
        def use(op, value):
            nonlocal body, last
            result = f"%z{len(region)}"
            body += f"    {result} = arith.{op} {last}, {value} : f32\n"
            last = result
        if self.random.random() < 0.4:
            c = self.tame(self.uniqueMatrix(heads, rows, columns, depth - 1), 8.0)
            operands.append(c)
            types.append(c.type)
            region.append("%a1: f32")
            m.heads = max(m.heads, c.heads)
            use("addf", "%a1")
            m.bound += c.bound
        if self.random.random() < 0.5:
            r, rType = self.rowVector(rows, m.heads)
            extra += f" rows({r} : {rType})"
            region.append("%row: f32")
            use("mulf", "%row")
        if self.random.random() < 0.5:
            r, rType = self.rowVector(columns, m.heads)
            extra += f" cols({r} : {rType})"
            region.append("%column: f32")
            use("addf", "%column")
            m.bound += 1
        if m.heads and self.random.random() < 0.5:
            extra += f" heads({self.argument('h', [m.heads])} : tensor<{m.heads}xf32>)"
            region.append("%head: f32")
            use("mulf", "%head")
        if self.random.random() < 0.5:
            s, bound = self.scalar()
            extra += f" scalars({s})"
            region.append("%scalar: f32")
            use("subf", "%scalar")
            m.bound += bound
        names = ", ".join(o.name for o in operands)
        m.name = self.emit(f"attn.map {names}{extra} : ({', '.join(types)}) -> {m.type} {{\n"
                           f"  ^bb0({', '.join(region)}):\n{body}    attn.yield {last} : f32\n  }}")
        return m

    def add(self, heads, rows, columns, depth):
        a = self.matrix(heads, rows, columns, depth)
        c = self.matrix(heads, rows, columns, depth)
        return Matrix(self.emit(f"attn.add {a.name}, {c.name} : {a.type}, {c.type}"), max(a.heads, c.heads), rows,
                      columns, a.bound + c.bound, a.positive and c.positive, a.unique and c.unique)

    def hadamard(self, heads, rows, columns, depth):
        a = self.matrix(heads, rows, columns, depth)
        c = self.matrix(heads, rows, columns, depth) if a.unique else self.uniqueMatrix(heads, rows, columns, depth)
        return Matrix(self.emit(f"attn.hadamard {a.name}, {c.name} : {a.type}, {c.type}"), max(a.heads, c.heads),
                      rows, columns, a.bound * c.bound, a.positive and c.positive, a.unique and c.unique)

    def scale(self, heads, rows, columns, depth):
        m = self.matrix(heads, rows, columns, depth)
        factors, bound = "", m.bound
        chosen = self.random.sample(["rows", "cols", "heads", "scalar"], self.random.choice([1, 1, 2, 3]))
        if "rows" in chosen or not m.heads and chosen == ["heads"]:
            r, rType = self.rowVector(rows, m.heads)
            factors += f" rows({r} : {rType})"
        if "cols" in chosen:
            r, rType = self.rowVector(columns, m.heads)
            factors += f" cols({r} : {rType})"
        if "heads" in chosen and m.heads:
            factors += f" heads({self.argument('h', [m.heads])} : tensor<{m.heads}xf32>)"
        if "scalar" in chosen:
            s, size = self.scalar()
            factors += f" scalar({s})"
            bound *= size
        return Matrix(self.emit(f"attn.scale {m.name}{factors} : {m.type}"), m.heads, rows, columns, bound, False,
                      m.unique)

    def transpose(self, heads, rows, columns, depth):
        m = self.matrix(heads, columns, rows, depth)
        return Matrix(self.emit(f"attn.transpose {m.name} : {m.type}"), m.heads, rows, columns, m.bound, m.positive,
                      m.unique)

    def compose(self, heads, rows, columns, depth):
        middle = self.random.choice(["N", "M", "K"])
        a = self.tame(self.matrix(heads, rows, middle, depth))
        c = self.tame(self.matrix(heads, middle, columns, depth))
        return Matrix(self.emit(f"attn.compose {a.name}, {c.name} : {a.type}, {c.type}"), max(a.heads, c.heads), rows,
                      columns, a.bound * c.bound * 30, a.positive and c.positive)

    def normalize(self, heads, rows, columns, depth):
        m = self.positive(self.matrix(heads, rows, columns, depth))
        return Matrix(self.emit(f"attn.normalize_rows {m.name} : {m.type}"), m.heads, rows, columns, 1.0, True,
                      m.unique)

    def symmetric(self, heads, rows, columns, depth):
        m = self.positive(self.matrix(heads, rows, columns, depth))
        if rows != columns:
            return m
        return Matrix(self.emit(f"attn.normalize_symmetric {m.name} : {m.type}"), m.heads, rows, columns, 1.0, True,
                      m.unique)

    def softmax(self, heads, rows, columns, depth):
        m = self.tame(self.uniqueMatrix(heads, rows, columns, depth), 8.0)
        return Matrix(self.emit(f"attn.softmax {m.name} : {m.type}"), m.heads, rows, columns, 1.0, True)

    def restrict(self, heads, rows, columns, depth):
        m = self.matrix(heads, rows, columns, depth)
        kinds = ["causal", "window", "key_mask"] + (["segments"] * 2 if rows == "N" else [])
        kind = self.random.choice(kinds) if rows == columns else "key_mask"
        if kind == "key_mask":
            dtype = self.random.choice(["i8", "i1"])
            mask = self.argument("keep", [columns], dtype, data="bits")
            kind = f"key_mask({mask} : {self.tensorType([columns], dtype)})"
        elif kind == "segments":
            self.arguments.setdefault("segments", (["G+1"], "i64", ', attune.offsets_of = "N"', "segments"))
            kind = "segments(%segments : tensor<?xi64>)"
        elif kind == "window":
            kind = f"window [{self.random.choice([0, 1, 3, 40])}, {self.random.choice([0, 2, 70])}]"
        return Matrix(self.emit(f"attn.restrict {m.name} {kind} : {m.type}"), m.heads, rows, columns, m.bound,
                      m.positive, m.unique)

    def fill(self, heads, rows, columns, depth):
        m = self.uniqueMatrix(heads, rows, columns, depth)
        value, bound = self.scalar(True)
        return Matrix(self.emit(f"attn.fill {m.name}, {value} : {m.type}"), m.heads, rows, columns,
                      max(bound, m.bound), m.positive)

    # Sinks

    def sink(self, m):
        """One result: name, type, dims and a bound of its entries."""
        kinds = ["apply"] * 4 + ["row_sums"] * 2 + (["materialize"] * 3 if "K" in (m.rows, m.columns) else [])
        kind = self.random.choice(kinds)
        if kind == "materialize":
            dims = ([m.heads] if m.heads else []) + [m.rows, m.columns]
            return self.emit(f"attn.materialize {m.name} : {m.type}", "out"), dims, m.bound
        operands, types = m.name, m.type
        if kind == "apply":
            width = self.random.choice([1, 2, 5])
            heads = self.random.choice([1, m.heads, 2 if m.heads == 1 else m.heads]) if m.heads else 0
            dims = [m.columns, heads, width] if heads else [m.columns, width]
            operands += f", {self.argument('v', dims)}"
            types += f", {self.tensorType(dims)}"
            result = [m.rows, max(heads, m.heads), width] if heads else [m.rows, width]
        else:
            result = [m.rows, m.heads] if m.heads else [m.rows]
        if self.random.random() < 0.3:
            operands += f" into {self.argument('i', result)}"
            types += f", {self.tensorType(result)}"
        return self.emit(f"attn.{kind} {operands} : {types}", "out"), result, m.bound

    def function_text(self):
        rows, columns = self.random.choice(["N", "N", "N", "M", "K"]), self.random.choice(["N", "N", "M", "K"])
        m = self.matrix(self.heads, rows, columns, self.depth)
        results = [self.sink(m)]
        if self.random.random() < 0.3:
            results.append(self.sink(self.matrix(self.heads, rows, columns, 1) if self.random.random() < 0.5 else m))
        self.bound = max(bound for _, _, bound in results)

        def names(dims):
            return ", ".join('""' if isinstance(d, int) or d == "K" else f'"{d}"' for d in dims)
        arguments = ", ".join(
            f"%{name}: {self.tensorType(dims, dtype)} "
            f'{{attune.name = "{name}", attune.dims = [{names(dims)}]{extra}}}' for name, (dims, dtype, extra, _) in self.arguments.items())
        types = ", ".join(self.tensorType(dims) for _, dims, _ in results)
        annotated = ", ".join(
            f'{self.tensorType(dims)} {{attune.name = "out{i}", attune.dims = [' + names(dims) + "]}"
            for i, (_, dims, _) in enumerate(results))
        values = ", ".join(name for name, _, _ in results)
        body = "\n".join(["  %zero = arith.constant 0 : index"] + self.lines)
        return (f"func.func @{self.name}({arguments}) -> ({annotated}) {{\n{body}\n"
                f"  return {values} : {types}\n}}\n")

    def data(self, n, m, seed):
        """Arguments at the sizes N = n and M = m."""
        r = random.Random(seed)
        columns, offsets = [], [0]
        for _ in range(n):
            columns += r.sample(range(n), r.randint(0, min(n, 4)) if r.random() < 0.7 else 0)
            offsets.append(len(columns))
        cuts = sorted(r.randint(0, n) for _ in range(r.randint(0, 4))) if n else []
        segments = [0] + cuts + [n]
        edges = 3 * n
        extents = {"N": n, "M": m, "K": STATIC, "E": len(columns), "F": edges, "G": len(segments) - 1}
        tensors = {}
        for name, (dims, dtype, _, kind) in self.arguments.items():
            shape = [d if isinstance(d, int) else extents[d.split("+")[0]] + d.count("+1") for d in dims]
            count = 1
            for d in shape:
                count *= d
            if kind == "normal":
                values = [r.uniform(-1, 1) for _ in range(count)]
            elif kind == "positive":
                values = [r.uniform(0.2, 1.5) for _ in range(count)]
            else:
                values = {"numbers": lambda: [0.5, 1.25, 2.0, -1.25, 0.0, 1.0], "offsets": lambda: offsets,
                          "columns": lambda: columns, "segments": lambda: segments,
                          "edges": lambda: [r.randrange(n) for _ in range(count)],
                          "bits": lambda: [int(r.random() < 0.6) for _ in range(count)]}[kind]()
            tensors[name] = ({"f32": "F32", "i64": "I64", "i32": "I32", "i8": "U8", "i1": "BOOL"}[dtype], shape,
                             values)
        return tensors


def call(*arguments):
    return subprocess.run(arguments, capture_output=True, text=True, timeout=300)


class Failure(Exception):
    pass


def check(seed, depth, scratch, statistics, target):
    generator = Generator(seed, depth)
    text = generator.function_text()
    stem = os.path.join(scratch, generator.name)
    with open(stem + ".mlir", "w") as file:
        file.write(text)
    r = random.Random(seed + 1)
    disable = [f"--disable={r.choice(REWRITES)}"] if r.random() < 0.25 else []
    parsed = call("attune-opt", stem + ".mlir", "-o", os.devnull)
    if parsed.returncode != 0:
        raise Failure("not valid\n" + parsed.stderr)
    done = call("attune-compile", stem + ".mlir", "-o", stem + ".so", f"--target={target}", *disable)
    if done.returncode == 2 and any(reason in done.stderr for reason in REASONS):
        reason = next(reason for reason in REASONS if reason in done.stderr)
        statistics[reason] = statistics.get(reason, 0) + 1
        return
    if done.returncode != 0:
        raise Failure(f"attune-compile ends with {done.returncode} {disable}\n{done.stderr}")
    lowered = call("attune-compile", stem + ".mlir", "--stop-after=linearize", "-o", stem + ".lin.mlir", *disable)
    if lowered.returncode != 0:
        raise Failure(f"attune-compile --stop-after=linearize ends with {lowered.returncode}\n{lowered.stderr}")
    statistics["compiled"] = statistics.get("compiled", 0) + 1
    for count, (n, m) in enumerate(SIZES):
        tensorfile.write(stem + ".in.safetensors", generator.data(n, m, seed * 100 + count))
        bind = f"--bind={stem}.in.safetensors"
        expected = f"{stem}.expected.safetensors"
        done = call("attune-run", stem + ".mlir", "--target=reference", bind, "-o", expected)
        if done.returncode != 0:
            raise Failure(f"reference at N = {n}, M = {m} ends with {done.returncode}\n{done.stderr}")
        width = max(n, m, STATIC)
        atol = 2e-7 * generator.bound * width
        for what, program, options in [
                ("linearized", stem + ".lin.mlir", ["--target=reference", "--rtol=1e-6", f"--atol={atol / 50}"]),
                (target, stem + ".so", ["--rtol=2e-5", f"--atol={atol}"])]:
            done = call("attune-run", program, bind, f"--expect={expected}", *options)
            if done.returncode != 0:
                raise Failure(f"{what} at N = {n}, M = {m} {disable} ends with {done.returncode}\n"
                              f"{done.stdout}{done.stderr}")


def main():
    options = {"first": "0", "count": "40", "depth": "4", "only": "", "keep": "", "target": "cpu"}
    scratch = sys.argv[1]
    for argument in sys.argv[2:]:
        name, _, value = argument.removeprefix("--").partition("=")
        options[name] = value or "yes"
    os.makedirs(scratch, exist_ok=True)
    seeds = range(int(options["first"]), int(options["first"]) + int(options["count"]))
    if options["only"]:
        seeds = [int(s) for s in options["only"].split(",")]
    statistics, failed = {}, []
    for seed in seeds:
        try:
            check(seed, int(options["depth"]), scratch, statistics, options["target"])
        except (Failure, subprocess.TimeoutExpired) as failure:
            failed.append(seed)
            print(f"seed {seed}: {failure}", flush=True)
        if not options["keep"] and seed not in failed:
            for name in os.listdir(scratch):
                if name.startswith(f"f{seed}."):
                    os.remove(os.path.join(scratch, name))
    for reason, count in sorted(statistics.items()):
        print(f"{count:5} {reason}")
    print(f"{len(failed)} failed: {failed}" if failed else "all right")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
