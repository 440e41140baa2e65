// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops of the attn dialect: sizes of matrices, and sizes that data decides.
#ifndef ATTUNE_DIALECT_ATTN_SIZEOPS_H
#define ATTUNE_DIALECT_ATTN_SIZEOPS_H

#include "attune/Dialect/Attn/AttnBase.h"

#define GET_OP_CLASSES
#include "attune/Dialect/Attn/SizeOps.h.inc"

#endif
