# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every combination of the flags of each model makes a module that parses and verifies.

The printed modules are also read and printed again, which must change nothing.
"""
import itertools
import subprocess
import sys

FLAGS = ["use-graph", "use-weight", "use-source", "use-residual", "use-norm", "batched",
         "edge-weight"]
# Of gradformer: message passing with edge features, and how nodes are made.
PASSING = [[], ["--mpnn=gine", "--edge-method=linear"], ["--mpnn=gine", "--edge-method=embedding"],
           ["--mpnn=gatedgcn", "--edge-method=linear"],
           ["--mpnn=gatedgcn", "--edge-method=embedding", "--equivstable-pe=true"]]
METHODS = ["add", "linear", "embedding", "no_pe"]


def cases():
    for layers in [1, 2, 5]:
        yield ["gcn", "--in=5", "--classes=3", f"--layers={layers}"]
    base = ["difformer", "--in=5", "--classes=3", "--hidden=4"]
    for values in itertools.product(["true", "false"], repeat=len(FLAGS)):
        choice = dict(zip(FLAGS, values))
        if choice["edge-weight"] == "true" and choice["use-graph"] == "false":
            continue
        kernel = "simple" if choice["use-source"] == choice["batched"] else "sigmoid"
        weight = "-1" if choice["use-norm"] == choice["use-weight"] else "0.5"
        heads = 1 if choice["use-residual"] == "true" else 3
        yield base + [f"--kernel={kernel}", f"--graph-weight={weight}", f"--heads={heads}",
                      *(f"--{flag}={value}" for flag, value in choice.items())]
    yield ["difformer", "--in=1", "--classes=1", "--hidden=1", "--layers=1", "--alpha=0"]
    yield ["difformer", "--in=1433", "--classes=7", "--layers=8", "--alpha=1", "--graph-weight=1"]
    base = ["gradformer", "--in=5", "--tasks=3", "--channels=8", "--pe-dim=3", "--edge-in=4"]
    for i, (passing, method) in enumerate(itertools.product(PASSING, METHODS)):
        pool = ["add", "mean", "max", "none"][(i + i // 4) % 4]
        head, norm = ["linear", "mlp"][i % 3 % 2], ["false", "true"][i % 2]
        yield base + passing + [f"--node-method={method}", f"--pool={pool}", f"--head={head}", f"--pe-norm={norm}",
                                f"--layers={1 + i % 2}", f"--heads={2 ** (i % 4)}", f"--slope={i % 3}"]
    for size, norm in itertools.product(["tiny", "small", "medium", "large", "huge"], ["false", "true"]):
        image = "224x224" if norm == "true" else "33x70"
        yield ["soft", f"--size={size}", f"--norm={norm}", f"--image={image}", "--depths=1,2,1,1"]


def run(command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


modules = [run(["attune-zoo", *case]) for case in cases()]
# One process parses and verifies them all.
separator = "// -----\n"
once = run(["attune-opt", "--split-input-file"], separator.join(modules))
again = run(["attune-opt", "--split-input-file"], once)
if once != again or once.count("func.func") != len(modules):
    sys.exit("a module changed when it was read and printed again")
