// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Linalg ops on memrefs that can visit their rows together, block by block.
#ifndef ATTUNE_LIB_TILE_ROWGROUP_H
#define ATTUNE_LIB_TILE_ROWGROUP_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace attune::tile {

/// An op and the loop that walks the rows: a parallel one, or the reduction loop of an op whose
/// static result sums the rows up.
struct RowOp {
  mlir::linalg::LinalgOp op;
  unsigned loop = 0;
  bool reduces = false;
  /// Of each operand, the dimension that the loop walks; -1 where it walks none.
  llvm::SmallVector<int64_t> rowDims;
};

/// Ops that visit rows [begin, end) one after the other with the same results as one after the
/// other over all rows. No op reads what another one of the group sums up over the rows.
struct RowGroup {
  llvm::SmallVector<RowOp> ops;
  /// Other ops of the block that have to come first, in order.
  llvm::SmallVector<mlir::Operation *> before;

  bool reduces() const {
    return llvm::any_of(ops, [](const RowOp &op) { return op.reduces; });
  }
};

/// The buffer that a value is a view of.
mlir::Value rootOf(mlir::Value memref);

/// The largest group that begins with `first`, possibly of one op; none where `first` has no loop
/// over rows. A row is what a size that grows counts (`attune.sizes`).
std::optional<RowGroup> findRowGroup(mlir::linalg::LinalgOp first);

} // namespace attune::tile

#endif
