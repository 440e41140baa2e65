// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops of the attn dialect: masks: which entries are present.
#ifndef ATTUNE_DIALECT_ATTN_STRUCTURE_H
#define ATTUNE_DIALECT_ATTN_STRUCTURE_H

#include "attune/Dialect/Attn/AttnBase.h"

#define GET_OP_CLASSES
#include "attune/Dialect/Attn/Structure.h.inc"

#endif
