# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares the FLOP that plans say with those that are counted in what was built.

usage: plan_flop.py <scratch folder> [--count=<random programs>] [--as-is] [--plant] <file.mlir>..

Every module is compiled as it is and, but for --as-is, once without each rewrite. Explained FLOP are those of
`attune-compile --explain=json`; counted ones are those of `attune-opt --attune-count-flop` behind
linearization, less those in front of it. All coefficients of the leading degree have to agree, for
the first and for the second branch of what the program chooses. --plant makes one explained number
wrong, which has to be found.
"""
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../..")
sys.path.insert(0, os.path.join(ROOT, "test/EndToEnd"))
sys.path.insert(0, os.path.join(ROOT, "test/EndToEnd/Inputs"))
import algebra  # noqa: E402

PREPARE = "builtin.module(func.func(attune-move-head-mean{{disable={0}}},attune-move-norms{{disable={0}}}))"


def parse(text):
    """"16384*N + 1/2*N^2" as {("N",): 16384, ("N", "N"): 1/2}."""
    poly, sign = {}, 1
    if "more than" in text:
        raise ValueError(text)
    for word in text.split():
        if word in "+-":
            sign = -1 if word == "-" else 1
            continue
        number, symbols = Fraction(sign), []
        if word.startswith("-"):
            number, word = -number, word[1:]
        for factor in word.split("*"):
            if re.fullmatch(r"[\d/]+", factor):
                number *= Fraction(factor)
            else:
                name, _, power = factor.partition("^")
                symbols += [name] * int(power or 1)
        key = tuple(sorted(symbols))
        poly[key] = poly.get(key, 0) + number
        sign = 1
    return {key: value for key, value in poly.items() if value}


def difference(a, b):
    return {key: a.get(key, 0) - b.get(key, 0) for key in {*a, *b} if a.get(key, 0) != b.get(key, 0)}


def leading(poly):
    degree = max((len(key) for key in poly), default=0)
    return {key: value for key, value in poly.items() if len(key) == degree}


def call(*arguments):
    return subprocess.run(arguments, capture_output=True, text=True, timeout=300)


def count(path):
    done = call("attune-opt", "--mlir-disable-threading", path, "--pass-pipeline=builtin.module(func.func(attune-count-flop))", "-o", os.devnull)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    found = {}
    for name, first, second in re.findall(r"remark: (\S+): flop: (.+?)(?: or (.+))?$", done.stderr, re.MULTILINE):
        found[name] = [parse(first), parse(second or first)]
    return found


def check(simplified, stem, disable, plant=False):
    """What differs, as texts; None where the module is not supported so."""
    if not simplified:
        return None
    flags = [f"--disable={disable}"] if disable else []
    before, after = stem + ".before.mlir", stem + ".after.mlir"
    done = call("attune-opt", simplified, "--pass-pipeline=" + PREPARE.format(disable), "-o", before)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    done = call("attune-compile", before, "--start-after=simplify", "--stop-after=linearize", "--explain=json",
                "-o", after, *flags)
    if done.returncode == 2:
        return None
    if done.returncode != 0:
        raise RuntimeError(f"{stem} {flags}: {done.returncode} {done.stderr}")
    functions = json.loads(done.stdout)["functions"] if done.stdout.startswith("{") else {}
    had, has, wrong = count(before), count(after), []
    if set(functions) - set(has):
        raise RuntimeError(f"{after}: counted {sorted(has)}, explained {sorted(functions)}")
    for name, function in functions.items():
        for branch, key in enumerate(["flop", "other_flop"]):
            explained = {}
            for sink in function["sinks"]:
                for symbols, value in parse(sink[key]).items():
                    explained[symbols] = explained.get(symbols, 0) + value
            if plant and explained:
                explained[max(explained, key=len)] += 1
            counted = difference(has[name][branch], had[name][branch])
            if leading(explained) != leading(counted):
                wrong.append(f"@{name} without {disable or 'nothing'}, branch {branch + 1}: explained {explained}, "
                             f"counted {counted}")
    return wrong


def simplify(path, stem):
    done = call("attune-compile", path, "--stop-after=simplify", "-o", stem + ".simplified.mlir")
    return stem + ".simplified.mlir" if done.returncode == 0 else None


def main():
    scratch, files, programs, plant, disabled = sys.argv[1], [], 0, False, [""] + algebra.REWRITES
    for argument in sys.argv[2:]:
        if argument.startswith("--count="):
            programs = int(argument.removeprefix("--count="))
        elif argument == "--as-is":
            disabled = [""]
        elif argument == "--plant":
            plant = True
        else:
            files.append(argument)
    os.makedirs(scratch, exist_ok=True)
    modules = [(os.path.join(scratch, os.path.basename(path)), path) for path in files]
    # Random programs, many to a module; those that are not supported stand alone.
    texts = [algebra.Generator(seed, 4).function_text() for seed in range(programs)]

    def write(name, text):
        path = os.path.join(scratch, name + ".mlir")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return os.path.join(scratch, name), path

    def is_supported(seed):
        stem, path = write(f"one{seed}", texts[seed])
        return call("attune-compile", path, "--stop-after=linearize", "-o", stem + ".out.mlir").returncode == 0

    statistics = {"compared": 0, "not supported": 0}
    with ThreadPoolExecutor(2) as pool:
        supported = [seed for seed, good in zip(range(programs), pool.map(is_supported, range(programs))) if good]
        groups = [supported[i:i + 25] for i in range(0, len(supported), 25)]
        modules += [write(f"group{i}", "".join(texts[s] for s in group)) for i, group in enumerate(groups)]
        members = {os.path.join(scratch, f"group{i}"): group for i, group in enumerate(groups)}

        def run(job):
            (stem, path), disable = job
            found = check(simplify(path, stem + "." + disable), stem + "." + disable, disable, plant)
            if found is not None or stem not in members:
                return [found]
            results = []
            for seed in members[stem]:
                one = os.path.join(scratch, f"one{seed}")
                results.append(check(simplify(one + ".mlir", one + "." + disable), one + "." + disable, disable, plant))
            return results

        jobs = [(module, disable) for module in modules for disable in disabled]
        wrong = []
        for results in pool.map(run, jobs):
            for found in results:
                statistics["not supported" if found is None else "compared"] += 1
                wrong += found or []
    for text in wrong:
        print(text)
    print(f"{len(supported)} of {programs} random programs; {statistics}")
    print(f"{len(wrong)} differ")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
