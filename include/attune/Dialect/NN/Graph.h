// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops of the nn dialect: pools and hop distances of graphs.
#ifndef ATTUNE_DIALECT_NN_GRAPH_H
#define ATTUNE_DIALECT_NN_GRAPH_H

#include "attune/Dialect/NN/NNBase.h"

#define GET_OP_CLASSES
#include "attune/Dialect/NN/Graph.h.inc"

#endif
