// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes on what the processor runs.
#ifndef ATTUNE_TARGET_CPU_PASSES_H
#define ATTUNE_TARGET_CPU_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace attune {
#define GEN_PASS_DECL
#include "attune/Target/CPU/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "attune/Target/CPU/Passes.h.inc"
} // namespace attune

#endif
