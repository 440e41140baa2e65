# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products on matrix units, in the emulator, against the reference interpreter.

usage: precision.py <precision.mlir> <scratch folder>

Small whole numbers are exact in every format, so that a number in a wrong place shows. Other numbers are
off by what the format's rounding makes of them: not more, and, where it rounds, not less either.
"""
import json
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Inputs"))
import tensorfile

# Largest error relative to the largest entry; least error of products that the format rounds.
BOUNDS = {"f32": (5e-6, 0), "tf32x3": (5e-6, 0), "tf32": (2e-3, 2e-5), "bf16": (2e-2, 2e-4)}
# Entry -> its arguments, and whether it is exact on whole numbers.
ENTRIES = {"matmul": ({"a": ["N", 37], "b": [37, 21], "c": [21, 37]}, True),
           "stream": ({"q": ["N", 2, 5], "k": ["M", 2, 5], "v": ["M", 2, 11]}, True),
           "softmax": ({"q": ["N", 24], "v": ["N", 40]}, False),
           "gaussian": ({"q": ["N", 24], "v": ["N", 40]}, False),
           "deep": ({"q": ["N", 150], "v": ["N", 8]}, False)}
SIZES = [(0, 0), (1, 1), (2, 3), (33, 70), (130, 67)]

source, scratch = sys.argv[1:]


def run(program, entry, data, *arguments):
    done = subprocess.run(["attune-run", program, "--entry", entry, "--bind", data, *arguments],
                          capture_output=True, text=True)
    if done.returncode not in (0, 1) or (done.returncode and "--expect" not in arguments):
        sys.exit(f"{program} {entry}: {done.stderr}")
    return done.stdout


def error(program, entry, data, expect):
    out = run(program, entry, data, "--expect", expect, "--json", "--rtol", "0", "--atol", "0")
    if not out:
        sys.exit(f"{program} {entry}: no result")
    errors = json.loads(out.splitlines()[-1])["errors"].values()
    return max(e["abs"] if e["rel"] is None else e["rel"] for e in errors)


failed = 0
for precision in BOUNDS:
    subprocess.run(["attune-compile", source, "--target=gpu-emulator", f"--precision={precision}", "-o",
                    f"{scratch}/{precision}.so"], check=True)
for entry, (arguments, exact) in ENTRIES.items():
    worst = dict.fromkeys(BOUNDS, 0.0)
    for n, m in SIZES:
        for whole in (True, False):
            draw = random.Random(f"{entry} {n} {m}")
            data, expect = f"{scratch}/{entry}.data", f"{scratch}/{entry}.expect"
            tensors = {}
            for name, dims in arguments.items():
                shape = [{"N": n, "M": m}.get(d, d) for d in dims]
                count = 1
                for size in shape:
                    count *= size
                tensors[name] = ("F32", shape, [float(draw.randint(-2, 2)) if whole else draw.gauss(0, 1)
                                                for _ in range(count)])
            tensorfile.write(data, tensors)
            run(source, entry, data, "--target=reference", "-o", expect)
            for precision, (most, _) in BOUNDS.items():
                off = error(f"{scratch}/{precision}.so", entry, data, expect)
                limit = 0 if whole and exact else most
                if not off <= limit:
                    print(f"{entry} {precision} N={n} M={m} whole={whole}: error {off:.1e}, at most {limit:.0e}")
                    failed += 1
                if not whole:
                    worst[precision] = max(worst[precision], off)
    print(entry, *(f"{precision} {off:.1e}" for precision, off in worst.items()))
    for precision, (_, least) in BOUNDS.items():
        if worst[precision] < least:
            print(f"{entry} {precision}: error {worst[precision]:.1e} is less than the format allows")
            failed += 1
print("failed:", failed)
sys.exit(failed > 0)
