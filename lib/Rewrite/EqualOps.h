// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops that compute the same, if what they use is the same.
#ifndef ATTUNE_LIB_REWRITE_EQUALOPS_H
#define ATTUNE_LIB_REWRITE_EQUALOPS_H

#include "mlir/IR/OperationSupport.h"

namespace attune::rewrite {

/// Operands, then what regions take from outside; the op may be in a block without a region.
llvm::SmallVector<mlir::Value> valuesUsedBy(mlir::Operation *op);

class EqualOps {
public:
  /// The first op asked for that equals this one, or itself: values from outside are compared by
  /// `isSame`, which agrees with `hash`; those inside of regions by where they stand.
  /// Neither function may ask for another op.
  mlir::Operation *first(mlir::Operation *op, llvm::function_ref<llvm::hash_code(mlir::Value)> hash,
                         llvm::function_ref<bool(mlir::Value, mlir::Value)> isSame);

private:
  llvm::DenseMap<llvm::hash_code, llvm::SmallVector<mlir::Operation *, 1>> byHash;
};

} // namespace attune::rewrite

#endif
