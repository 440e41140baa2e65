#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Mutates the tests of the attn ops and checks that attune-opt survives.

From every part of every test each type is changed in turn (element type, rank, sizes) and each
operand, attribute and flag is dropped. The parts are printed in the generic form first, which
reaches the verifiers with what the custom form can't express. All mutants of a test go through one
attune-opt with -canonicalize; where that dies of a signal or hangs, the mutant is found by halving
the input.
"""
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

SEPARATOR = "\n// -----\n"
SHAPED = re.compile(r"(?<!array)(tensor|memref|!attn\.matrix|vector)?<([0-9?x]*)(f32|f64|i32|i64|i8|i1)>")
PER_PART = 25


def shaped_mutants(match):
    kind, sizes, element = match.group(1) or "", match.group(2), match.group(3)
    dims = sizes.split("x")[:-1] if sizes else []
    other = [e for e in ("f32", "f64", "i32", "index") if e != element]
    for e in other:
        yield f"{kind}<{sizes}{e}>"
    changed = [[], dims[1:], dims + ["3"], ["2"] + dims, ["?"] * len(dims), ["0"] * len(dims), ["1"] * len(dims),
               ["*"]]
    for dims in changed:
        yield f"{kind}<{''.join(d + 'x' for d in dims)}{element}>"
    if kind == "tensor":
        yield f"memref<{sizes}{element}>"
        yield f"!attn.matrix<{sizes}{element}>"
        yield element


def consistent_mutants(text):
    """Every occurrence of one type at once, so that uses and definitions still agree."""
    for spelling in sorted(set(m.group(0) for m in SHAPED.finditer(text))):
        for new in shaped_mutants(SHAPED.fullmatch(spelling)):
            yield text.replace(spelling, new)


def single_mutants(text):
    for match in SHAPED.finditer(text):
        for new in shaped_mutants(match):
            yield text[:match.start()] + new + text[match.end():]


def dropped(text):
    for match in re.finditer(r"%\w+(#\d+)?, |, %\w+(#\d+)?|\w+ = array<[^>]*>,? ?|, \w+\b(?=[,>}])|\^bb0\([^)]*\)", text):
        yield text[:match.start()] + text[match.end():]


def rings(text):
    """Each operand of an op replaced by its own result."""
    for match in re.finditer(r"(%\w+)(?::\d+)? = \S+\(?[^%\n]*(%\w+)", text):
        yield text[:match.start(2)] + match.group(1) + text[match.end(2):]


def run(mutants, flags):
    result = subprocess.run(["attune-opt", "-split-input-file", "-allow-unregistered-dialect", *flags, "-o", os.devnull],
                            input=SEPARATOR.join(mutants), text=True, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL, timeout=60)
    return 0 <= result.returncode < 128


def survives(mutants, flags):
    try:
        return run(mutants, flags)
    except subprocess.TimeoutExpired:
        return False


def culprit(mutants, flags):
    while len(mutants) > 1:
        half = len(mutants) // 2
        mutants = mutants[:half] if not survives(mutants[:half], flags) else mutants[half:]
    return mutants[0]


def generic(path):
    printed = subprocess.run(["attune-opt", path, "-split-input-file", "-verify-diagnostics", "-mlir-print-op-generic"],
                             text=True, capture_output=True, check=False).stdout
    return printed.split("// -----\n")


def thin(mutants):
    """At most PER_PART of them, evenly spread; the same ones in every run."""
    mutants = list(dict.fromkeys(mutants))
    step = max(1, len(mutants) // PER_PART)
    return mutants[::step]


def mutants_of(path):
    with open(path, encoding="utf-8") as file:
        parts = [re.sub(r"^\s*//.*\n", "", part, flags=re.M) for part in file.read().split("// -----")]
    return [mutant for part in parts[:3] + generic(path)[:3]
            for kind in (consistent_mutants, single_mutants, dropped, rings) for mutant in thin(kind(part))]


def sweep(path):
    """How many mutants of a test there are, and reports of those that attune-opt dies of."""
    mutants = mutants_of(path)
    return len(mutants), [f"{path}: attune-opt {' '.join(flags)} died of\n{culprit(mutants, flags)}"
                          for flags in ([], ["-canonicalize"]) if not survives(mutants, flags)]


def main():
    folder = sys.argv[1]
    paths = [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(".mlir")]
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(sweep, paths))
    failures = [report for _, reports in results for report in reports]
    print("\n".join(failures))
    print(f"{sum(count for count, _ in results)} mutants, {f'{len(failures)} crashes' if failures else 'no crash'}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
