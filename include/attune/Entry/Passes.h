// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes on the functions that callers see.
#ifndef ATTUNE_ENTRY_PASSES_H
#define ATTUNE_ENTRY_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace attune {
/// The global that describes a program for a device; a module without it runs on the CPU.
inline constexpr llvm::StringLiteral kProgramSymbol = "attune.program";

#define GEN_PASS_DECL
#include "attune/Entry/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "attune/Entry/Passes.h.inc"
} // namespace attune

#endif
