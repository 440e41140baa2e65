// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Umbrella of the attn ops, in the order in which a model uses them.
#ifndef ATTUNE_ATTN_OPS
#define ATTUNE_ATTN_OPS

include "dialects/Attn/Ops/Sources.td"
include "dialects/Attn/Ops/Entrywise.td"
include "dialects/Attn/Ops/Structure.td"
include "dialects/Attn/Ops/Algebra.td"
include "dialects/Attn/Ops/Sinks.td"
include "dialects/Attn/Ops/SizeOps.td"
include "dialects/Attn/Ops/Surface.td"
include "dialects/Attn/Ops/Stream.td"

#endif
