# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The memory that --explain names, against what a run takes.

usage: peak_memory.py <m.so> <explanation> <size=number> ...
"""
import json
import re
import sys

from checked import check, run

SLACK = 24 << 20  # panels, threads' stacks, and what the allocator keeps

program, explanation, *sizes = sys.argv[1:]
text = open(explanation).read()
formula = re.search(r"^memory: (.*) bytes at most", text, re.M).group(1)
if not re.fullmatch(r"[\w*+^(), -]+", formula):
    sys.exit(f"FAILED: not a formula: {formula}")
values = {name: int(value) for name, value in (size.split("=") for size in sizes)}
promised = eval(formula.replace("^", "**"), {"__builtins__": {}, "max": max}, values)
report = run(program, *(f"--random={size}" for size in sizes), "--repeat=3", "--json")
taken = json.loads(report.splitlines()[-1])["peak_mib"] * 2**20
print(f"{formula}: {promised / 2**20:.1f} MiB, measured {taken / 2**20:.1f} MiB")
check(taken <= promised + SLACK, "no more than promised")
check(taken >= 0.85 * promised, "not much less than promised")
