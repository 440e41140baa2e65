# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles kernels of every kind, runs them at sizes around the tile's, and compares with the reference.

usage: sweep.py <folder> [case ...]
"""
import itertools
import os
import subprocess
import sys

# Each: batch dimensions, heads, widths of dot products and squared distances, sinks as (kind, entry,
# width), how many rows/cols/heads/scalars/edges vectors, flags.
STREAMS = {
    "sigmoid": dict(dots=[64], sinks=[("apply", 0, 64), ("row_sum", 0, 0)]),
    "softmax": dict(dots=[40], sinks=[("softmax", 1, 64)]),
    "distance": dict(heads=2, distances=[33], rows=1, cols=1,
                     sinks=[("apply", 0, 70), ("row_sum", 0, 0), ("row_max", 1, 0)]),
    "masked": dict(batch=1, heads=3, dots=[7], rows=1, cols=2, head=1, scalars=1, masked=True,
                   sinks=[("softmax", 1, 3), ("row_max", 1, 0), ("apply", 0, 130)]),
    "two-dots": dict(batch=2, heads=2, dots=[1], distances=[5], broadcast=True, masked=True,
                     sinks=[("apply", 0, 1), ("row_sum", 1, 0)]),
    "no-dots": dict(rows=1, cols=1, sinks=[("apply", 0, 7), ("softmax", 1, 7)]),
    "stored": dict(heads=2, dots=[16], masked=True, sinks=[("materialize", 0, 0)]),
    "segments": dict(heads=2, dots=[20], visits="segments",
                     sinks=[("softmax", 1, 24), ("apply", 0, 24), ("row_sum", 0, 0)]),
    "segments-masked": dict(dots=[16], visits="segments", masked=True, sinks=[("softmax", 1, 16)]),
    "edges": dict(edges=1, visits="csr", sinks=[("apply", 1, 64), ("row_sum", 1, 0)]),
    # Whole vectors that are no whole panels, for 4, 8 and 16 lanes.
    "edges-vectors": dict(edges=1, visits="csr", sinks=[("apply", 1, 24), ("softmax", 1, 80), ("apply", 1, 12)]),
    "edges-softmax": dict(heads=4, rows=1, cols=1, edges=1, visits="csr",
                          sinks=[("softmax", 1, 16), ("row_max", 1, 0)]),
    "edges-dots": dict(heads=2, dots=[17], distances=[16], head=1, scalars=1, masked=True, visits="csr",
                       sinks=[("softmax", 1, 90), ("apply", 0, 130), ("row_sum", 0, 0)]),
    "scatter": dict(heads=2, dots=[17], edges=1, broadcast=True, visits="csr", scatter=True,
                    sinks=[("apply", 1, 20), ("row_sum", 0, 0)]),
}

ADD = "%s = arith.addf %o, %a : f32"
SQUARE = "%m = arith.mulf %a, %a : f32\n    %s = arith.addf %o, %m : f32"
PRODUCT = "%m = arith.mulf %a, %b : f32\n    %s = arith.addf %o, %m : f32"
# Each: iterators (p or r), maps, shapes, body.
LOOPS = {
    "linear": ("ppr", ["m, k", "n, k", "m, n"], [["N", 150], [70, 150], ["N", 70]], PRODUCT),
    "product": ("ppr", ["m, k", "k, n", "m, n"], [["N", 70], [70, 64], ["N", 64]], PRODUCT),
    "open": ("ppr", ["m, k", "k, n", "m, n"], [["N", "M"], ["M", 9], ["N", 9]], PRODUCT),
    "tall": ("pppr", ["k, h, m", "k, h, n", "h, m, n"], [["N", 2, 13], ["N", 2, 7], [2, 13, 7]], PRODUCT),
    "heads": ("pppr", ["m, h, k", "h, k, n", "m, h, n"], [["N", 4, 16], [4, 16, 64], ["N", 4, 64]],
              PRODUCT),
    "vector": ("pr", ["m, k", "k", "m"], [["N", 40], [40], ["N"]], PRODUCT),
    "columns": ("ppr", ["k, m, n", "m, n"], [["N", 1, 70], [1, 70]], ADD),
    "rows": ("pr", ["m, k", "m"], [["N", 70], ["N"]], ADD),
    "norm": ("rrr", ["m, h, k", ""], [["N", 2, 20], []], SQUARE),
    "largest": ("pr", ["m, k", "m"], [["N", 70], ["N"]], "%s = arith.maximumf %o, %a : f32"),
    "elements": ("pp", ["m, n", "n", "m, n"], [["N", 70], [70], ["N", 70]],
                 "%m = arith.addf %a, %b : f32\n    %s = math.exp %m : f32"),
    "transposed": ("pp", ["n, m", "m, n"], [[70, "N"], ["N", 70]], None),
}


def tensor(dims, element="f32"):
    return "tensor<" + "".join(f"{'?' if isinstance(d, str) else d}x" for d in dims) + element + ">"


class Function:
    """Arguments with names and sizes."""

    def __init__(self):
        self.arguments, self.types = [], {}

    def add(self, name, dims, element="f32", extra=""):
        self.types[name] = tensor(dims, element)
        sizes = ", ".join(f'"{d}"' if isinstance(d, str) else '""' for d in dims)
        self.arguments.append(f'%{name}: {self.types[name]} {{attune.name = "{name}", '
                              f'attune.dims = [{sizes}]{extra}}}')
        return name

    def operands(self, keyword, names):
        if not names:
            return ""
        return f" {keyword}({', '.join('%' + n for n in names)} : {', '.join(self.types[n] for n in names)})"

    def text(self, body, results):
        types = [f'{self.types[r]} {{attune.name = "new_{r}"}}' for r in results]
        plain = ", ".join(self.types[r] for r in results)
        values = ", ".join(f"%r#{i}" for i in range(len(results))) if len(results) > 1 else "%r"
        return (f"func.func @f({', '.join(self.arguments)})\n    -> ({', '.join(types)}) {{\n"
                f"{body}  return {values} : {plain}\n}}\n")


def stream(batch=0, heads=1, dots=(), distances=(), rows=0, cols=0, head=0, scalars=0, edges=0, sinks=(),
           masked=False, visits="all", broadcast=False, scatter=False):
    f = Function()
    outer = [2, 3][:batch]
    m = "N" if visits == "segments" else "M"
    few = 1 if broadcast else heads
    lhs = [f.add(f"l{i}", outer + ["N", heads, d]) for i, d in enumerate([*dots, *distances])]
    rhs = [f.add(f"r{i}", outer + [m, few, d]) for i, d in enumerate([*dots, *distances])]
    groups = [("rows", [f.add(f"row{i}", outer + ["N", heads]) for i in range(rows)]),
              ("cols", [f.add(f"col{i}", outer + [m, heads]) for i in range(cols)]),
              ("heads", [f.add(f"head{i}", [heads]) for i in range(head)])]
    scalar_names = [f.add(f"scalar{i}", []) for i in range(scalars)]
    edge_names = [f.add(f"edge{i}", ["E", few]) for i in range(edges)]
    values, outs = [], []
    source, target = ("N", m) if scatter else (m, "N")
    for i, (kind, _, width) in enumerate(sinks):
        if kind in ("apply", "softmax"):
            values.append(f.add(f"v{i}", outer + [source, few, width]))
            outs.append(f.add(f"o{i}", outer + [target, heads, width]))
        elif kind == "materialize":
            outs.append(f.add(f"o{i}", outer + [heads, "N", m]))
        else:
            outs.append(f.add(f"o{i}", outer + [target, heads]))
    head_text = ""
    if visits == "segments":
        f.add("segments", ["G+1"], "i64", ', attune.offsets_of = "N"')
        head_text = f.operands(" segments", ["segments"]).replace("  ", " ")
    if visits == "csr":
        f.add("offsets", ["N+1"], "i64", ', attune.offsets_of = "E"')
        f.add("columns", ["E"], "i32", ', attune.below = "M"')
        head_text = f.operands("csr", ["offsets", "columns"])
    body = "  %c0 = arith.constant 0 : index\n"
    for name, owner in (("n", "N"), ("m", m)):
        of, d = next((a, i) for a, dims in shapes(f).items() for i, x in enumerate(dims) if x == owner)
        body += f"  %d{name} = arith.constant {d} : index\n"
        body += f"  %{name} = tensor.dim %{of}, %d{name} : {f.types[of]}\n"
    for s in scalar_names:
        body += f"  %x{s} = tensor.extract %{s}[] : tensor<f32>\n"
    given = [x for _, names in groups for x in names] + scalar_names + edge_names
    numbers = [f"dot{i}" for i in range(len(lhs))] + ["in_" + g for g in given]
    scalar_text = f" scalars({', '.join('%x' + s for s in scalar_names)})" if scalar_names else ""
    out_types = ", ".join(f.types[o] for o in outs)
    flags = (["masked"] if masked else []) + (["scatter"] if scatter else [])
    distance = ["false"] * len(dots) + ["true"] * len(distances)
    body += (f"  %r{':' + str(len(outs)) if len(outs) > 1 else ''} = attn.stream{head_text} size(%n, %m)"
             + f.operands("lhs", lhs) + f.operands("rhs", rhs)
             + "".join(f.operands(k, names) for k, names in groups) + scalar_text
             + f.operands("edges", edge_names) + f.operands("values", values) + f.operands("outs", outs)
             + f" -> {out_types}\n      attributes {{distance = array<i1"
             + (": " + ", ".join(distance) if distance else "")
             + f">, elements = array<i64: {', '.join(str(e) for _, e, _ in sinks)}>, sinks = ["
             + ", ".join(f"#attn<sink {k}>" for k, _, _ in sinks) + "]" + "".join(", " + x for x in flags)
             + "} {\n  ^bb0(%i: index, %j: index" + "".join(f", %{x}: f32" for x in numbers) + "):\n")
    body += "    %one = arith.constant 1.0 : f32\n    %t0 = arith.constant 0.5 : f32\n"
    for i, x in enumerate(numbers):
        body += f"    %t{i + 1} = arith.addf %t{i}, %{x} : f32\n"
    last = f"%t{len(numbers)}"
    body += (f"    %negative = arith.negf {last} : f32\n    %e = math.exp %negative : f32\n"
             "    %sum = arith.addf %e, %one : f32\n    %e0 = arith.divf %one, %sum : f32\n")
    if masked:
        body += ("    %both = arith.addi %i, %j : index\n    %c3 = arith.constant 3 : index\n"
                 "    %rest = arith.remsi %both, %c3 : index\n    %zero = arith.constant 0 : index\n"
                 "    %present = arith.cmpi ne, %rest, %zero : index\n")
    entries = ["%e0", last][:1 + max(e for _, e, _ in sinks)]
    entry_types = ["f32"] * len(entries)
    if masked:
        entries.append("%present")
        entry_types.append("i1")
    body += f"    attn.yield {', '.join(entries)} : {', '.join(entry_types)}\n  }}\n"
    return f.text(body, outs)


def shapes(f):
    result = {}
    for argument in f.arguments:
        name = argument[1:argument.index(":")]
        dims = argument[argument.index("attune.dims = [") + 15:].split("]")[0]
        result[name] = [d.strip().strip('"') for d in dims.split(",")] if dims else []
    return result


def loops(iterators, maps, dims, body):
    f = Function()
    names = [f.add(n, d) for n, d in zip("xyz", dims)]
    variables = sorted(set("".join(maps).replace(", ", "")), key="hmnk".index)
    domain = ", ".join(variables)
    kinds = {"p": '"parallel"', "r": '"reduction"'}
    region = {2: "%a: f32, %o: f32", 3: "%a: f32, %b: f32, %o: f32"}[len(names)]
    ins = f.operands("ins", names[:-1]).strip()
    outs = f.operands("outs", names[-1:]).strip()
    inner = (f"    {body}\n    linalg.yield %s : f32\n" if body else "    linalg.yield %a : f32\n")
    text = (f"  %r = linalg.generic {{indexing_maps = [" +
            ", ".join(f"affine_map<({domain}) -> ({m})>" for m in maps) +
            f"], iterator_types = [{', '.join(kinds[i] for i in iterators)}]}}\n      {ins} {outs} {{\n"
            f"  ^bb0({region}):\n{inner}  }} -> {f.types[names[-1]]}\n")
    return f.text(text, names[-1:])


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        print("failed:", " ".join(command), done.stdout, done.stderr, sep="\n")
    return done.returncode == 0


def main():
    folder, wanted = sys.argv[1], sys.argv[2:]
    os.makedirs(folder, exist_ok=True)
    failures = 0
    for name in [*STREAMS, *LOOPS]:
        if wanted and name not in wanted:
            continue
        text = stream(**STREAMS[name]) if name in STREAMS else loops(*LOOPS[name])
        source = os.path.join(folder, name + ".mlir")
        program, results = source[:-5] + ".so", source[:-5] + ".safetensors"
        with open(source, "w") as file:
            file.write(text)
        if not run("attune-compile", source, "-o", program, "--allow", "N,M"):
            failures += 1
            continue
        # Around the tile's 6 rows and 64 columns, a task's rows, and none at all.
        for n, m in [(0, 0), (0, 3), (1, 1), (7, 65), (97, 6), (300, 130)]:
            sizes = dict(N=n, M=m, E=min(n, m) and 4 * n, G=1 + n // 20)
            chosen = [f"--random={k}={v}" for k, v in sizes.items() if f'"{k}"' in text or f'"{k}+' in text]
            ok = run("attune-run", program, *chosen, "-o", results) and run(
                "attune-compile", source, "--target=reference", *chosen, "--expect", results,
                "--rtol=5e-6", "--atol=1e-6")
            failures += not ok
    print(f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
