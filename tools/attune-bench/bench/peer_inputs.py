# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the inputs of the peers' script in the layout of Attune's programs.

usage: peer_inputs.py <peers.py> <workload> <n> <out.safetensors>

A process of its own, run by the interpreter of the peers: attune-bench itself needs no numpy.
"""
import importlib.util
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tensorfile  # noqa: E402


def as_soft(x, n):
    """[batch, heads, tokens, width] to [batch, tokens, heads, width]."""
    return {name: value.transpose(0, 2, 1, 3) for name, value in x.items()}


def as_gradformer(x, n):
    """Padded graphs, here all of n nodes, one after the other."""
    import numpy
    graphs, heads, _, width = x["q"].shape
    flat = {name: x[name].transpose(0, 2, 1, 3).reshape(graphs * n, heads, width)
            for name in ("q", "k", "v")}
    return {**flat, "hops": x["hops"].reshape(-1).astype(numpy.int64),
            "hop": x["hop"].reshape(-1), "graph_offsets": numpy.arange(graphs + 1) * n}


LAYOUTS = {"soft": as_soft, "gradformer": as_gradformer}
DTYPES = {"float32": "F32", "int64": "I64"}


def main(script, workload, n, path):
    spec = importlib.util.spec_from_file_location("peers", script)
    peers = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(peers)
    x = peers.inputs(workload, int(n))
    if workload in LAYOUTS:
        x = LAYOUTS[workload](x, int(n))
    tensorfile.write(path, {name: (DTYPES[str(value.dtype)], value.shape, value.tobytes())
                            for name, value in x.items()})


if __name__ == "__main__":
    main(*sys.argv[1:])
