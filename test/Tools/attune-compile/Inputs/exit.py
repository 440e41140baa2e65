# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""exit.py <code> <command> ..: runs the command and succeeds where it ends with this exit code."""
import subprocess
import sys

code = subprocess.call(sys.argv[2:])
if code != int(sys.argv[1]):
    sys.exit(f"{sys.argv[2]} ended with {code}, expected {sys.argv[1]}")
