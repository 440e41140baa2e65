// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes from sugar to algebra, and from quadratic to linear.
#ifndef ATTUNE_REWRITE_PASSES_H
#define ATTUNE_REWRITE_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace attune {
#define GEN_PASS_DECL
#include "attune/Rewrite/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "attune/Rewrite/Passes.h.inc"
} // namespace attune

#endif
