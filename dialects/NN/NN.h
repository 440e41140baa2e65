// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The nn dialect: named layers on tensors.
#ifndef ATTUNE_DIALECTS_NN_NN_H
#define ATTUNE_DIALECTS_NN_NN_H

#include "dialects/Attn/Attn.h"

#include "dialects/NN/NNDialect.h.inc"
#include "dialects/NN/NNEnums.h.inc"
#include "dialects/NN/NNInterfaces.h.inc"
#define GET_OP_CLASSES
#include "dialects/NN/NNOps.h.inc"

#endif
