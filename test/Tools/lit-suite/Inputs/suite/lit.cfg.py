import os
import shutil
import sys

import lit.formats

config.name = "my-models"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir"]
config.test_exec_root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Output")
config.substitutions.append(("%python", sys.executable))

# Tests call the tools by name: what is missing is an error here, not in every test.
for tool in ["attune-opt", "attune-compile", "attune-run", "FileCheck", "not"]:
    if not shutil.which(tool):
        lit_config.fatal(f"`{tool}` is not on the PATH")
lit_config.note("tests " + shutil.which("attune-opt"))

# Each test compiles anew and leaves nothing in the home folder. lit runs several tests at once already.
config.environment["ATTUNE_CACHE"] = "off"
config.environment["OMP_NUM_THREADS"] = "1"
