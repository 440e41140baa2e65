// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Evaluates a region of elementwise ops on vectors: one vector for as many visits as it has lanes.
#ifndef ATTUNE_LIB_TILE_LANES_H
#define ATTUNE_LIB_TILE_LANES_H

#include "Emitter.h"

namespace attune::tile {

/// Emits the op in its place for the operands given, which are scalars or vectors; null leaves it
/// to the general rule.
using LaneHook = llvm::function_ref<Value(mlir::Operation *op, ValueRange operands)>;

/// Clones the ops of `block` for the arguments given, each a scalar (the same in all lanes) or a
/// vector; returns what the terminator's operands became. Ops on scalars alone stay scalar.
Values evaluateLanes(Emitter &e, mlir::Block &block, ValueRange arguments, LaneHook hook = nullptr);

/// The first op that has no form on vectors, or null. `allowed` adds to those that have one.
mlir::Operation *findNonElementwise(mlir::Block &block,
                                    llvm::function_ref<bool(mlir::Operation *)> allowed = nullptr);

} // namespace attune::tile

#endif
