// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The passes between the dialects and memrefs.
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

/// What `attune-unify-dims` does, for passes that need its result midway.
void unifyDims(mlir::func::FuncOp function);

/// Bufferization of attn.stream and nn.csr.
void registerBufferizationModels(mlir::DialectRegistry &registry);
/// Lets functions with attn and nn ops be inlined.
void registerInlinerInterfaces(mlir::DialectRegistry &registry);
} // namespace attune

#endif
