// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Lowerings of the nn ops that loop over data. Each emits loops in front of the op, on memrefs.
#ifndef ATTUNE_LIB_TILE_LOWERGRAPHOPS_H
#define ATTUNE_LIB_TILE_LOWERGRAPHOPS_H

#include "Emitter.h"
#include "attune/Dialect/NN/Graph.h"
#include "attune/Dialect/NN/Inverse.h"

namespace attune::tile {

void emitHopLayout(Emitter &e, nn::HopLayoutOp op);
void emitHopTable(Emitter &e, nn::HopTableOp op);
void emitCholeskyInverse(Emitter &e, nn::CholeskyInverseOp op);

} // namespace attune::tile

#endif
