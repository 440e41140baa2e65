# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares the FLOP that attune-bench counts with the compiler's cost model, by what grows fastest.

usage: check_flops.py <folder of workloads.py> <folder of the programs' explanations, <name>.txt>

The cost model counts every operation on every entry, attune-bench the products alone. A distance is
3 for each channel there, as it is defined, and 2 here, since it is computed from a product.
"""
import os
import re
import sys

sys.path.insert(0, sys.argv[1])
from workloads import WORKLOADS  # noqa: E402

MILLION = 10 ** 6
# Name -> (what our leading coefficient is, what the cost model adds to it for distances,
#          which part of the cost model's is left for single operations on entries, at most)
CASES = {"difformer-s": (lambda flops: flops(MILLION) / MILLION, 0, 0.03),
         "difformer-a": (lambda flops: flops(MILLION) / MILLION ** 2, 0, 0.03),
         "softmax": (lambda flops: flops(MILLION) / MILLION ** 2, 0, 0.03),
         "gaussian": (lambda flops: flops(MILLION) / MILLION ** 2, 64, 0.03),
         # 2 heads of 49 landmarks and 32 channels; both uses of C compute its distances.
         "soft": (lambda flops: (flops(2 * MILLION) - flops(MILLION)) / MILLION,
                  2 * 49 * (2 * 3 * 32 - 2 * 32), 0.03),
         # For each pair inside a graph; the decay and the softmax are 13 operations a head.
         "gradformer": (lambda flops: flops(1000) / (32 * 1000 ** 2), 0, 0.2)}

counted = {workload.name: workload.flops for workload in WORKLOADS if workload.flops}
assert sorted(counted) == sorted(CASES), counted
for name, (leading, distances, limit) in CASES.items():
    with open(os.path.join(sys.argv[2], name + ".txt")) as file:
        headline = next(line for line in file if "attn.apply is computed as" in line)
    model = int(re.search(r".*\((\d+)\*", headline).group(1))
    rest = 1 - (leading(counted[name]) + distances) / model
    assert 0 <= rest <= limit, (name, rest, headline)
    print(f"{name}: {100 * rest:.1f} % of the cost model's {model} are no products")
