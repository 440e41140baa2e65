// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs a compiled program on safetensors files; all of it is in lib/Runtime.

#include "attune/Runtime/Run.h"

int main(int argc, char **argv) { return attune::runtime::runMain(argc, argv); }
