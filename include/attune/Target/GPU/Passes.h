// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The passes from kernels to code of a graphics processor and calls of its runtime.
#ifndef ATTUNE_TARGET_GPU_PASSES_H
#define ATTUNE_TARGET_GPU_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace attune {
#define GEN_PASS_DECL
#include "attune/Target/GPU/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "attune/Target/GPU/Passes.h.inc"
} // namespace attune

#endif
