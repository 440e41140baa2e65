// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops of the attn dialect: sums, products and normalisations of matrices.
#ifndef ATTUNE_DIALECT_ATTN_ALGEBRA_H
#define ATTUNE_DIALECT_ATTN_ALGEBRA_H

#include "attune/Dialect/Attn/AttnBase.h"

#define GET_OP_CLASSES
#include "attune/Dialect/Attn/Algebra.h.inc"

#endif
