// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Registration of the nn dialect, and what TableGen generates for it.
#include "dialects/NN/NN.h"

using namespace mlir;
using namespace attune::nn;

#include "dialects/NN/NNDialect.cpp.inc"
#include "dialects/NN/NNEnums.cpp.inc"
#include "dialects/NN/NNInterfaces.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/NN/NNOps.cpp.inc"

void NNDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/NN/NNOps.cpp.inc"
      >();
}
