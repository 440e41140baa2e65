// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops of the attn dialect: the ops that make tensors of matrices.
#ifndef ATTUNE_DIALECT_ATTN_SINKS_H
#define ATTUNE_DIALECT_ATTN_SINKS_H

#include "attune/Dialect/Attn/AttnBase.h"

#define GET_OP_CLASSES
#include "attune/Dialect/Attn/Sinks.h.inc"

#endif
