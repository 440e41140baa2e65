// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Umbrella of the nn ops.
#ifndef ATTUNE_NN_OPS
#define ATTUNE_NN_OPS

include "dialects/NN/Layers.td"
include "dialects/NN/Vision.td"
include "dialects/NN/Inverse.td"
include "dialects/NN/Graph.td"

#endif
