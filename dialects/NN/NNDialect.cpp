// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Registration of the nn dialect, and what TableGen generates for it.
#include "Rules.h"
#include "attune/Dialect/Attn/AttnBase.h"
#include "attune/Dialect/NN/NN.h"
#include "attune/Support/BytecodeVersion.h"

using namespace mlir;
using namespace attune;
using namespace attune::nn;

#include "attune/Dialect/NN/NNDialect.cpp.inc"
#include "attune/Dialect/NN/NNEnums.cpp.inc"
#include "attune/Dialect/NN/NNInterfaces.cpp.inc"

void NNDialect::initialize() {
  addInterfaces<VersionedBytecode>();
  detail::attachSugar(getContext());
  addOperations<
#define GET_OP_LIST
#include "attune/Dialect/NN/NNOps.cpp.inc"
      >();
}
