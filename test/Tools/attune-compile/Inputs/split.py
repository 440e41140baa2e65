# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""split.py <test> <folder> <tool>: compiles every model of a test file.

A model stands between `BEGIN <name>` and the next BEGIN or END. For each one a line
`-- <name>: <exit code>` is printed, then what the tool wrote to standard error.
"""
import pathlib
import subprocess
import sys

test, folder, tool = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
folder.mkdir(parents=True, exist_ok=True)
models, name = {}, None
for line in pathlib.Path(test).read_text().splitlines():
    if line.startswith("BEGIN "):
        name = line.split()[1]
        # One line above the model, so that lines count from 2.
        models[name] = ["// " + name]
    elif line == "END":
        break
    elif name:
        models[name].append(line)
for name, lines in models.items():
    (folder / f"{name}.mlir").write_text("\n".join(lines) + "\n")
    run = subprocess.run([tool, f"{name}.mlir", "-o", f"{name}.so"], cwd=folder,
                         stderr=subprocess.PIPE, text=True)
    print(f"-- {name}: {run.returncode}\n{run.stderr}", end="")
    if (folder / f"{name}.so").exists():
        print("a shared object was written")
