// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes on the sizes of values.
#ifndef ATTUNE_SIZES_PASSES_H
#define ATTUNE_SIZES_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace attune {
#define GEN_PASS_DECL
#include "attune/Sizes/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "attune/Sizes/Passes.h.inc"
/// What `attune-unify-dims` does, for passes that need its result midway.
void unifyDims(mlir::func::FuncOp function);
} // namespace attune

#endif
