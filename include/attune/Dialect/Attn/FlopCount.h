// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Counts the floating-point operations of IR without implicit matrices. It reads affine maps, trip
// counts and the operands of streams, and knows nothing of plans: what a plan says is compared with
// what is counted.
#ifndef ATTUNE_DIALECT_ATTN_FLOPCOUNT_H
#define ATTUNE_DIALECT_ATTN_FLOPCOUNT_H

#include "attune/Sizes/SizePoly.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Block.h"

namespace attune::attn {

/// Floating-point operations by the kind of loop that they stand in, since these run at different
/// speeds. Additions, multiplications, divisions, maxima and math functions count one, a fused
/// multiply-add two; comparisons, selections and conversions none, nor do scalars outside of loops.
struct FlopCount {
  /// In sums of products of two tensors.
  SizePoly products;
  /// In other loops over tensors.
  SizePoly rows;
  /// In streams over pairs, and in streams over the edges of a graph or over a band of both sides.
  SizePoly pairs, edges;
  /// What the streams would count if they visited all of rows times columns.
  SizePoly everyPair;
  /// Calls of math functions, which are counted above as one each.
  SizePoly functions;
  /// Loops over tensors and streams that are run.
  SizePoly runs;

  SizePoly total() const { return products + rows + pairs + edges; }
  FlopCount &operator+=(const FlopCount &other);
  /// The same with `change` applied to each number.
  FlopCount map(llvm::function_ref<SizePoly(const SizePoly &)> change) const;
};

/// Which branch of an `scf.if` is counted.
enum class Branch { Then, Else };

/// FLOP of the op or block, with everything inside of it.
FlopCount countFlop(mlir::Operation &op, Branch branch = Branch::Then);
FlopCount countFlop(mlir::Block &block, Branch branch = Branch::Then);
/// What the body of the loop counts, over all iterations: times their number. In a loop over the
/// segments of an argument (`attune.offsets_of` N) sizes up to N are lengths of segments, which sum
/// to N, and their squares to the symbol P.
SizePoly acrossIterations(const SizePoly &body, mlir::scf::ForOp loop);
/// Entries (i, j) of `rows` x `columns` with i - left <= j <= i + right; -1 stands for no bound.
/// Exact for square matrices that are no smaller than the band; else columns are taken to be
/// enough.
SizePoly bandPairs(const SizePoly &rows, const SizePoly &columns, int64_t left, int64_t right);

} // namespace attune::attn

#endif
