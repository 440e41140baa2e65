// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops of the nn dialect: inverses of small stored matrices.
#ifndef ATTUNE_DIALECT_NN_INVERSE_H
#define ATTUNE_DIALECT_NN_INVERSE_H

#include "attune/Dialect/NN/NNBase.h"

#define GET_OP_CLASSES
#include "attune/Dialect/NN/Inverse.h.inc"

#endif
