# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# How lit runs the tests here. The build's lit.site.cfg.py sets the paths and then loads this file.
import importlib.util
import os
import platform
import sys

import lit.formats

config.name = "Attune"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "templates"]
config.test_source_root = os.path.join(config.attune_source_dir, "test")
config.test_exec_root = os.path.join(config.attune_binary_dir, "test")

for tool in ["FileCheck", "not", "count"]:
    if not os.access(os.path.join(config.llvm_tools_dir, tool), os.X_OK):
        lit_config.fatal(f"`{tool}` is not in {config.llvm_tools_dir}")

# Tests call the tools by name. One that is not built fails its test with "command not found".
config.environment["PATH"] = os.pathsep.join(
    [os.path.join(config.attune_binary_dir, "bin"), config.llvm_tools_dir, os.environ["PATH"]])
for name in ["HOME", "TMPDIR", "CUDA_HOME", "CUDA_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "OMP_NUM_THREADS"]:
    if name in os.environ:
        config.environment[name] = os.environ[name]

# What an earlier build has compiled must not hide what this one does.
config.environment["ATTUNE_CACHE"] = "off"

shared = os.path.join(os.path.dirname(config.attune_source_dir), "shared")
config.substitutions += [
    ("%python", sys.executable),
    ("%llvm_tools", config.llvm_tools_dir),
    ("%cc", config.c_compiler),
    ("%cxx", config.cxx_compiler),
    ("%llvm_include", config.llvm_include_dir.split(";")[0]),
    ("%shared", shared),
    ("%repo", config.attune_source_dir),
    ("%build", config.attune_binary_dir),
]

# `REQUIRES: shared` stands on tests that read the reference data next to the repository.
if os.path.isdir(shared):
    config.available_features.add("shared")
# `REQUIRES: torch` stands on tests of what reads PyTorch's files; Attune itself does not need it.
if all(importlib.util.find_spec(name) for name in ["torch", "safetensors", "numpy"]):
    config.available_features.add("torch")
# NVIDIA's assembler and disassembler, where they are found. The script is loaded, not run: a second
# Python takes as long as the rest of this file.
sass = importlib.util.spec_from_file_location(
    "sass", os.path.join(config.test_source_root, "Target", "GPU", "Inputs", "sass.py"))
sass_module = importlib.util.module_from_spec(sass)
sass.loader.exec_module(sass_module)
config.available_features.update(tool for tool in ("ptxas", "nvdisasm") if sass_module.find(tool))
# `REQUIRES: long` stands on sweeps that take minutes: `tools/dev test --long`, or lit's `--param long=1`.
# `UNSUPPORTED: sanitize` stands on tests that a build with sanitizers can't pass (`tools/dev sanitize`).
for name in ["long", "sanitize"]:
    if lit_config.params.get(name, "0") not in ("", "0"):
        config.available_features.add(name)
if "AArch64" in config.llvm_targets:
    config.available_features.add("aarch64-codegen")
if platform.machine() in ("x86_64", "AMD64"):
    config.available_features.add("x86")
try:
    with open("/proc/cpuinfo") as file:
        flags = next((line.split() for line in file if line.startswith("flags")), [])
except OSError:
    flags = []
config.available_features.update({"avx2", "avx512f"} & set(flags))
