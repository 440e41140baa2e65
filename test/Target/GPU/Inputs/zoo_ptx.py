# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every model of the zoo as PTX, in the folder given; prints how many kernels each has.

PTX that calls a function from outside, as of a device library, is an error.
"""
import os
import subprocess
import sys

MODELS = {
    "difformer-s": "difformer --in=20 --classes=7 --heads=2",
    "difformer-a": "difformer --in=20 --classes=7 --kernel=sigmoid --batched=true",
    "gcn": "gcn --in=20 --classes=7",
    "gradformer-gin": "gradformer --in=16 --tasks=1",
    "gradformer-gatedgcn": "gradformer --in=16 --tasks=3 --mpnn=gatedgcn --edge-method=linear --edge-in=3"
                           " --pool=none --head=mlp",
    "soft": "soft --depths=1,1,1,1",
    "soft-norm": "soft --norm=true --depths=1,1,1,1",
}

for name, arguments in MODELS.items():
    path = os.path.join(sys.argv[1], name)
    subprocess.run(["attune-zoo", *arguments.split(), "-o", path + ".mlir"], check=True)
    subprocess.run(["attune-compile", path + ".mlir", "--target=gpu", "-o", path + ".ptx"], check=True,
                   env={**os.environ, "ATTUNE_PTXAS": ""})
    with open(path + ".ptx") as file:
        text = file.read()
    if ".extern .func" in text or ".target sm_80" not in text:
        sys.exit(f"{name}: the PTX is not for sm_80 or calls a function from outside")
    print(f"{name}: {text.count('.visible .entry')} kernels")
