// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// (x + ridge I)^-1 of each matrix, in f64:
//   L L^T = x + ridge I  (column by column);  M = L^-1  (row by row);  out = M^T M
// A pivot that is not positive gives a NaN, which then reaches every entry of M^T M below and right
// of it; the pivots' sum of NaNs is added to all entries, so that no part of a broken inverse looks
// right.
#include "LowerGraphOps.h"
#include "attune/Dialect/NN/Inverse.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace attune::tile {

void emitCholeskyInverse(Emitter &e, nn::CholeskyInverseOp op) {
  OpBuilder &b = e.b;
  Location loc = e.loc;
  Value x = op.getX(), out = op.getInit();
  int64_t rank = cast<MemRefType>(x.getType()).getRank();
  Type f64 = b.getF64Type();
  Value m = e.dim(x, rank - 1), zero = e.index(0);
  Value ridge =
      arith::ConstantOp::create(b, loc, b.getF64FloatAttr(op.getRidge().convertToDouble()));
  Value nothing = arith::ConstantOp::create(b, loc, b.getF64FloatAttr(0));
  Value one = arith::ConstantOp::create(b, loc, b.getF64FloatAttr(1));
  Value count = e.index(1);
  Values extents;
  for (int64_t d = 0; d < rank - 2; ++d) {
    extents.push_back(e.dim(x, d));
    count = e.mul(count, extents.back());
  }
  e.tasks(count, /*parallel=*/true, [&](Value task) {
    Values position(rank);
    Value rest = task;
    for (int64_t d = rank - 3; d >= 0; --d) {
      position[d] = e.rem(rest, extents[d]);
      rest = e.div(rest, extents[d]);
    }
    Value from = e.slice(x, position), to = e.slice(out, position);
    OpFoldResult size = m;
    if (std::optional<int64_t> known = getConstantIntValue(m))
      size = b.getIndexAttr(*known);
    Value lower = e.alloc({size, size}, f64), inverse = e.alloc({size, size}, f64);
    /// The sum of products over k in [begin, end).
    auto dot = [&](Value begin, Value end, function_ref<Value(Value)> left,
                   function_ref<Value(Value)> right) {
      return e.fold(begin, end, 1, {nothing}, [&](Value k, ValueRange in) {
        return Values{e.addf(in[0], e.mulf(left(k), right(k)))};
      })[0];
    };
    auto element = [&](Value i, Value j) -> Value {
      return arith::ExtFOp::create(b, loc, f64, e.load(from, {i, j}));
    };
    // L, and the sum of 0 times each pivot: NaN where one is not a positive number.
    Value broken = e.fold(zero, m, 1, {nothing}, [&](Value j, ValueRange in) {
      auto atJ = [&](Value k) { return e.load(lower, {j, k}); };
      Value square = e.subf(e.addf(element(j, j), ridge), dot(zero, j, atJ, atJ));
      Value pivot = math::SqrtOp::create(b, loc, square);
      Value isPositive = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, square, nothing);
      Value nan = arith::ConstantOp::create(
          b, loc, b.getF64FloatAttr(std::numeric_limits<double>::quiet_NaN()));
      pivot = e.select(isPositive, pivot, nan);
      e.store(pivot, lower, {j, j});
      e.forEach(e.add(j, 1), m, 1, [&](Value i) {
        Value rest = e.subf(element(i, j),
                            dot(zero, j, [&](Value k) { return e.load(lower, {i, k}); }, atJ));
        e.store(e.divf(rest, pivot), lower, {i, j});
      });
      return Values{e.addf(in[0], e.mulf(pivot, nothing))};
    })[0];
    // M = L^-1, a lower triangle.
    e.forEach(zero, m, 1, [&](Value i) {
      Value pivot = e.load(lower, {i, i});
      e.forEach(zero, i, 1, [&](Value j) {
        Value sum = dot(
            j, i, [&](Value k) { return e.load(lower, {i, k}); },
            [&](Value k) { return e.load(inverse, {k, j}); });
        e.store(e.divf(e.subf(nothing, sum), pivot), inverse, {i, j});
      });
      e.store(e.divf(one, pivot), inverse, {i, i});
    });
    e.forEach(zero, m, 1, [&](Value i) {
      e.forEach(zero, e.add(i, 1), 1, [&](Value j) {
        Value sum = dot(
            i, m, [&](Value k) { return e.load(inverse, {k, i}); },
            [&](Value k) { return e.load(inverse, {k, j}); });
        Value entry = arith::TruncFOp::create(b, loc, b.getF32Type(), e.addf(sum, broken));
        e.store(entry, to, {i, j});
        e.store(entry, to, {j, i});
      });
    });
    e.free({lower, inverse});
  });
}

} // namespace attune::tile
