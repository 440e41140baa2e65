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
import math
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
TARGETS = ("cpu", "gpu-emulator", "gpu", "reference")


class Skip(Exception):
    """The case cannot be run; the text says why."""


class Case:
    def __init__(self, folder):
        self.folder = folder
        with open(os.path.join(folder, "case.json")) as file:
            self.facts = json.load(file)
        self.options = {**self.facts.get("hyperparameters", {}), **self.facts}
        self.inputs, self.weights, self.expect = (
            self.file(name) for name in ("inputs", "weights", "expect"))
        if "weights" in self.facts:
            self.weights = os.path.normpath(
                os.path.join(folder, self.facts["weights"], "weights.safetensors"))
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

    def siblings(self):
        """(folder, facts) of the cases next to this one."""
        parent = os.path.dirname(self.folder)
        for other in sorted(os.listdir(parent)):
            facts = os.path.join(parent, other, "case.json")
            if os.path.exists(facts):
                with open(facts) as file:
                    yield os.path.join(parent, other), json.load(file)

    def sibling_inputs(self):
        """Two models on one data set share the inputs, which stand with one of them."""
        for folder, facts in self.siblings():
            inputs = os.path.join(folder, "inputs.safetensors")
            if "dataset" in self.facts and os.path.exists(inputs) \
                    and facts.get("dataset") == self.facts["dataset"]:
                return inputs
        return None

    def kind(self):
        """What makes the model: `case_of`, a model's name, or what tensors the case has."""
        if "case_of" in self.facts:
            sub = self.facts.get("kind", "")
            return self.facts["case_of"] + ("-" + sub if sub else "")
        for name, kind in SHOWN_BY.items():
            if name in self.shapes:
                return kind
        if "model" in self.facts:
            return self.facts["model"]
        if len(self.shapes.get("X", ())) == 4:
            return "patch-embed"
        if len(self.shapes.get("q", ())) == 4:
            return "batched-attention" if "v" in self.shapes else "gaussian-table"
        return "unknown"

    def count(self, pattern):
        """How many tensors have names of this form."""
        return sum(re.fullmatch(pattern, name) is not None for name in self.shapes)

    def weight_arguments(self):
        """The weights as arguments of a function."""
        return ",\n".join(f'    %{name}: {tensor(entry["shape"])} {{attune.name = "{name}"}}'
                          for name, entry in tensorfile.header(self.weights).items()
                          if entry["dtype"].startswith("F"))

    def bind_features(self):
        """Large node features may stand once for several cases: <data set>-x in a folder above."""
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


def tensor(shape):
    return f"tensor<{''.join(f'{size}x' for size in shape)}f32>"


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
               "layers": case.count(r"convs\.\d+\.Wq\.weight"),
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
    layers = case.count(r"conv\d+\.lin\.weight")
    hidden, width_in = case.shapes["conv1.lin.weight"]
    classes = case.shapes[f"conv{layers}.lin.weight"][0]
    return zoo("gcn", {"in": width_in, "hidden": hidden, "classes": classes, "layers": layers})


def soft(case, zoo):
    height, width = case.shapes["image"][-2:]
    depths = [case.count(rf"block{stage}\.\d+\.(att\.)?norm1\.weight") for stage in range(1, 5)]
    return zoo("soft", {"size": case.options["size"], "norm": case.options["norm"],
                        "image": f"{height}x{width}", "classes": case.shapes["head.weight"][0],
                        "depths": ",".join(map(str, depths)),
                        "iterations": case.options.get("iterations", 20)})


def newton_attributes(case, norm):
    steps = f"iterations = {case.options.get('iterations', 20)}"
    if norm:
        return steps + ", factor = 2.0, whole_tensor, bound = 1.01, max_halvings = 10"
    return steps + ", ridge = 0.01, factor = 1.8"


def newton(case, zoo):
    shape = case.shapes["K"]
    sums = shape[:-3] + shape[-1:] + shape[-3:-2]  # rows before heads
    return expand("newton.mlir", (), {
        "matrices": tensor(shape), "matrix": "!attn.matrix" + tensor(shape)[len("tensor"):],
        "sums": tensor(sums), "plain": newton_attributes(case, False),
        "norm": newton_attributes(case, True)})


def gaussian_table(case, zoo):
    _, heads, landmarks, key = case.shapes["k"]
    return expand("gaussian-table.mlir", (), {"heads": heads, "landmarks": landmarks, "key": key})


def grid_of(case, rows):
    """The image's height and width: of case.json, else of a case next to it with as many rows, else
    the factors nearest to a square."""
    for facts in (case.options, *(facts for _, facts in case.siblings())):
        if facts.get("H", 0) * facts.get("W", 0) == rows:
            return facts["H"], facts["W"]
    height = max(h for h in range(1, math.isqrt(rows) + 1) if rows % h == 0)
    return height, rows // height


def soft_attention(case, zoo, template="soft-attention.mlir", mha=""):
    _, rows, width = case.shapes["X"]
    key, _, ratio, _ = case.shapes[mha + "attn.Qlandmark_op.weight"]
    heads, _, kernel, _ = case.shapes[mha + "attn.conv.weight"]
    height, breadth = grid_of(case, rows)
    norm = case.options.get("norm", False)
    return expand(template, {"norm"} if norm else (), {
        "weights": case.weight_arguments(), "mha": mha, "rows": rows, "width": width, "key": key,
        "heads": heads, "ratio": ratio, "kernel": kernel, "padding": kernel // 2,
        "height": height, "breadth": breadth, "mark_rows": height // ratio,
        "mark_columns": breadth // ratio, "landmarks": (height // ratio) * (breadth // ratio),
        "hidden": case.shapes.get("att.ff1.weight", [0])[0], "scale": repr(key ** -0.25),
        "newton": newton_attributes(case, norm)})


def soft_block(case, zoo):
    return soft_attention(case, zoo, "soft-block.mlir", "att.mha.")


def heads_of(case, width):
    """Of case.json, else of a case next to it of the same width; no tensor shows them."""
    if "heads" in case.options:
        return case.options["heads"]
    for _, facts in case.siblings():
        if facts.get("dim") == width and "heads" in facts:
            return facts["heads"]
    if width % 32 == 0:
        return width // 32  # as in every published size
    raise Skip("nothing says how many heads the block has")


def softmax_block(case, zoo):
    _, rows, width = case.shapes["X"]
    heads = heads_of(case, width)
    return expand("softmax-block.mlir", (), {
        "weights": case.weight_arguments(), "rows": rows, "width": width, "both": 2 * width,
        "hidden": case.shapes["mlp.fc1.weight"][0], "heads": heads, "key": width // heads,
        "scale": repr((width // heads) ** -0.5)})


def patch_embed(case, zoo):
    """One convolution of stride 2, or the first stage's three, whose middle one keeps the size."""
    _, channels, height, breadth = case.shapes["X"]
    layers = sorted(name[:-len(".weight")] for name, shape in case.shapes.items()
                    if name.endswith(".weight") and len(shape) == 4)
    steps, image, padding = "", [height, breadth, channels], 1
    for step, layer in enumerate(layers):
        weight = case.shapes[layer + ".weight"]
        stride = 1 if 0 < step < len(layers) - 1 else 2
        before, image = image, [(size + 2 * padding - weight[2]) // stride + 1
                                for size in image[:2]] + weight[:1]
        prefix, place = layer.rsplit(".", 1)
        steps += expand("patch-step.mlir", (), {
            "input": f"%y{step}", "step": step + 1, "layer": layer, "stride": stride,
            "norm": f"{prefix}.{int(place) + 1}", "padding": padding, "weight": tensor(weight),
            "vector": tensor(weight[:1]), "before": tensor(["?"] + before),
            "after": tensor(["?"] + image)})
    return expand("patch-embed.mlir", (), {
        "weights": case.weight_arguments(), "channels": channels, "height": height,
        "breadth": breadth, "steps": steps, "last": f"%y{len(layers)}",
        "small": tensor(["?"] + image), "rows": image[0] * image[1], "width": image[2]})


def batched_attention(case, zoo):
    (_, heads, _, key), value = case.shapes["q"], case.shapes["v"][-1]
    options = case.options
    linear = "gamma" in options
    scale = options.get("scale", 1 if linear else "1/sqrt(d)")
    flags = {"linear": linear, "gaussian": not linear and "normalised" in options,
             "causal": options.get("causal", linear), "key_mask": "key_mask" in case.shapes,
             "gamma": "gamma" in case.shapes, "row_sum": "row_sum" in case.out,
             "normalised": options.get("normalised", linear)}
    flags["softmax"] = not linear and not flags["gaussian"]
    flags = {name for name, is_set in flags.items() if is_set}
    weights = "%near" if "gaussian" in flags else "%decaying" if "gamma" in flags \
        else "%linear" if linear else "%scaled"
    unmasked = "%causal" if "causal" in flags else weights
    present = "%masked" if "key_mask" in flags else unmasked
    symbol = "N" if "causal" in flags else "M"
    return expand("batched-attention.mlir", flags, {
        "heads": heads, "key": key, "value": value, "keys": symbol,
        "sizes": sizes_of(*sorted({"N", symbol})), "weights": weights, "unmasked": unmasked,
        "present": present, "shares": "%shares" if flags & {"softmax", "normalised"} else present,
        "scale": repr(key ** -0.5 if scale == "1/sqrt(d)" else float(scale))})


def decay(case, key):
    exact = {name: repr(float(case.options[name])) for name in ("slope", "gamma")}
    return {**exact, "scale": repr(key ** -0.5)}


def gradformer_attention(case, zoo):
    _, heads, key = case.shapes["q"]
    return expand("gradformer-attention.mlir", (),
                  {"heads": heads, "key": key, **decay(case, key)})


def gradformer_layer(case, zoo):
    if case.options.get("mode", "eval") != "eval":
        raise Skip("batch norms by the batch's own statistics are not built yet")
    if "conv.nn.0.weight" not in case.shapes or "edge_attr" in case.shapes:
        raise Skip("no rule for a layer without GIN")
    heads, (hidden, width) = math.prod(case.shapes["hop"]), case.shapes["mlp.0.weight"]
    return expand("gradformer-layer.mlir", (), {
        "weights": case.weight_arguments(), "width": width, "hidden": hidden, "heads": heads,
        "key": width // heads, **decay(case, width // heads)})


def gradformer(case, zoo):
    shapes, options = case.shapes, case.options

    def choice(*names):
        return next((str(options[name]).lower() for name in names if name in options), "none")

    mpnn, nodes = choice("mpnn"), choice("node_method")
    edges = "none" if mpnn == "gin" else choice("edge_method")
    table, width = {"add": ("node_add", 1), "linear": ("node_lin", 1),
                    "embedding": ("node_emb", 0), "no_pe": ("no_pe", 1)}[nodes]
    choices = {"mpnn": "gatedgcn" if mpnn == "gcn" else mpnn,
               "in": shapes[table + ".weight"][width],
               "channels": shapes["convs.0.attn.linears.0.weight"][0],
               "heads": math.prod(shapes["hop"]),
               "layers": case.count(r"convs\.\d+\.attn\.linears\.0\.weight"),
               "gamma": options["gamma"], "slope": options["slope"], "node-method": nodes,
               "pe-norm": options.get("pe_norm", False), "edge-method": edges,
               "equivstable-pe": options.get("equivstable_pe", False), "pool": choice("pool"),
               "head": "mlp" if choice("head", "projection") == "mlp" else "linear",
               "tasks": case.out["logits"][1]}
    if "pe" in shapes:
        choices["pe"] = shapes["pe"][1]
    if nodes in ("linear", "embedding"):
        choices["pe-dim"] = shapes["pe_lin.weight"][0]
    if edges != "none":
        choices["edge-in"] = shapes["edge_emb.weight"][0] if edges == "embedding" \
            else shapes["edge_lin.weight"][1]
    return zoo("gradformer", choices)


def tiny_train(case, zoo):
    raise Skip("training is not built yet")


# Kind of a case -> what makes its model. A new model is one more row.
MAKERS = {"attention": attention, "gcn": gcn, "layer": layer, "tiny_model": difformer,
          "v2": attention, "v2-layer": layer, "v2-model": difformer, "difformer": difformer,
          "gcn-model": gcn_model, "tiny_train": tiny_train, "newton": newton,
          "gaussian-table": gaussian_table, "soft-attention": soft_attention,
          "soft-block": soft_block, "softmax-block": softmax_block, "patch-embed": patch_embed,
          "soft": soft, "gradformer-attention": gradformer_attention,
          "gradformer-layer": gradformer_layer, "gradformer": gradformer,
          "batched-attention": batched_attention}
# A tensor that shows what kind a case is which does not say so.
SHOWN_BY = {"conv1.lin.weight": "gcn-model", "K": "newton",
            "attn.Qlandmark_op.weight": "soft-attention",
            "att.mha.attn.Qlandmark_op.weight": "soft-block", "attn.kv.weight": "softmax-block",
            "hops": "gradformer-attention", "attn.linears.0.weight": "gradformer-layer"}


def tolerance(case, kind, target):
    """What a result may be off: ("abs", in its own unit) or ("rel", of the largest entry)."""
    cpu = target != "reference"
    if kind in ("difformer", "gcn-model"):
        return "abs", 3e-5 if cpu else 1e-10
    if kind == "soft" and cpu:
        return "abs", 4e-5 if case.options["norm"] else 8e-4
    if kind == "gradformer" and cpu:
        return "abs", 1e-4
    if kind == "gradformer" and "dataset" in case.facts and case.shapes.get("pe", [0])[-1] == 20:
        # The encodings of these data sets' graphs (20 steps of a random walk) are stored correctly
        # rounded, but the published code, which made the logits, computed them in float32.
        return "abs", 1e-5
    if not cpu:  # Newton steps that are far from converged double rounding errors
        return "rel", 1e-9 if kind.startswith(("newton", "soft")) else 1e-10
    known = case.facts.get("float32_vs_float64", {})  # four times plain float32
    return "rel", max(5e-6, 4 * known.get("out_max_abs_diff", 0) / known.get("out_max_abs", 1))


class Runner:
    def __init__(self, binaries, scratch, precision):
        self.binaries, self.scratch = binaries, scratch
        self.precision = [f"--precision={precision}"] if precision else []

    def tool(self, name, *arguments):
        command = [os.path.join(self.binaries, name), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_PER_CASE,
                              cwd=self.scratch, env={**os.environ, "ATTUNE_CACHE": "off"})

    def zoo(self, model, choices):
        text = {True: "true", False: "false"}
        done = self.tool("attune-zoo", model, *(
            f"--{key}={text[value] if isinstance(value, bool) else value}"
            for key, value in choices.items()))
        if done.returncode != 0:
            raise RuntimeError(f"attune-zoo ended with {done.returncode}: {last_line(done.stderr)}")
        return done.stdout

    def model(self, case, target, stem):
        """(file, unit, limit): the model of a case, and how far off its results may be."""
        if case.expect is None:
            raise Skip("the folder holds no expected outputs")
        kind = case.kind()
        if kind not in MAKERS:
            raise Skip(f"no rule for cases of kind `{kind}`")
        model = os.path.join(self.scratch, stem + ".mlir")
        text = MAKERS[kind](case, self.zoo)
        with open(model, "w") as file:
            file.write(text)
        return model, *tolerance(case, kind, target)

    def compile(self, case, target, stem, options):
        """(result, what another machine needs to run the case)."""
        model, unit, limit = self.model(case, target, stem)
        program = stem + ".so"
        done = self.tool("attune-compile", model, f"--target={target}", "-o", program,
                         f"--cpu={options.cpu}", *self.precision, *([f"--chip={options.chip}"] if options.chip else []))
        if done.returncode != 0:
            return "failed", f"attune-compile ended with {done.returncode}: {last_line(done.stderr)}"
        return "passed", {"program": program, "binds": case.binds, "expect": case.expect,
                          "unit": unit, "limit": limit}

    def run(self, case, target, stem):
        """(result, reason) of one case on one target."""
        model, unit, limit = self.model(case, target, stem)
        done = self.tool("attune-run", model, f"--target={target}", *self.precision,
                         *(f"--bind={path}" for path in case.binds),
                         f"--expect={case.expect}", "--json", "--rtol=0", "--atol=0")
        try:
            if done.returncode not in (0, 1):  # 1: not equal to the last bit
                raise ValueError
            errors = json.loads(done.stdout.strip().splitlines()[-1])["errors"].values()
            worst = max(size_of(error, unit) for error in errors)
        except (ValueError, KeyError, IndexError, TypeError):
            return "failed", f"attune-run ended with {done.returncode}: {last_line(done.stderr)}"
        note = f"error {worst:.1e} {unit}, at most {limit:.0e}"
        return "passed" if worst <= limit else "failed", note


def size_of(error, unit):
    """An error in this unit; null stands for one that is no finite number. A result that is to be 0
    everywhere has no entry to refer to: there the error is taken as it is."""
    size = error["abs"] if error[unit] is None else error[unit]
    return math.inf if size is None else size


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
    parser.add_argument("--target", default="cpu", help="cpu, gpu-emulator, gpu, reference, several with commas")
    parser.add_argument("--json", default="", help="also write the results to this file")
    parser.add_argument("--jobs", type=int, default=2, help="cases run at a time")
    parser.add_argument("--keep", default="", help="folder that keeps the models")
    parser.add_argument("--compile-only", action="store_true",
                        help="leave programs in the folder of --keep, and in the results what they need")
    parser.add_argument("--chip", default="", help="with --compile-only, for --target=gpu")
    parser.add_argument("--precision", default="", help="factors of matrix products on gpu and gpu-emulator")
    parser.add_argument("--cpu", default="native", help="with --compile-only, as for attune-compile")
    options = parser.parse_args()
    targets = options.target.split(",")
    if not set(targets) <= set(TARGETS):
        parser.error(f"unknown target in `{options.target}`, expected cpu, gpu-emulator, gpu or reference")

    root = os.path.abspath(options.goldens)
    results = []

    def one(job):
        folder, target = job
        name = os.path.relpath(folder, root)
        name = os.path.basename(root) if name == "." else name
        stem = re.sub(r"[^A-Za-z0-9_.-]", "_", f"{name}-{target}")
        try:
            result, reason = (runner.compile(Case(folder), target, stem, options)
                              if options.compile_only else runner.run(Case(folder), target, stem))
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
        runner = Runner(os.path.abspath(options.bin), os.path.abspath(options.keep or scratch), options.precision)
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
