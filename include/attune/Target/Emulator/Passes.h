// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes that make kernels run on the CPU.
#ifndef ATTUNE_TARGET_EMULATOR_PASSES_H
#define ATTUNE_TARGET_EMULATOR_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace attune {
#define GEN_PASS_DECL
#include "attune/Target/Emulator/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "attune/Target/Emulator/Passes.h.inc"
} // namespace attune

#endif
