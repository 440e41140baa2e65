// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What is known about implicit matrices: the facts that each matrix op derives from those of its
// operands, for the planner, its remarks and its run-time guards.
#ifndef ATTUNE_DIALECT_ATTN_MATRIXFACTS_H
#define ATTUNE_DIALECT_ATTN_MATRIXFACTS_H

#include "attune/Sizes/SizePoly.h"

namespace attune::attn {

/// The set of present entries.
enum class Support { Full, Segments, Masked, Sparse, Diagonal };

/// MatrixFacts about one matrix expression. Costs are per head and batch entry; `apply` on V with E
/// columns costs `applyFixed + E * applyPerColumn` FLOP.
struct MatrixFacts {
  SizePoly rows, columns, batch = SizePoly(1);
  /// Has a form that does not visit all pairs.
  bool hasCheapForm = false;
  SizePoly applyFixed, applyPerColumn;
  /// FLOP for one entry (dot products included), for streaming.
  SizePoly entryFlop;
  /// Pairs that a stream visits: N*M, NNZ for CSR, the sum of squares for segments.
  SizePoly pairs;
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
  /// The form as a tree in words, e.g. "sum(constant, factored(rank 64))".
  std::string form;
  /// Why there is no linear form: a remark name such as "entrywise-function".
  std::string reason;

  /// FLOP of `apply` with E columns by the linear form, and by visiting the pairs.
  SizePoly linearFlop(const SizePoly &width) const {
    return (applyFixed + applyPerColumn * width) * batch;
  }
  SizePoly streamFlop(const SizePoly &width) const {
    return pairs * (entryFlop + SizePoly(2) * width) * batch;
  }
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
