// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops of the attn dialect: what an importer writes; decomposes into the algebra.
#ifndef ATTUNE_DIALECT_ATTN_SURFACE_H
#define ATTUNE_DIALECT_ATTN_SURFACE_H

#include "attune/Dialect/Attn/AttnBase.h"

#define GET_OP_CLASSES
#include "attune/Dialect/Attn/Surface.h.inc"

#endif
