// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Checks on sizes and structure.
#ifndef ATTUNE_ANALYSIS_PASSES_H
#define ATTUNE_ANALYSIS_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace attune {
#define GEN_PASS_DECL
#include "attune/Analysis/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "attune/Analysis/Passes.h.inc"
} // namespace attune

#endif
