// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The attn dialect with all of its ops.
#ifndef ATTUNE_DIALECT_ATTN_ATTN_H
#define ATTUNE_DIALECT_ATTN_ATTN_H

#include "attune/Dialect/Attn/Algebra.h"
#include "attune/Dialect/Attn/Entrywise.h"
#include "attune/Dialect/Attn/Sinks.h"
#include "attune/Dialect/Attn/SizeOps.h"
#include "attune/Dialect/Attn/Sources.h"
#include "attune/Dialect/Attn/Stream.h"
#include "attune/Dialect/Attn/Structure.h"
#include "attune/Dialect/Attn/Surface.h"

#endif
