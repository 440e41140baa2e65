#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs golden cases: folders with case.json, inputs, weights and expected outputs (safetensors).

The model comes from attune-zoo (whole models) or from a template in templates/ (single operations
and layers), filled in with what case.json and the files' headers say; nothing depends on a case's
name. Each case is compiled and run by attune-run, which reports the errors that are judged here.
Exit code 0 if something ran and nothing failed.
"""
import argparse
import concurrent.futures
import json
import os
import re
import string
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "Inputs"))
import tensorfile  # noqa: E402

SECONDS_PER_CASE = 900
# What a result may be off. "abs" in its own unit (trained models), "rel" of the largest entry.
TOLERANCE = {("cpu", "trained"): ("abs", 3e-5), ("cpu", "other"): ("rel", 5e-6),
             ("reference", "trained"): ("abs", 1e-10), ("reference", "other"): ("rel", 1e-10)}


class Skip(Exception):
    """The case is of a kind that cannot be run yet; the text says why."""


class Case:
    def __init__(self, folder):
        self.folder = folder
        with open(os.path.join(folder, "case.json")) as file:
            self.facts = json.load(file)
        self.options = {**self.facts, **self.facts.get("hyperparameters", {})}
        self.inputs, self.weights, self.expect = (
            self.file(name) for name in ("inputs", "weights", "expect"))
        if self.inputs is None:
            self.inputs = self.sibling_inputs()
        self.shapes = {}
        for path in (self.inputs, self.weights):
            if path:
                self.shapes.update({k: v["shape"] for k, v in tensorfile.header(path).items()})
        self.out = {}
        if self.expect:
            self.out = {name: entry["shape"]
                        for name, entry in tensorfile.header(self.expect).items()}
        self.binds = [path for path in (self.inputs, self.weights) if path]

    def file(self, name):
        path = os.path.join(self.folder, name + ".safetensors")
        return path if os.path.exists(path) else None

    def sibling_inputs(self):
        """Two models on one data set share the inputs, which stand with one of them."""
        parent, dataset = os.path.dirname(self.folder), self.facts.get("dataset")
        for other in sorted(os.listdir(parent)):
            facts = os.path.join(parent, other, "case.json")
            inputs = os.path.join(parent, other, "inputs.safetensors")
            if dataset and os.path.exists(facts) and os.path.exists(inputs):
                with open(facts) as file:
                    if json.load(file).get("dataset") == dataset:
                        return inputs
        return None

    def kind(self):
        """What makes the model: `case_of`, a model's name, or what the weights show."""
        if "case_of" in self.facts:
            sub = self.facts.get("kind", "")
            return self.facts["case_of"] + ("-" + sub if sub else "")
        if "conv1.lin.weight" in self.shapes:
            return "gcn-model"
        return self.facts.get("model") or os.path.basename(self.folder).split("-")[0] + "-case"

    def bind_features(self):
        """Large node features may stand once for several cases, as <data set>-x in a folder above."""
        if "x" in self.shapes:
            return
        names = [self.facts.get("dataset", ""), *os.path.basename(self.folder).split("-")]
        above = os.path.dirname(self.folder)
        for _ in range(2):
            for name in filter(None, names):
                path = os.path.join(above, name + "-x.safetensors")
                if os.path.exists(path):
                    self.shapes["x"] = tensorfile.header(path)["x"]["shape"]
                    self.binds.append(path)
                    return
            above = os.path.dirname(above)
        raise Skip("no file holds the node features `x`")


def expand(template, flags, values):
    """The template's text: `//if flag`, `//else`, `//end` and `//include file` lines are obeyed."""
    def lines(name):
        with open(os.path.join(HERE, "templates", name)) as file:
            for line in file:
                if line.startswith("//include "):
                    yield from lines(line.split()[1])
                else:
                    yield line

    text, active = [], [True]
    for line in lines(template):
        if line.startswith("//if "):
            active.append(line.split()[1] in flags)
        elif line.startswith("//else"):
            active[-1] = not active[-1]
        elif line.startswith("//end"):
            active.pop()
        elif all(active):
            text.append(line)
    if len(active) != 1:
        raise ValueError(f"{template}: `//if` without `//end`")
    return string.Template("".join(text)).substitute(values)


def flags_of(case):
    shapes, options = case.shapes, case.options
    flags = {"simple": options.get("kernel") == "simple",
             "segments": "graph_offsets" in shapes,
             "graph": "edge_index" in shapes and options.get("use_graph", True),
             "edge_weight": "edge_weight" in shapes,
             "value_weight": "Wv.weight" in shapes,
             "source": "x_0" in shapes,
             "mixed": options.get("graph_weight", -1) > 0}
    return {name for name, is_set in flags.items() if is_set}


def sizes_of(*names):
    return ", ".join(f'{name} = "rows"' for name in names)


def attention(case, zoo):
    (rows, heads, key), (keys, value_heads, value) = case.shapes["q"], case.shapes["v"]
    flags = flags_of(case)
    if rows != keys and "simple" in flags:
        flags.add("rows_in_normaliser")
    segments = "segments" in flags
    return expand("attention.mlir", flags, {
        "heads": heads, "key": key, "value_heads": value_heads, "value": value,
        "keys": "N" if segments else "M", "sizes": sizes_of("N", "G" if segments else "M")})


def gcn(case, zoo):
    _, heads, value = case.shapes["x"]
    return expand("gcn.mlir", flags_of(case),
                  {"heads": heads, "value": value, "sizes": sizes_of("N", "E")})


def layer(case, zoo):
    flags, width = flags_of(case), case.out["out"][1]
    wide, width_in = case.shapes["Wq.weight"]
    graph_part = case.options.get("graph_weight", -1)
    symbols = ["N"] + ["E"] * ("graph" in flags) + ["G"] * ("segments" in flags)
    return expand("layer.mlir", flags, {
        "heads": wide // width, "key": width, "value": width, "input": width_in, "wide": wide,
        "value_heads": wide // width if "value_weight" in flags else 1,
        "attention_part": repr(1.0 - graph_part), "graph_part": repr(float(graph_part)),
        "sizes": sizes_of(*symbols)})


def difformer(case, zoo):
    case.bind_features()
    shapes, options = case.shapes, case.options
    graph_weight = options.get("graph_weight", -1)  # 0 and below: the terms are added unweighted
    hidden, width_in = shapes["fcs.0.weight"]
    choices = {"kernel": options["kernel"], "in": width_in, "hidden": hidden,
               "classes": shapes["fcs.1.weight"][0],
               "layers": sum(re.fullmatch(r"convs\.\d+\.Wq\.weight", name) is not None
                             for name in shapes),
               "heads": shapes["convs.0.Wq.weight"][0] // hidden,
               "alpha": options.get("alpha", 0.5),
               "graph-weight": graph_weight if graph_weight > 0 else -1,
               "use-graph": options.get("use_graph", True),
               "use-weight": "convs.0.Wv.weight" in shapes,
               "use-source": options.get("use_source", False),
               "use-residual": options.get("use_residual", True),
               "use-norm": options.get("use_bn", True), "batched": "graph_offsets" in shapes,
               "edge-weight": "edge_weight" in shapes and options.get("use_graph", True)}
    return zoo("difformer", choices)


def gcn_model(case, zoo):
    case.bind_features()
    layers = sum(re.fullmatch(r"conv\d+\.lin\.weight", name) is not None for name in case.shapes)
    hidden, width_in = case.shapes["conv1.lin.weight"]
    classes = case.shapes[f"conv{layers}.lin.weight"][0]
    return zoo("gcn", {"in": width_in, "hidden": hidden, "classes": classes, "layers": layers})


def tiny_train(case, zoo):
    raise Skip("training is not built yet")


# Kind of a case -> what makes its model. A new model is one more row.
MAKERS = {"attention": attention, "gcn": gcn, "layer": layer, "tiny_model": difformer,
          "v2": attention, "v2-layer": layer, "v2-model": difformer, "difformer": difformer,
          "gcn-model": gcn_model, "tiny_train": tiny_train}
TRAINED = ("difformer", "gcn-model")


class Runner:
    def __init__(self, binaries, scratch):
        self.binaries, self.scratch = binaries, scratch

    def tool(self, name, *arguments):
        command = [os.path.join(self.binaries, name), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_PER_CASE,
                              cwd=self.scratch)

    def zoo(self, model, choices):
        text = {True: "true", False: "false"}
        done = self.tool("attune-zoo", model, *(
            f"--{key}={text[value] if isinstance(value, bool) else value}"
            for key, value in choices.items()))
        if done.returncode != 0:
            raise RuntimeError(f"attune-zoo ended with {done.returncode}: {last_line(done.stderr)}")
        return done.stdout

    def run(self, case, target, stem):
        """(result, reason) of one case on one target."""
        kind = case.kind()
        if case.expect is None:
            raise Skip("the folder holds no expected outputs")
        if kind not in MAKERS:
            raise Skip(f"no rule for cases of kind `{kind}`")
        model = os.path.join(self.scratch, stem + ".mlir")
        text = MAKERS[kind](case, self.zoo)
        with open(model, "w") as file:
            file.write(text)
        unit, limit = TOLERANCE[target, "trained" if kind in TRAINED else "other"]
        done = self.tool("attune-run", model, f"--target={target}",
                         *(f"--bind={path}" for path in case.binds),
                         f"--expect={case.expect}", "--json",
                         f"--{unit[0]}tol={limit}", f"--{'r' if unit == 'abs' else 'a'}tol=0")
        try:
            errors = json.loads(done.stdout.strip().splitlines()[-1])["errors"]
            # null stands for an error that is no finite number
            worst = max(float("inf") if error[unit] is None else error[unit]
                        for error in errors.values())
        except (ValueError, KeyError, IndexError, TypeError):
            return "failed", f"attune-run ended with {done.returncode}: {last_line(done.stderr)}"
        note = f"error {worst:.1e} {unit}, at most {limit:.0e}"
        holds = done.returncode == 0 and worst <= limit
        return "passed" if holds else "failed", note


def last_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line]
    return (errors or lines or ["no message"])[0]


def find_cases(root):
    folders = [folder for folder, _, files in os.walk(root) if "case.json" in files]
    size = lambda folder: sum(os.path.getsize(os.path.join(folder, name))
                              for name in os.listdir(folder))
    return sorted(folders, key=size, reverse=True)  # the longest first


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, help="folder of the built tools")
    parser.add_argument("--goldens", required=True, help="folder of cases, at any depth")
    parser.add_argument("--filter", default="", help="regular expression on the cases' names")
    parser.add_argument("--target", default="cpu", help="cpu, reference, or both with a comma")
    parser.add_argument("--json", default="", help="also write the results to this file")
    parser.add_argument("--jobs", type=int, default=2, help="cases run at a time")
    parser.add_argument("--keep", default="", help="folder that keeps the models")
    options = parser.parse_args()
    targets = options.target.split(",")
    if not set(targets) <= {target for target, _ in TOLERANCE}:
        parser.error(f"unknown target in `{options.target}`, expected cpu or reference")

    root = os.path.abspath(options.goldens)
    results = []

    def one(job):
        folder, target = job
        name = os.path.relpath(folder, root)
        name = os.path.basename(root) if name == "." else name
        stem = re.sub(r"[^A-Za-z0-9_.-]", "_", f"{name}-{target}")
        try:
            result, reason = runner.run(Case(folder), target, stem)
        except Skip as skip:
            if target != targets[0]:
                return  # the reason is the same on every target
            result, reason = "skipped", str(skip)
        except Exception as error:  # one broken case must not end the others
            result, reason = "failed", f"{type(error).__name__}: {error}"
        if result != "skipped" or not options.json:
            print(f"{result}: {name} ({target}): {reason}", flush=True)
        results.append({"name": name, "target": target, "result": result, "reason": reason})

    with tempfile.TemporaryDirectory() as scratch, \
            concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        if options.keep:
            os.makedirs(options.keep, exist_ok=True)
        runner = Runner(os.path.abspath(options.bin), os.path.abspath(options.keep or scratch))
        jobs = [(folder, target) for folder in find_cases(root) for target in targets
                if re.search(options.filter, os.path.relpath(folder, root))]
        list(pool.map(one, jobs))

    results.sort(key=lambda row: (row["name"], row["target"]))
    if options.json:
        with open(options.json, "w") as file:
            json.dump(results, file)
    counts = {kind: sum(row["result"] == kind for row in results)
              for kind in ("passed", "failed", "skipped")}
    print("golden cases: " + ", ".join(f"{count} {kind}" for kind, count in counts.items()))
    return 0 if counts["passed"] and not counts["failed"] else 1


if __name__ == "__main__":
    sys.exit(main())
