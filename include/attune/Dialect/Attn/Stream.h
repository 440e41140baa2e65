// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops of the attn dialect: attn.stream, what a plan makes of a matrix without a linear form.
#ifndef ATTUNE_DIALECT_ATTN_STREAM_H
#define ATTUNE_DIALECT_ATTN_STREAM_H

#include "attune/Dialect/Attn/AttnBase.h"

#define GET_OP_CLASSES
#include "attune/Dialect/Attn/Stream.h.inc"

#endif
