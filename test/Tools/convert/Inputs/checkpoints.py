# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checkpoints of the karate club's models in the forms that training scripts write, and bad ones."""
import argparse
import os
import sys

import torch
from safetensors.torch import load_file

KARATE = os.path.join(os.path.dirname(os.path.abspath(__file__)), *[os.pardir] * 3, "Inputs", "karate")


class Net(torch.nn.Module):
    """What a file with a whole model in it would name."""


def wrapped(state, prefix="module."):
    return {prefix + name: tensor for name, tensor in state.items()}


def main(folder):
    difformer = load_file(os.path.join(KARATE, "difformer.safetensors"))
    gcn = load_file(os.path.join(KARATE, "gcn.safetensors"))
    gcn = {name.replace("conv1.", "convs.0.").replace("conv2.", "convs.1."): tensor for name, tensor in gcn.items()}
    zeros = {name: torch.zeros_like(tensor) for name, tensor in difformer.items()}
    buffer = torch.arange(12.0).reshape(3, 4)
    files = {
        "bare.pkl": difformer,
        "nested.pt": {"epoch": 3, "loss": torch.tensor(0.5), "model": wrapped(wrapped(gcn, "_orig_mod."))},
        "averaged.pth.tar": {"args": argparse.Namespace(lr=0.1), "metric": 79.3, "state_dict": wrapped(zeros),
                             "state_dict_ema": wrapped(difformer)},
        "counted.pt": {**difformer, "norm.num_batches_tracked": torch.tensor(7)},
        "types.pt": {"a": buffer, "b": buffer.t(), "c": buffer[1], "d": torch.tensor(5),
                     "e": torch.ones(2, dtype=torch.bfloat16), "f": torch.zeros(0, 3, dtype=torch.float64),
                     "g": "text"},
        "object.pt": {"state_dict": difformer, "model": Net()},
        "unknown.pt": {"epoch": 3, "weights": {"w": torch.ones(2)}},
        "list.pt": [difformer],
        "complex.pt": {"w": torch.ones(2, dtype=torch.complex64)},
    }
    for name, content in files.items():
        torch.save(content, os.path.join(folder, name))
    with open(os.path.join(folder, "bare.pkl"), "rb") as file:
        data = file.read()
    with open(os.path.join(folder, "cut.pt"), "wb") as file:
        file.write(data[:len(data) // 2])


if __name__ == "__main__":
    main(*sys.argv[1:])
