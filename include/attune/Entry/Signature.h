// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a module offers to callers: the public functions with their named arguments, results and
// sizes. Read from the attributes before bufferization, and kept on the module as one string
// (`attune.entries`), because later conversions split and drop arguments.

#ifndef ATTUNE_ENTRY_SIGNATURE_H
#define ATTUNE_ENTRY_SIGNATURE_H

#include "attune/Runtime/Signature.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace attune {

/// Reads attune.name, attune.dims, attune.below and attune.offsets_of of a function on tensors. In
/// error the reason is emitted at the function.
llvm::FailureOr<runtime::Entry> signatureOf(mlir::func::FuncOp function);

/// The dtype of a tensor with this element type, or none.
std::optional<runtime::DType> dtypeOf(mlir::Type elementType);

/// Reads every public function and sets `attune.entries`. A module that has the attribute already
/// (it was printed after a later stage) keeps it.
llvm::LogicalResult recordEntries(mlir::ModuleOp module);

/// What recordEntries wrote.
llvm::FailureOr<runtime::Signature> recordedEntries(mlir::ModuleOp module);

} // namespace attune

#endif // ATTUNE_ENTRY_SIGNATURE_H
