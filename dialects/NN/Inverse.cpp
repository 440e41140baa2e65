// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Inverses of small matrices: rules as numbered in Inverse.td; the Newton iteration as loops of
// products on whole batches.
//   P = x + ridge I,  X <- 2 X - X (P X)
#include "attune/Dialect/NN/Inverse.h"
#include "Rules.h"
#include "attune/Sizes/DimSource.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/Errors.h"
#include "attune/Support/LinalgBuilders.h"

using namespace mlir;
using namespace attune;
using namespace attune::nn;
using namespace attune::nn::detail;

/// `x` has square matrices as its last dimensions.
static LogicalResult verifySquare(Operation *op, Value x, StringRef label) {
  ShapedType type = cast<ShapedType>(x.getType());
  if (!type.hasRank() || type.getRank() < 2)
    return op->emitOpError() << "`x` is " << type << ", expected a rank of at least 2 (" << label
                             << ")";
  int64_t rank = type.getRank(), rows = type.getDimSize(rank - 2),
          columns = type.getDimSize(rank - 1);
  if (!mayBeEqual(rows, columns))
    return op->emitOpError() << "`x` has matrices of " << rows << " x " << columns
                             << ", expected square ones (" << label << ")";
  return success();
}

//===----------------------------------------------------------------------===//
// newton_inverse
//===----------------------------------------------------------------------===//

LogicalResult NewtonInverseOp::verify() {
  if (failed(verifySquare(*this, getX(), "C1")))
    return failure();
  if (int64_t(getIterations()) < 0 || int64_t(getMaxHalvings()) < 0)
    return emitOpError() << "has " << int64_t(getIterations()) << " iterations and "
                         << int64_t(getMaxHalvings()) << " halvings, expected at least 0 (C2)";
  // Written so that a NaN fails.
  double ridge = getRidge().convertToDouble(), factor = getFactor().convertToDouble();
  if (!(ridge >= 0))
    return emitOpError() << "`ridge` is " << ridge << ", must be at least 0 (C3)";
  if (!(factor > 0))
    return emitOpError() << "`factor` is " << factor << ", must be above 0 (C3)";
  std::optional<APFloat> bound = getBound();
  if (bound && !(bound->convertToDouble() >= 0))
    return emitOpError() << "`bound` is " << bound->convertToDouble()
                         << ", must be at least 0 (C3)";
  if (bound.has_value() != (getMaxHalvings() > 0))
    return emitOpError("`bound` and `max_halvings` above 0 must come together (C4)");
  if (bound && !getWholeTensor())
    return emitOpError("`bound` needs `whole_tensor` (C4)");
  return verifyF32(*this, getX(), "x", "C5");
}

DimSource NewtonInverseOp::getDimSource(unsigned, int64_t dim) {
  return DimSource::of(getX(), dim);
}

SizePoly NewtonInverseOp::getFlop() {
  int64_t rank = rankOf(getX());
  return SizePoly(4 * int64_t(getIterations())) * elementCount(getX()) * sizeOf(getX(), rank - 1);
}

namespace {
/// Builds the iteration on f64 tensors [.., m, m].
struct Newton {
  OpBuilder &b;
  Location loc;
  int64_t rank;
  SmallVector<OpFoldResult> sizes;

  Type f64() { return b.getF64Type(); }
  Value number(double value) { return arith::ConstantOp::create(b, loc, b.getF64FloatAttr(value)); }
  Value filled(ArrayRef<OpFoldResult> shape, double value) {
    Value empty = buildEmpty(b, loc, shape, f64());
    return linalg::FillOp::create(b, loc, number(value), empty).getResult(0);
  }
  Value map(ValueRange inputs, Body body) { return elementwise(b, loc, inputs, body, f64()); }

  /// x y for each matrix.
  Value product(Value x, Value y) {
    SmallVector<int64_t> left = loops(rank), right = left;
    left[rank - 1] = rank;
    right[rank - 2] = rank;
    return buildGeneric(b, loc, {{x, left}, {y, right}}, {filled(sizes, 0.0), loops(rank)},
                        [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                          Value term = arith::MulFOp::create(b, loc, args[0], args[1]);
                          return arith::AddFOp::create(b, loc, args[2], term);
                        });
  }

  /// The element on the diagonal, another one elsewhere.
  static Value onDiagonal(OpBuilder &b, Location loc, int64_t rank, Value there, Value elsewhere) {
    Value i = linalg::IndexOp::create(b, loc, rank - 2),
          j = linalg::IndexOp::create(b, loc, rank - 1);
    Value same = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, i, j);
    return arith::SelectOp::create(b, loc, same, there, elsewhere);
  }

  /// Reduces the last dimension but `drop` of them by `join`.
  Value reduce(Value x, int64_t dim, double start, Body join) {
    SmallVector<OpFoldResult> shape = mixedSizes(b, loc, x);
    SmallVector<int64_t> all = loops(shape.size()), kept = all;
    shape.erase(shape.begin() + dim);
    kept.erase(kept.begin() + dim);
    return buildGeneric(b, loc, {{x, all}}, {filled(shape, start), kept}, join);
  }

  /// The largest element of all, as a scalar.
  Value largest(Value x) {
    auto join = [](OpBuilder &b, Location loc, ValueRange args) -> Value {
      return arith::MaximumFOp::create(b, loc, args[1], args[0]);
    };
    double lowest = -std::numeric_limits<double>::infinity();
    while (rankOf(x) > 0)
      x = reduce(x, rankOf(x) - 1, lowest, join);
    return tensor::ExtractOp::create(b, loc, x, ValueRange());
  }
};
} // namespace

static Value addTerms(OpBuilder &b, Location loc, ValueRange args) {
  return arith::AddFOp::create(b, loc, args[1], args[0]);
}

/// alpha, halved while the largest column sum of |I - alpha P P| is above `bound`.
static Value searchAlpha(Newton &newton, Value alpha, Value square, double bound, int64_t most) {
  OpBuilder &b = newton.b;
  Location loc = newton.loc;
  auto index = [&](int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); };
  Value begin = index(0), end = index(most), step = index(1);
  auto loop = scf::ForOp::create(b, loc, begin, end, step, ValueRange{alpha});
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value current = loop.getRegionIterArgs().front();
  int64_t rank = newton.rank;
  Value distance = newton.map(square, [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
    Value zero = arith::ConstantOp::create(b, loc, b.getF64FloatAttr(0));
    Value one = arith::ConstantOp::create(b, loc, b.getF64FloatAttr(1));
    Value identity = Newton::onDiagonal(b, loc, rank, one, zero);
    Value scaled = arith::MulFOp::create(b, loc, current, args[0]);
    return math::AbsFOp::create(b, loc, arith::SubFOp::create(b, loc, identity, scaled));
  });
  Value norm = newton.largest(newton.reduce(distance, rank - 2, 0.0, addTerms));
  Value isAbove =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, norm, newton.number(bound));
  Value half = arith::MulFOp::create(b, loc, current, newton.number(0.5));
  scf::YieldOp::create(b, loc, arith::SelectOp::create(b, loc, isAbove, half, current).getResult());
  return loop.getResult(0);
}

Decomposed NewtonInverseOp::decompose(OpBuilder &b) {
  Location loc = getLoc();
  int64_t rank = rankOf(getX());
  Newton newton{b, loc, rank, mixedSizes(b, loc, getX())};
  double ridge = getRidge().convertToDouble(), factor = getFactor().convertToDouble();
  Value x = newton.map(getX(), [](OpBuilder &b, Location loc, ValueRange args) -> Value {
    return arith::ExtFOp::create(b, loc, b.getF64Type(), args[0]);
  });
  Value p = x;
  if (ridge != 0)
    p = newton.map(x, [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
      Value amount = arith::ConstantOp::create(b, loc, b.getF64FloatAttr(ridge));
      Value shifted = arith::AddFOp::create(b, loc, args[0], amount);
      return Newton::onDiagonal(b, loc, rank, shifted, args[0]);
    });

  // alpha, one for each matrix or one in all.
  Value sums = newton.reduce(x, rank - 1, 0.0, addTerms);
  auto fromLargest = [&](OpBuilder &b, Location loc, Value largest) -> Value {
    Value squared = arith::MulFOp::create(b, loc, largest, largest);
    Value numerator = arith::ConstantOp::create(b, loc, b.getF64FloatAttr(factor));
    return arith::DivFOp::create(b, loc, numerator, squared);
  };
  Value start;
  if (getWholeTensor()) {
    Value alpha = fromLargest(b, loc, newton.largest(sums));
    if (getBound())
      alpha = searchAlpha(newton, alpha, newton.product(p, p), getBound()->convertToDouble(),
                          getMaxHalvings());
    start = newton.map(p, [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
      return arith::MulFOp::create(b, loc, args[0], alpha);
    });
  } else {
    Value largest = newton.reduce(sums, rank - 2, -std::numeric_limits<double>::infinity(),
                                  [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                                    return arith::MaximumFOp::create(b, loc, args[1], args[0]);
                                  });
    Value out = buildEmpty(b, loc, newton.sizes, newton.f64());
    start =
        buildGeneric(b, loc, {{p, loops(rank)}, {largest, loops(rank - 2)}}, {out, loops(rank)},
                     [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
                       return arith::MulFOp::create(b, loc, args[0], fromLargest(b, loc, args[1]));
                     });
  }

  auto index = [&](int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); };
  Value begin = index(0), end = index(getIterations()), step = index(1);
  auto loop = scf::ForOp::create(b, loc, begin, end, step, ValueRange{start});
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value current = loop.getRegionIterArgs().front();
    Value correction = newton.product(current, newton.product(p, current));
    Value next = newton.map(ValueRange{current, correction},
                            [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                              Value doubled = arith::AddFOp::create(b, loc, args[0], args[0]);
                              return arith::SubFOp::create(b, loc, doubled, args[1]);
                            });
    scf::YieldOp::create(b, loc, next);
  }
  return SmallVector<Value>{elementwise(
      b, loc, loop.getResult(0), [](OpBuilder &b, Location loc, ValueRange args) -> Value {
        return arith::TruncFOp::create(b, loc, b.getF32Type(), args[0]);
      })};
}

//===----------------------------------------------------------------------===//
// cholesky_inverse
//===----------------------------------------------------------------------===//

LogicalResult CholeskyInverseOp::verify() {
  if (failed(verifyOneKind(*this, "C1")))
    return failure();
  if (failed(verifySquare(*this, getX(), "C1")))
    return failure();
  if (!(getRidge().convertToDouble() >= 0))
    return emitOpError() << "`ridge` is " << getRidge().convertToDouble()
                         << ", must be at least 0 (C2)";
  ShapedType x = cast<ShapedType>(getX().getType()), init = cast<ShapedType>(getInit().getType());
  if (!init.hasRank() || init.getShape() != x.getShape())
    return noteOrigin(emitOpError() << "`outs` is " << init << ", expected the shape "
                                    << show(x.getShape()) << " of `x` (C3)",
                      getX(), "x");
  if (failed(verifyF32(*this, getX(), "x", "C4")))
    return failure();
  return verifyF32(*this, getInit(), "outs", "C4");
}

DimSource CholeskyInverseOp::getDimSource(unsigned, int64_t dim) {
  return DimSource::of(getInit(), dim);
}

void CholeskyInverseOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  overwritingEffects(*this, effects);
}

#define GET_OP_CLASSES
#include "attune/Dialect/NN/Inverse.cpp.inc"
