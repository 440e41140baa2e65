#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the weights of a PyTorch checkpoint as a safetensors file, under the names of its state dict.

The state dict may stand alone or inside a training checkpoint ("state_dict", "model", ..), and its names may
begin with what a wrapper put there ("module."). Without an output the tensors are listed. No code of the
checkpoint is run: a file with objects other than tensors and plain data is refused. Needs the packages torch
(2.4 or newer), safetensors and numpy; docs/how-to/run-a-published-checkpoint.md shows it at work.
"""
import argparse
import os
import re
import sys
import warnings

# Where training scripts put the state dict. Averaged weights come first: they are what is evaluated.
KEYS = ["state_dict_ema", "model_ema", "state_dict", "model_state_dict", "model", "net"]
# What wrappers put in front of every name.
PREFIXES = ["module.", "_orig_mod.", "model.", "net."]
# The types that Attune reads.
DTYPES = ["float16", "bfloat16", "float32", "float64", "int64", "int32", "uint8", "bool"]


class Failure(Exception):
    """The input is not as expected; the text is what the reader gets to see."""


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise Failure(message)


def read(torch, path):
    """The checkpoint's content, loaded as data."""
    # timm's checkpoints hold the command line as a namespace, which is no more than a dictionary.
    torch.serialization.add_safe_globals([argparse.Namespace])
    try:
        file = open(path, "rb")
    except OSError as error:
        raise Failure(f"cannot read `{path}`: {error.strerror}") from error
    try:
        with file:
            return torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises errors of many types for what is no checkpoint
        if found := re.search(r"GLOBAL (\S+)", str(error)):
            raise Failure(f"`{path}` holds an object of `{found.group(1)}`, expected tensors and plain data; "
                          "load it where its code is, and save `model.state_dict()`") from error
        raise Failure(f"`{path}` is no PyTorch checkpoint, or damaged ({type(error).__name__})") from error


def find(torch, content, path, key):
    """(state dict, where it stands) in a checkpoint; `key` is the way there, with dots."""
    at, way = content, []

    def fail():
        what = f"a value of type `{type(at).__name__}`"
        if isinstance(at, dict):
            what = f"a dictionary with {', '.join(f'`{name}`' for name in list(at)[:12]) or 'nothing'}"
        where = f" at `{'.'.join(way)}`" if way else ""
        raise Failure(f"`{path}` holds {what}{where}, expected a dictionary of tensors; --key names another place")

    for name in key.split(".") if key else []:
        if not isinstance(at, dict) or name not in at:
            fail()
        at = at[name]
        way.append(name)
    while isinstance(at, dict) and (name := next((k for k in KEYS if isinstance(at.get(k), dict)), None)):
        at = at[name]
        way.append(name)
    if not isinstance(at, dict) or not any(isinstance(value, torch.Tensor) for value in at.values()):
        fail()
    return at, ".".join(way)


def rename(tensors, rules):
    """The tensors without prefixes that all share; then the first rule that fits a name is applied."""
    while prefix := next((p for p in PREFIXES if all(name.startswith(p) for name in tensors)), None):
        tensors = {name.removeprefix(prefix): tensor for name, tensor in tensors.items()}
    renamed = {}
    for old, tensor in tensors.items():
        begin, other = next((rule for rule in rules if old.startswith(rule[0])), ("", ""))
        name = other + old.removeprefix(begin)
        if name in renamed or not name:
            raise Failure(f"`{old}` would become `{name}`, expected a name that no other tensor has")
        renamed[name] = tensor
    return renamed


def plain(torch, name, tensor):
    """A copy in memory of its own; views of one buffer and transposed tensors are spread out."""
    dtype = str(tensor.dtype).removeprefix("torch.")
    if tensor.layout != torch.strided or tensor.is_quantized or dtype not in DTYPES:
        raise Failure(f"`{name}` is {dtype} with layout {tensor.layout}, expected a dense tensor of one of: "
                      f"{', '.join(DTYPES)}")
    return tensor.detach().clone(memory_format=torch.contiguous_format)


def write(data, path):
    """Under a temporary name first, so that `path` is never half written."""
    partial = f"{path}.{os.getpid()}.tmp"
    try:
        with open(partial, "wb") as file:
            file.write(data)
        os.replace(partial, path)
    except OSError as error:
        raise Failure(f"cannot write `{path}`: {error.strerror}") from error
    finally:
        if os.path.exists(partial):
            os.remove(partial)


def convert(options):
    try:
        import numpy  # noqa: F401, safetensors.torch writes with it
        import torch
        from safetensors.torch import save
    except ImportError as error:
        raise Failure(f"the package {error.name} is missing: pip install torch safetensors numpy") from error
    warnings.simplefilter("ignore")  # torch's are about its own loading
    state, way = find(torch, read(torch, options.checkpoint), options.checkpoint, options.key)
    tensors = {str(name): value for name, value in state.items() if isinstance(value, torch.Tensor)}
    others = [f"`{name}`" for name, value in state.items() if not isinstance(value, torch.Tensor)]
    tensors = {name: plain(torch, name, tensor) for name, tensor in sorted(rename(tensors, options.rename).items())
               if not (options.without and options.without.search(name))}
    if options.output:
        write(save(tensors), options.output)
    else:
        for name, tensor in tensors.items():
            print(name, str(tensor.dtype).removeprefix("torch."), list(tensor.shape))
    size = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
    report = f"{len(tensors)} tensors, {size / 2**20:.1f} MiB" + (f", from `{way}`" if way else "")
    if others:
        report += f"; left out, no tensors: {', '.join(others)}"
    print(f"{options.output or options.checkpoint}: {report}")


def prefixes(text):
    """OLD=NEW as a pair."""
    old, equals, new = text.partition("=")
    if not old or not equals:
        raise argparse.ArgumentTypeError("expected OLD=NEW, two beginnings of names")
    return old, new


def pattern(text):
    try:
        return re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"expected a regular expression: {error}") from error


def main():
    parser = Parser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", help="file that torch.save wrote (.pt, .pth, .pkl, ..)")
    parser.add_argument("output", nargs="?", help="safetensors file to write; without it the tensors are listed")
    parser.add_argument("--key", default="", metavar="PATH",
                        help=f"where the state dict stands, as in a.b (default: the first of {', '.join(KEYS)})")
    parser.add_argument("--rename", action="append", default=[], metavar="OLD=NEW", type=prefixes,
                        help="another beginning for names (repeatable; the first that fits counts)")
    parser.add_argument("--without", metavar="REGEX", type=pattern, help="leave out the names in which it is found")
    try:
        convert(parser.parse_args())
    except Failure as failure:
        print(f"convert.py: error: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
