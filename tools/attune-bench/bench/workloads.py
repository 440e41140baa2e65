# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What attune-bench runs: one record for each workload. A new one is one more record.

The first six are those of the peers' script, with its names, shapes and sizes; their programs stand
as <name>.mlir beside this file. The others are whole models of attune-zoo.
"""
from dataclasses import dataclass, field
from typing import Callable, Optional


def rows(n):
    return {"N": n}


@dataclass(frozen=True)
class Workload:
    name: str
    title: str
    sizes: tuple  # the values of N that are run when none are asked for
    # N -> every size of the program, for random inputs
    symbols: Callable[[int], dict] = rows
    # N -> FLOP of the products in the form that Attune computes, 2 for a multiplication with its
    # addition; exponentials, sums and norms are not counted. None: not known.
    flops: Optional[Callable[[int], int]] = None
    zoo: tuple = ()  # arguments of attune-zoo; none: the program is <name>.mlir
    # N -> files with the inputs, below the folder of the golden cases
    files: dict = field(default_factory=dict)

    # values of N on a GPU, where they differ
    gpu_sizes: tuple = ()

    def sizes_on(self, target):
        return self.gpu_sizes if target == "gpu" and self.gpu_sizes else self.sizes

    @property
    def is_model(self):
        return bool(self.zoo)


def pairs(n):
    """q k^T and its product with v, 64 channels."""
    return 4 * 64 * n * n


def linear(n):
    """k^T v and its product with q, 64 channels."""
    return 4 * 64 * 64 * n


def soft(n):
    """Two heads of width 32: C(q, l) once, C^T v, X (C^T v), C (..), and X by 20 Newton steps of
    two products each from the table of the 49 landmarks."""
    width, marks, steps = 32, 49, 20
    return 2 * (3 * 2 * n * marks * width + 2 * 2 * marks ** 2 * width
                + steps * 2 * 2 * marks ** 3)


def gradformer(n):
    """32 graphs of n nodes, 4 heads of width 16: q k^T and its product with v within each graph."""
    return 32 * 4 * n * n * 4 * 16


def zoo(model, **options):
    return (model, *(f"--{key.replace('_', '-')}={value}" for key, value in options.items()))


def cora(kernel):
    return zoo("difformer", kernel=kernel, layers=8, hidden=64, classes=7, heads=1, alpha=0.5,
               graph_weight=-1, use_graph="true", use_weight="false", use_source="false",
               use_residual="true", use_norm="true", **{"in": 1433})


def cora_files(case):
    return {2708: ("cora-x.safetensors", "difformer/cora-s/inputs.safetensors",
                   f"difformer/{case}/weights.safetensors")}


def graph(n):
    return {"N": n, "E": 5 * n}


NCI1 = "gradformer/nci1-random-slope0.0"

WORKLOADS = [
    Workload("difformer-s", "linear attention with whole-tensor norms, 64 channels",
             (2708, 20000, 200000), flops=linear, gpu_sizes=(2708, 200000, 2000000)),
    Workload("difformer-a", "sigmoid attention, rows normalised, 64 channels", (2708, 10000),
             flops=pairs, gpu_sizes=(4096, 16384, 65536, 132534)),
    Workload("softmax", "softmax attention, 64 channels", (2708, 10000), flops=pairs,
             gpu_sizes=(4096, 16384, 65536)),
    Workload("gaussian", "exp(-|q-k|^2/2) attention, not normalised, 64 channels", (2708, 10000),
             flops=pairs, gpu_sizes=(4096, 16384, 65536)),
    Workload("soft", "SOFT's attention, 2 heads of 32, 49 landmarks, 20 Newton steps",
             (784, 3136, 12544), symbols=lambda n: {"n": n}, flops=soft),
    Workload("gradformer", "decayed softmax in 32 graphs of N nodes, 4 heads of 16, hops given",
             (32, 64, 128), symbols=lambda n: {"N": 32 * n, "G": 32, "P": 32 * n * n},
             flops=gradformer),
    Workload("cora-s", "DIFFormer-s on Cora, 8 layers, whole model", (2708,),
             symbols=lambda n: {"N": n, "E": 13264 * n // 2708}, zoo=cora("simple"),
             files=cora_files("cora-s")),
    Workload("cora-a", "DIFFormer-a on Cora, 8 layers, whole model", (2708,),
             symbols=lambda n: {"N": n, "E": 13264 * n // 2708}, zoo=cora("sigmoid"),
             files=cora_files("cora-a")),
    Workload("difformer-s-layer", "DIFFormer-s, one layer of 64 channels, 5 edges a node",
             (100000, 1000000), symbols=graph,
             zoo=zoo("difformer", hidden=64, classes=8, layers=1, **{"in": 64})),
    Workload("soft-tiny", "SOFT-Tiny on N images of 224 x 224, whole model", (1, 4),
             symbols=lambda n: {"B": n}, zoo=zoo("soft", size="tiny")),
    # Without the data: as many nodes and edges a graph as NCI1 has on average.
    Workload("gradformer-nci1", "Gradformer on N graphs of NCI1, 4 layers, whole model", (64,),
             symbols=lambda n: {"G": n, "N": 30 * n, "E": 65 * n},
             zoo=zoo("gradformer", mpnn="gin", pe=20, channels=64, heads=4, layers=4, gamma=0.6,
                     slope=0, node_method="add", pool="add", head="linear", tasks=2,
                     **{"in": 37}),
             files={64: (f"{NCI1}/inputs.safetensors", f"{NCI1}/weights.safetensors")}),
]
