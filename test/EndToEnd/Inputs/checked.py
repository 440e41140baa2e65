# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs of attune-run and comparisons that end the script where they fail."""
import subprocess
import sys


def run(*arguments):
    """What attune-run prints."""
    done = subprocess.run(["attune-run", *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"attune-run {' '.join(arguments)} ended with {done.returncode}: "
                 f"{done.stdout}{done.stderr}")
    return done.stdout


def check(condition, text):
    if not condition:
        sys.exit(f"FAILED: {text}")
    print(text)
