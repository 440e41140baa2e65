// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Entries of attn.stream that stand in a table of blocks, and what lookups hold for their classes.
#include "StreamDense.h"
#include "attune/Dialect/NN/Graph.h"

using namespace mlir;

namespace attune::tile {

/// A vector of elements from `at` on; those from `end` on are 0. Masked loads are for the last ones
/// only: some processors do them slowly.
Value DenseLowering::loadWithin(Value table, Value at, Value end) {
  OpBuilder &b = e.b;
  VectorType type = e.vectorType(cast<MemRefType>(table.getType()).getElementType());
  auto whole = [&]() -> Value { return e.loadVector(table, at); };
  auto part = [&]() -> Value { return e.loadVector(table, at, e.firstLanes(e.sub(end, at))); };
  auto none = [&]() -> Value { return arith::ConstantOp::create(b, e.loc, b.getZeroAttr(type)); };
  Value isWhole =
      arith::CmpIOp::create(b, e.loc, arith::CmpIPredicate::sle, e.add(at, e.shape.lanes), end);
  return e.choose(type, isWhole, whole,
                  [&] { return e.choose(type, e.less(at, end), part, none); });
}

/// The elements of `table` at `places` (i32). Wide vectors are gathered; else lane by lane, which
/// costs less than what a gather becomes on processors with 8 lanes.
Value DenseLowering::lookUp(Value table, Value places) {
  OpBuilder &b = e.b;
  if (e.shape.lanes >= 16) {
    Value all = arith::ConstantOp::create(
        b, e.loc, DenseElementsAttr::get(e.vectorType(b.getI1Type()), true));
    return vector::GatherOp::create(b, e.loc, e.f32Vector(), table, ValueRange(e.index(0)), places,
                                    all, e.splat(0.0));
  }
  Values elements;
  for (int64_t lane = 0; lane < e.shape.lanes; ++lane) {
    Value place = vector::ExtractOp::create(b, e.loc, places, lane);
    place = arith::IndexCastUIOp::create(b, e.loc, b.getIndexType(), place);
    elements.push_back(e.load(table, place));
  }
  return vector::FromElementsOp::create(b, e.loc, e.f32Vector(), elements);
}

/// The table's entries at a vector of columns, as f32, then what each lookup holds for them. Lanes
/// beyond the row are some class, so that lookups stay inside their tables.
Values DenseLowering::loadBlock(const StreamViews &views, const Range &range, Value row,
                                Value column) {
  OpBuilder &b = e.b;
  Location loc = e.loc;
  Value table = op.getBlockTable();
  Type element = cast<MemRefType>(table.getType()).getElementType();
  Value length = e.sub(range.segmentEnd, range.segmentBegin);
  Value at = e.add(e.add(range.blockStart, e.mul(e.sub(row, range.segmentBegin), length)),
                   e.sub(column, range.segmentBegin));
  VectorType f32 = e.f32Vector(), i32 = e.vectorType(b.getI32Type());
  if (element.isF32())
    return {loadWithin(table, at, e.dim(table, 0))};
  auto constant = [&](int64_t value) {
    return e.splat(arith::ConstantIntOp::create(b, loc, value, 32));
  };
  Value classes;
  if (element.isInteger(8)) {
    Value low = arith::ExtUIOp::create(b, loc, i32, loadWithin(table, at, e.dim(table, 0)));
    Value isWide = e.splat(range.isWide);
    // Narrow graphs have no second plane.
    Value high = loadWithin(table, e.add(at, e.mul(length, length)),
                            e.select(range.isWide, e.dim(table, 0), at));
    high = arith::ShLIOp::create(b, loc, arith::ExtUIOp::create(b, loc, i32, high), constant(8));
    Value isMark = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, low,
                                         constant(nn::HopTableOp::kUnreachableByte));
    Value narrow = e.select(isMark, constant(nn::HopTableOp::kUnreachable), low);
    classes = e.select(isWide, arith::OrIOp::create(b, loc, low, high), narrow);
  } else {
    classes = loadWithin(table, at, e.dim(table, 0));
    if (element.isInteger(64) && !views.lookups.empty())
      classes = arith::TruncIOp::create(b, loc, i32, classes);
  }
  Values results;
  Value place = classes;
  // A table without lookups may hold any whole numbers.
  results.push_back(arith::SIToFPOp::create(b, loc, f32, classes));
  for (Value lookup : views.lookups) {
    int64_t last = Emitter::staticDim(lookup, 0) - 1;
    results.push_back(lookUp(lookup, arith::MinUIOp::create(b, loc, place, constant(last))));
  }
  return results;
}

} // namespace attune::tile
