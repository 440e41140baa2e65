// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiles a model to a shared object, an object file, or the text of any stage between; all of it
// is in lib/Target.

#include "attune/Driver/Compile.h"

int main(int argc, char **argv) { return attune::compileMain(argc, argv); }
