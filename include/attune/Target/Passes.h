// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The passes that turn a module into a callable program.

#ifndef ATTUNE_TARGET_PASSES_H
#define ATTUNE_TARGET_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace attune {
/// The global that attune-gpu-program makes.
inline constexpr llvm::StringLiteral kProgramSymbol = "attune.program";

#define GEN_PASS_DECL
#include "attune/Target/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "attune/Target/Passes.h.inc"
} // namespace attune

#endif // ATTUNE_TARGET_PASSES_H
