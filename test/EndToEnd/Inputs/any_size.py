# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One compiled file against the reference interpreter at many sizes, the empty graph among them.

usage: any_size.py <m.mlir> <m.so> <scratch prefix> [rtol]   (the tools come from PATH)
"""
import json
import sys

from checked import run

# Nodes, edges, graphs: empty, single, odd, and sizes around those of vectors and tiles.
SIZES = [(0, 0, 0), (1, 0, 1), (1, 3, 1), (2, 1, 1), (7, 20, 3), (16, 0, 1), (17, 40, 20), (63, 200, 4),
         (64, 1, 2), (65, 300, 1), (300, 1500, 7)]


def main():
    model, compiled, scratch = sys.argv[1:4]
    rtol = sys.argv[4] if len(sys.argv) > 4 else "2e-5"
    symbols = json.loads(run(compiled, "--describe", "--json"))["entries"][0]["sizes"]
    for count, sizes in enumerate(SIZES):
        given = dict(zip("NEG", sizes))
        data = [f"--random={name}={given[name]}" for name in symbols] + [f"--seed={count}"]
        expected = f"{scratch}-{count}.safetensors"
        run(model, "--target=reference", *data, "-o", expected)
        out = run(compiled, *data, f"--expect={expected}", f"--rtol={rtol}", "--atol=0",
                         "--json")
        print(given, json.loads(out.splitlines()[-1])["errors"])


main()
