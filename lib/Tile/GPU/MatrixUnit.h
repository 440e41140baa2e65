// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Products on the matrix units of a warp (mma.sync, PTX ISA "Matrix multiply-accumulate").
//
// A warp forms D = A B + C of 16 x 8 numbers. Lane l = 4 g + t has rows g and g + 8 and columns 2t
// and 2t + 1 of C and D, and gives of each row of A, and of column g of B, the numbers at pairs of
// neighbouring k: 2t and 2t + 1 of every eight. (With tf32 the hardware takes the second of a pair
// as k = t + 4; a sum over k does not mind, as long as A and B agree.)
#ifndef ATTUNE_LIB_TILE_GPU_MATRIXUNIT_H
#define ATTUNE_LIB_TILE_GPU_MATRIXUNIT_H

#include "../Emitter.h"
#include "attune/Tile/GPU/ChipSpec.h"

namespace attune::tile {

class MatrixUnit {
public:
  MatrixUnit(Emitter &e, Precision precision) : e(e), precision(precision) {}

  /// Rows and columns of lanes, and of one product.
  static constexpr int64_t kLanesX = 4, kLanesY = 8, kRows = 16, kColumns = 8;
  bool isUsed() const { return precision != Precision::F32; }
  /// Pairs of k that a lane gives of a row or a column, and all numbers k of one product.
  int64_t pairs() const { return precision == Precision::BF16 ? 2 : 1; }
  int64_t depth() const { return 8 * pairs(); }

  /// An operand in the unit's format, in words of 32 bits; for tf32x3 also what rounding took away.
  struct Operand {
    Values words, rest;
  };
  /// `numbers` of each pair p: of A (row g, k), (g, k + 1), (g + 8, k), (g + 8, k + 1), of B
  /// (column g, k), (g, k + 1).
  Operand pack(ValueRange numbers);
  /// Adds A B to the lane's four numbers of C: (g, 2t), (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1).
  void multiply(const Operand &a, const Operand &b, llvm::ArrayRef<Value *> c);

  /// Matrix units cut off bits when they add to a large sum, always towards 0. Where that matters,
  /// sums are formed from 0, and added to those before by the processor itself: `form` gets what to
  /// begin with.
  Values addTo(ValueRange sums, llvm::function_ref<Values(ValueRange)> form);

private:
  void multiply(ValueRange a, ValueRange b, llvm::ArrayRef<Value *> c);

  Emitter &e;
  Precision precision;
};

/// A lane's four numbers of one product among its numbers, `width` a row.
inline llvm::SmallVector<Value *> cornersOf(Values &numbers, int64_t row, int64_t column,
                                            int64_t width) {
  Value *upper = &numbers[row * width + column], *lower = upper + width;
  return {upper, upper + 1, lower, lower + 1};
}

} // namespace attune::tile

#endif
