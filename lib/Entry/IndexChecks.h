// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loops over index data that compiled programs run before they trust it.

#ifndef ATTUNE_LIB_ENTRY_INDEXCHECKS_H
#define ATTUNE_LIB_ENTRY_INDEXCHECKS_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"

namespace attune {

enum class IndexCheck { Outside, Decrease, Pairs };

/// The function of the module that does this check on integers of 32 or 64 bits.
mlir::LLVM::LLVMFuncOp getIndexCheck(mlir::ModuleOp module, IndexCheck check, unsigned bits);

} // namespace attune

#endif // ATTUNE_LIB_ENTRY_INDEXCHECKS_H
