// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Checks between stages.
#ifndef ATTUNE_PIPELINE_PASSES_H
#define ATTUNE_PIPELINE_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace attune {
#define GEN_PASS_DECL
#include "attune/Pipeline/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "attune/Pipeline/Passes.h.inc"
} // namespace attune

#endif
