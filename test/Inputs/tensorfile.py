# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads and writes safetensors files with the standard library alone, for scripts and tests.

A file is: the header's length (8 bytes, little endian), a JSON header that maps each name to
dtype, shape and byte range, then the bytes. Tensors travel here as (dtype, shape, flat list).
"""
import json
import math
import struct
from array import array

CODES = {"F32": "f", "F64": "d", "I64": "q", "I32": "i", "U8": "B", "BOOL": "B"}


def header(path):
    """Name -> {"dtype", "shape", "data_offsets"}; the payload is not read."""
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        entries = json.loads(file.read(size))
    entries.pop("__metadata__", None)
    return entries


def read(path, name):
    """The tensor `name` as (shape, flat array)."""
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        entry = json.loads(file.read(size))[name]
        begin, end = entry["data_offsets"]
        file.seek(8 + size + begin)
        values = array(CODES[entry["dtype"]])
        values.frombytes(file.read(end - begin))
    return entry["shape"], values


def write(path, tensors):
    """Writes {name: (dtype, shape, flat sequence)}; the order of names is kept."""
    entries, payload, offset = {}, [], 0
    for name, (dtype, shape, values) in tensors.items():
        data = array(CODES[dtype], values).tobytes()
        expected = math.prod(shape) * array(CODES[dtype]).itemsize
        if len(data) != expected:
            raise ValueError(f"`{name}` has {len(data)} bytes, expected {expected}")
        entries[name] = {"dtype": dtype, "shape": list(shape),
                         "data_offsets": [offset, offset + len(data)]}
        payload.append(data)
        offset += len(data)
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(payload))
