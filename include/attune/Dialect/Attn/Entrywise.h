// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops of the attn dialect: attn.map and attn.yield.
#ifndef ATTUNE_DIALECT_ATTN_ENTRYWISE_H
#define ATTUNE_DIALECT_ATTN_ENTRYWISE_H

#include "attune/Dialect/Attn/AttnBase.h"

#define GET_OP_CLASSES
#include "attune/Dialect/Attn/Entrywise.h.inc"

#endif
