// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Linalg ops on memrefs that can visit their rows together, block by block.
#ifndef ATTUNE_LIB_TILE_CPU_ROWGROUP_H
#define ATTUNE_LIB_TILE_CPU_ROWGROUP_H

#include "../Nest.h"

namespace attune::tile {

/// An op that walks the rows by a parallel loop, or by the reduction loop of a static result that
/// sums the rows up.
struct RowOp {
  mlir::linalg::LinalgOp op;
  /// Of each operand, the dimension that the loop walks; -1 where it walks none.
  llvm::SmallVector<int64_t> rowDims;
  /// How parts of the result are joined; none where the loop is parallel.
  Combiner combiner;

  bool reduces() const { return static_cast<bool>(combiner); }
};

/// Ops that visit rows [begin, end) one after the other with the same results as one after the
/// other over all rows. No op reads what another one of the group sums up over the rows.
struct RowGroup {
  llvm::SmallVector<RowOp> ops;
  /// Other ops of the block that have to come first, in order.
  llvm::SmallVector<mlir::Operation *> before;

  bool reduces() const {
    return llvm::any_of(ops, [](const RowOp &op) { return op.reduces(); });
  }
};

/// The largest group that begins with `first`, possibly of one op; none where `first` has no loop
/// over rows. A row is what a size that grows counts (`attune.sizes`).
std::optional<RowGroup> findRowGroup(mlir::linalg::LinalgOp first);

} // namespace attune::tile

#endif
