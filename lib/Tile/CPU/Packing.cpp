// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Copies of matrix panels to small contiguous buffers.
//
// A panel whose source has its columns in rows is transposed on the way, a square block of vectors
// at a time: interleaving row i with row i + n/2 moves the highest bit of the row number to the
// lowest bit of the lane number, so that log2(n) rounds of it exchange rows and lanes.
#include "../Emitter.h"

using namespace mlir;

namespace attune::tile {

Values transposeBlock(Emitter &e, Values block) {
  int64_t n = e.shape.lanes;
  SmallVector<int64_t> low, high;
  for (int64_t lane = 0; lane < n / 2; ++lane) {
    low.append({lane, n + lane});
    high.append({n / 2 + lane, n + n / 2 + lane});
  }
  for (int64_t round = 1; round < n; round *= 2) {
    Values next;
    for (int64_t i = 0; i < n / 2; ++i)
      for (ArrayRef<int64_t> lanes : {ArrayRef<int64_t>(low), ArrayRef<int64_t>(high)})
        next.push_back(vector::ShuffleOp::create(e.b, e.loc, block[i], block[i + n / 2], lanes));
    block = std::move(next);
  }
  return block;
}

/// source[column][k] -> packed[k][column].
static void packTransposed(Emitter &e, Value source, Value begin, Value last, Value kBegin,
                           Value kCount, Value packed, Value panel) {
  int64_t n = e.shape.lanes;
  Value blocksEnd = Emitter::hasUnitInnerStride(source) ? e.roundDown(kCount, n) : e.index(0);
  e.forEach(e.index(0), panel, n, [&](Value j) {
    Values columns;
    for (int64_t lane = 0; lane < n; ++lane)
      columns.push_back(e.min(e.add(e.add(begin, j), lane), last));
    e.forEach(e.index(0), blocksEnd, n, [&](Value k) {
      Values block;
      for (Value column : columns)
        block.push_back(e.loadVector(source, {column, e.add(kBegin, k)}));
      for (auto [lane, row] : llvm::enumerate(transposeBlock(e, block)))
        e.storeVector(row, packed, {e.add(k, lane), j});
    });
    e.forEach(blocksEnd, kCount, 1, [&](Value k) {
      for (auto [lane, column] : llvm::enumerate(columns))
        e.store(e.load(source, {column, e.add(kBegin, k)}), packed, {k, e.add(j, lane)});
    });
  });
}

/// source[k][column] -> packed[k][column].
static void packStraight(Emitter &e, Value source, Value begin, Value last, Value kBegin,
                         Value kCount, Value packed, Value panel) {
  int64_t n = e.shape.lanes;
  Value valid = e.add(e.sub(last, begin), 1);
  Value vectorsEnd =
      Emitter::hasUnitInnerStride(source) ? e.min(e.roundDown(valid, n), panel) : e.index(0);
  e.forEach(e.index(0), kCount, 1, [&](Value k) {
    Value row = e.add(kBegin, k);
    e.forEach(e.index(0), vectorsEnd, n, [&](Value j) {
      e.storeVector(e.loadVector(source, {row, e.add(begin, j)}), packed, {k, j});
    });
    e.forEach(vectorsEnd, panel, 1, [&](Value j) {
      e.store(e.load(source, {row, e.min(e.add(begin, j), last)}), packed, {k, j});
    });
  });
}

void packPanel(Emitter &e, Value source, bool columnsFirst, Value begin, Value last, Value kBegin,
               Value kCount, Value packed, Value panel) {
  if (columnsFirst)
    packTransposed(e, source, begin, last, kBegin, kCount, packed, panel);
  else
    packStraight(e, source, begin, last, kBegin, kCount, packed, panel);
}

} // namespace attune::tile
