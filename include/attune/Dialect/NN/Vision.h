// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops of the nn dialect: layers on images.
#ifndef ATTUNE_DIALECT_NN_VISION_H
#define ATTUNE_DIALECT_NN_VISION_H

#include "attune/Dialect/NN/NNBase.h"

#define GET_OP_CLASSES
#include "attune/Dialect/NN/Vision.h.inc"

#endif
