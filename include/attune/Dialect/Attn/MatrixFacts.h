// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What is known about implicit matrices: the facts that each matrix op derives from those of its
// operands.
#ifndef ATTUNE_DIALECT_ATTN_MATRIXFACTS_H
#define ATTUNE_DIALECT_ATTN_MATRIXFACTS_H

#include "attune/Sizes/SizePoly.h"

namespace attune::attn {

/// The set of present entries.
enum class Support { Full, Segments, Masked, Sparse, Diagonal };

/// What is known about one matrix expression.
struct MatrixFacts {
  SizePoly rows, columns;
  Support support = Support::Full;
  /// Present entries have i - left <= j and j <= i + right, where these are known.
  std::optional<int64_t> left, right;
  /// With full support: every pair is present whatever the sizes. A chain has no entry where its
  /// inner dimension is empty or its factors are sparse.
  bool complete = true;
  /// Every row has at least one present entry whatever the sizes (unless there are no columns).
  bool rowsNonEmpty = true;
  /// No pair is stored twice (false for a CSR matrix without `unique`).
  bool uniqueEntries = true;
};

/// The narrower and the wider of two bounds of a band, none being no bound.
inline std::optional<int64_t> narrower(std::optional<int64_t> a, std::optional<int64_t> b) {
  return a && b ? std::min(*a, *b) : a ? a : b;
}
inline std::optional<int64_t> wider(std::optional<int64_t> a, std::optional<int64_t> b) {
  return a && b ? std::optional<int64_t>(std::max(*a, *b)) : std::nullopt;
}

/// MatrixFacts of the matrix `matrix`, from its defining ops.
MatrixFacts factsOf(mlir::Value matrix);

} // namespace attune::attn

#endif
