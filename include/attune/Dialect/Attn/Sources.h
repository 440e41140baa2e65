// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops of the attn dialect: the matrices that others are made of.
#ifndef ATTUNE_DIALECT_ATTN_SOURCES_H
#define ATTUNE_DIALECT_ATTN_SOURCES_H

#include "attune/Dialect/Attn/AttnBase.h"

#define GET_OP_CLASSES
#include "attune/Dialect/Attn/Sources.h.inc"

#endif
