#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The demo behind `tools/dev demo`: Attune on Zachary's karate club, then on growing graphs.

Shows one layer's algebra before and after the rewrite, what the compiler says about it, both
trained models' factions against the real ones, and the same compiled file on random graphs with
up to 1 000 000 nodes. The data and its origin: test/Inputs/karate/README.md.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
KARATE = os.path.join(ROOT, "test", "Inputs", "karate")
sys.path.insert(0, os.path.dirname(KARATE))
import tensorfile  # noqa: E402

MODELS = {
    "difformer": ("DIFFormer-s", "graph-loops",
                  ["--kernel=simple", "--in=8", "--hidden=16", "--classes=2", "--layers=2",
                   "--heads=1", "--alpha=0.5", "--use-weight=true"]),
    "gcn": ("GCN", "graph", ["--in=8", "--hidden=16", "--classes=2", "--layers=2"]),
}
SIZES = [1_000, 10_000, 100_000, 1_000_000]
EDGES_PER_NODE = 5


class Failure(Exception):
    """A tool failed; the text is what the reader gets to see."""


class Tools:
    def __init__(self, build):
        self.folder = os.path.join(os.path.abspath(build), "bin")

    def __call__(self, name, *arguments):
        """(stdout, stderr, seconds) of a tool that must succeed."""
        path = os.path.join(self.folder, name)
        if not os.access(path, os.X_OK):
            raise Failure(f"{path} is not built")
        start = time.monotonic()
        done = subprocess.run([path, *arguments], capture_output=True, text=True)
        if done.returncode != 0:
            raise Failure(f"{name} ended with exit code {done.returncode}\n{done.stderr.strip()}")
        return done.stdout, done.stderr, time.monotonic() - start


def heading(text):
    print(f"\n== {text}\n", flush=True)


def excerpt(text, limit):
    """Function body lines without the long weight arguments, shortened to what fits a screen."""
    lines = [line.rstrip() for line in text.splitlines()]
    body = [line for line in lines if line.strip() and not line.startswith(("module", "#"))]
    shown = [line if len(line) <= 110 else line[:107] + "..." for line in body[:limit]]
    if len(body) > limit:
        shown.append(f"    ... {len(body) - limit} more lines")
    return "\n".join(shown)


def show_algebra(tools):
    heading("One layer's attention: the algebra as written")
    source = os.path.join(ROOT, "tools", "demo", "layer.mlir")
    with open(source) as file:
        text = "".join(line for line in file if not line.startswith("//"))
    print(text.strip())
    heading("The same after `attune-opt --attune-linearize`: nothing with N x N elements is left")
    out, _, _ = tools("attune-opt", source, "--attune-linearize")
    print(excerpt(out, 60))


def compile_models(tools, scratch):
    for name, (title, _, options) in MODELS.items():
        model = os.path.join(scratch, name + ".mlir")
        tools("attune-zoo", name, *options, "-o", model)
        out, log, seconds = tools("attune-compile", model, "-o", model[:-4] + "so", "--explain")
        heading(f"attune-compile --explain, {title}")
        print((out + log).strip())
        print(f"\ncompiled in {seconds:.2f} s, once for every number of nodes and edges")


def predict(tools, scratch, name, graph):
    """Index of the larger logit of each member."""
    result = os.path.join(scratch, name + "-out.safetensors")
    tools("attune-run", os.path.join(scratch, name + ".so"),
          f"--bind={os.path.join(KARATE, graph + '.safetensors')}",
          f"--bind={os.path.join(KARATE, name + '.safetensors')}",
          f"--expect={os.path.join(KARATE, name + '-expect.safetensors')}", "--atol=1e-4",
          "-o", result)
    (members, classes), logits = tensorfile.read(result, "logits")
    rows = [logits[i * classes:(i + 1) * classes] for i in range(members)]
    return [row.index(max(row)) for row in rows]


def show_factions(tools, scratch):
    heading("Zachary's karate club: 34 members, 78 ties, the side each took when the club split")
    _, truth = tensorfile.read(os.path.join(KARATE, "graph.safetensors"), "faction")
    _, labelled = tensorfile.read(os.path.join(KARATE, "graph.safetensors"), "labelled")
    predicted = {name: predict(tools, scratch, name, graph)
                 for name, (_, graph, _) in MODELS.items()}
    members = range(len(truth))
    titles = {name: title for name, (title, _, _) in MODELS.items()}
    print("  H = Mr. Hi, O = the officer, * = labelled in training, lower case = wrong\n")
    letter = lambda guess, real: "HO"[guess] if guess == real else "ho"[guess]
    print("  member       " + " ".join(f"{i:>2}" for i in members))
    print("  real side    " + " ".join(f"{('*' if i in labelled else ' ') + 'HO'[truth[i]]:>2}"
                                      for i in members))
    for name, guesses in predicted.items():
        print(f"  {titles[name]:<12} " + " ".join(f"{letter(guesses[i], truth[i]):>2}"
                                                  for i in members))
    print()
    unlabelled = [i for i in members if i not in labelled]
    for name, guesses in predicted.items():
        wrong = [i for i in unlabelled if guesses[i] != truth[i]]
        print(f"  {titles[name]}: {len(unlabelled) - len(wrong)} of {len(unlabelled)} unlabelled "
              f"members right" + (f"; wrong: {', '.join(map(str, wrong))}" if wrong else ""))


def amount(count, base, units):
    """A number of bytes in the largest unit that keeps it at least 1."""
    index = 0
    while count >= base and index < len(units) - 1:
        count /= base
        index += 1
    return f"{count:.{0 if count >= 10 else 1}f} {units[index]}"


def show_growth(tools, scratch):
    heading("The same DIFFormer-s file on random graphs, 5 edges for each node")
    print(f"  {'N':>9} {'E':>9} {'time':>10} {'peak memory above':>18} {'one N x N float':>16}")
    print(f"  {'':>9} {'':>9} {'':>10} {'inputs and outputs':>18} {'matrix':>16}")
    for nodes in SIZES:
        edges = EDGES_PER_NODE * nodes
        out, _, _ = tools("attune-run", os.path.join(scratch, "difformer.so"),
                          f"--bind={os.path.join(KARATE, 'difformer.safetensors')}",
                          f"--random=N={nodes}", f"--random=E={edges}", "--seed=7", "--json")
        report = json.loads(out.strip().splitlines()[-1])
        units = ["B", "KiB", "MiB", "GiB", "TiB"]
        print(f"  {nodes:>9,} {edges:>9,} {report['ms']:>7.1f} ms "
              f"{amount(report['peak_mib'] * 2 ** 20, 1024, units):>18} "
              f"{amount(4 * nodes * nodes, 1024, units):>16}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    tools = Tools(parser.parse_args().build)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            show_algebra(tools)
            compile_models(tools, scratch)
            show_factions(tools, scratch)
            show_growth(tools, scratch)
    except Failure as failure:
        print(f"demo: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
