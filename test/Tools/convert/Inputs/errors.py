# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs convert.py on inputs that it must refuse, all in one process: to import torch takes seconds.

Prints the exit code and what it said, one line for each.
"""
import contextlib
import importlib.util
import io
import os
import sys

OUTPUT = "bad.safetensors"
CASES = [
    ["object.pt", OUTPUT],
    ["unknown.pt", OUTPUT],
    ["unknown.pt", OUTPUT, "--key=epoch"],
    ["list.pt", OUTPUT],
    ["complex.pt", OUTPUT],
    ["cut.pt", OUTPUT],
    ["convert.test", OUTPUT],
    ["none.pt", OUTPUT],
    ["types.pt", OUTPUT, "--rename=a=c"],
    ["types.pt", OUTPUT, "--rename=a"],
    ["types.pt", OUTPUT, "--without=("],
    ["types.pt", os.path.join("none", OUTPUT)],
    ["types.pt", "folder"],
    [],
]


def main(script, folder):
    spec = importlib.util.spec_from_file_location("convert", script)
    convert = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(convert)
    os.chdir(folder)
    for arguments in CASES:
        sys.argv = [script, *arguments]
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = convert.main()
        print(f"{code}: {said.getvalue()}", end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
