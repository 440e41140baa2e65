# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""replay.py <reproducer>: runs the command in the head of the file on the file; it must fail."""
import subprocess
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    command = file.read().splitlines()[1]
if not command.startswith("//   "):
    sys.exit(f"no command in the head: {command}")
done = subprocess.run(command[5:].replace("<this file>", f"'{sys.argv[1]}'"), shell=True, stdout=subprocess.DEVNULL)
if done.returncode == 0:
    sys.exit("the command did not fail")
