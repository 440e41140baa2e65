// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes a seed model as MLIR; all of it is in lib/Models.

#include "attune/Models/Models.h"

int main(int argc, char **argv) { return attune::models::zooMain(argc, argv); }
