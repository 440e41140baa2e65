// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The nn dialect with all of its ops: named layers on tensors.
#ifndef ATTUNE_DIALECT_NN_NN_H
#define ATTUNE_DIALECT_NN_NN_H

#include "attune/Dialect/NN/Graph.h"
#include "attune/Dialect/NN/Inverse.h"
#include "attune/Dialect/NN/Layers.h"
#include "attune/Dialect/NN/Vision.h"

#endif
