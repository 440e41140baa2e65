// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The passes that turn ops on memrefs into kernels.
#ifndef ATTUNE_TILE_GPU_PASSES_H
#define ATTUNE_TILE_GPU_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace attune {
#define GEN_PASS_DECL
#include "attune/Tile/GPU/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "attune/Tile/GPU/Passes.h.inc"
} // namespace attune

#endif
