# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Counts the parameters of a model that attune-zoo prints, in millions.

usage: count_parameters.py <model> [--key=value ...]

Inputs, whose first dimension is dynamic, and running statistics are no parameters.
"""
import math
import re
import subprocess
import sys

module = subprocess.run(["attune-zoo", *sys.argv[1:]], check=True, capture_output=True, text=True).stdout
begin = module.index("func.func")
arguments = module[begin:module.index(") -> (", begin)]
count = 0
for sizes, name in re.findall(r'tensor<((?:[0-9?]+x)*)[a-z0-9]+> \{[^}]*attune.name = "([^"]*)"', arguments):
    if "?" not in sizes and not re.search(r"running_(mean|var)$", name):
        count += math.prod(int(size) for size in sizes.split("x")[:-1])
print(f"{' '.join(sys.argv[1:])}: {count / 1e6:.2f} M")
