// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The passes between the algebra and loops: layers, destinations, buffers.
#ifndef ATTUNE_TRANSFORMS_PASSES_H
#define ATTUNE_TRANSFORMS_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace attune {
#define GEN_PASS_DECL
#include "attune/Transforms/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "attune/Transforms/Passes.h.inc"
/// Bufferization of attn.stream and nn.csr.
void registerBufferizationModels(mlir::DialectRegistry &registry);
/// Lets functions with attn and nn ops be inlined.
void registerInlinerInterfaces(mlir::DialectRegistry &registry);
} // namespace attune

#endif
