# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""An image model on batches of 0, 1 and 3 images.

usage: images.py <model.mlir> <model.so> <scratch prefix> [--couples]

Compiled code against the reference; 1 and 2 threads bitwise equal; and, unless the model couples the
images of a batch, an image alone and in a batch bitwise equal.
"""
import json
import os
import random
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "Inputs"))
import tensorfile
from checked import check, run

model, program, prefix = sys.argv[1:4]
couples = "--couples" in sys.argv[4:]
rng = random.Random(5)


def weights(text):
    tensors = {}
    for name, dims in re.findall(r"argument (\S+) +F32 +\[([^\]]*)\]", text):
        if name == "image":
            image = [int(dim) for dim in dims.split(", ")[1:]]
            continue
        shape = [int(dim) for dim in dims.split(", ")]
        count, inner = 1, 1
        for d, size in enumerate(shape):
            count *= size
            inner *= size if d else 1
        scale = 1.0 / inner ** 0.5 if len(shape) in (2, 4) else 0.1
        around = 1.0 if re.search(r"(norm\d?|norm_act\.0|proj\.[147])\.weight$", name) else 0.0
        values = [around + rng.gauss(0, scale) for _ in range(count)]
        if name.endswith("running_var"):
            values = [0.5 + rng.random() for _ in values]
        tensors[name] = ("F32", shape, values)
    tensorfile.write(prefix + ".weights.safetensors", tensors)
    return image


shape = weights(run(program, "--describe"))
size = shape[0] * shape[1] * shape[2]
images = [[rng.gauss(0, 1) for _ in range(size)] for _ in range(3)]


def bind(which, name):
    source = f"{prefix}.{name}.safetensors"
    flat = [value for i in which for value in images[i]]
    tensorfile.write(source, {"image": ("F32", [len(which), *shape], flat)})
    return [f"--bind={source}", f"--bind={prefix}.weights.safetensors"]


def logits(which, name, *options):
    result = f"{prefix}.{name}.out.safetensors"
    run(program, *bind(which, name), "-o", result, *options)
    (count, classes), values = tensorfile.read(result, "logits")
    return [list(values[i * classes:(i + 1) * classes]) for i in range(count)]


binds, expected = bind([0, 1], "two"), f"{prefix}.reference.safetensors"
run(model, "--target=reference", *binds, "-o", expected)
report = json.loads(run(program, *binds, f"--expect={expected}", "--rtol=2e-5", "--atol=1e-30", "--json"))
print(f"relative error {report['errors']['logits']['rel']}")
check(logits([], "none") == [], "no image gives no logits")
all_of_them = logits([0, 1, 2], "three", "--threads=1", "--deterministic")
check(all_of_them == logits([0, 1, 2], "three", "--threads=2", "--deterministic"), "1 and 2 threads agree bitwise")
alone = logits([1], "one")
if couples:
    check(alone[0] != all_of_them[1], "images of a batch are coupled")
else:
    check(alone[0] == all_of_them[1], "an image is the same alone and in a batch")
