// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes to loops that all targets run.
#ifndef ATTUNE_TILE_PASSES_H
#define ATTUNE_TILE_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace attune {
#define GEN_PASS_DECL
#include "attune/Tile/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "attune/Tile/Passes.h.inc"
} // namespace attune

#endif
