// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops of the nn dialect: layers on rows: linear, norms, entrywise maps, gathers, edge lists.
#ifndef ATTUNE_DIALECT_NN_LAYERS_H
#define ATTUNE_DIALECT_NN_LAYERS_H

#include "attune/Dialect/NN/NNBase.h"

#define GET_OP_CLASSES
#include "attune/Dialect/NN/Layers.h.inc"

#endif
