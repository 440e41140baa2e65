// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// exp and exp2 as polynomials; the upstream approximations for tanh, log, erf and their like.
//
//   exp(x) = 2^n exp(r),  n = round(x / ln 2),  r = x - n ln 2  (ln 2 in two parts, the first short
//   enough that n times it is exact),  |r| <= 0.347, and exp(r) as a polynomial of degree 6
//   (minimax, relative error 2e-9).
//
// n comes out of the low bits of x / ln 2 + 1.5 * 2^23, and 2^n is applied to the exponent bits.
// Below -126 ln 2 the result is 0, above the largest float it is infinity; NaN stays NaN.
//
// In c / (b + exp(x)) with constants c and b > 0, the sigmoid's form, x is kept within +-87, where
// exp needs no care for its ends and the divisor is an ordinary number: the division may then use
// the target's estimate of the reciprocal with a Newton step. There exp is 2^n 2^f, f = x / ln 2 -
// n, with a polynomial of degree 5 (relative error 8e-8).
#include "attune/Tile/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include <limits>

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_EXPANDMATHPASS
#include "attune/Tile/Passes.h.inc"

namespace {

/// Arithmetic on values of one f32 type, scalar or vector.
struct Arithmetic {
  OpBuilder &b;
  Location loc;
  Type type;

  Type intType() const {
    if (auto vector = dyn_cast<VectorType>(type))
      return vector.clone(b.getI32Type());
    return b.getI32Type();
  }
  Value splat(TypedAttr element, Type as) const {
    if (auto vector = dyn_cast<VectorType>(as))
      return arith::ConstantOp::create(
          b, loc, DenseElementsAttr::get(vector, ArrayRef<Attribute>(element)));
    return arith::ConstantOp::create(b, loc, element);
  }
  Value number(double value) const { return splat(b.getF32FloatAttr(value), type); }
  Value integer(int32_t value) const { return splat(b.getI32IntegerAttr(value), intType()); }
  /// Wide vectors mean a target with fused multiply-add.
  Value fma(Value x, Value y, Value z) const {
    if (auto vector = dyn_cast<VectorType>(type); vector && vector.getNumElements() >= 8)
      return vector::FMAOp::create(b, loc, x, y, z);
    Value product = arith::MulFOp::create(b, loc, x, y, arith::FastMathFlags::contract);
    return arith::AddFOp::create(b, loc, product, z, arith::FastMathFlags::contract);
  }
  Value sub(Value x, Value y) const { return arith::SubFOp::create(b, loc, x, y); }
  Value bits(Value x) const { return arith::BitcastOp::create(b, loc, intType(), x); }
  Value fromBits(Value x) const { return arith::BitcastOp::create(b, loc, type, x); }
  Value select(arith::CmpFPredicate predicate, Value x, double bound, Value then,
               Value otherwise) const {
    Value condition = arith::CmpFOp::create(b, loc, predicate, x, number(bound));
    return arith::SelectOp::create(b, loc, condition, then, otherwise);
  }

  Value polynomial(ArrayRef<double> highestFirst, Value at) const {
    Value p = number(highestFirst.front());
    for (double c : highestFirst.drop_front())
      p = fma(p, at, number(c));
    return p;
  }
  /// p 2^n, n given by the low bits of `shifted`.
  Value scale(Value p, Value shifted) const {
    Value exponent = arith::ShLIOp::create(b, loc, bits(shifted), integer(23));
    return fromBits(arith::AddIOp::create(b, loc, bits(p), exponent));
  }
  /// exp(r) 2^n for |r| <= 0.35; `x`, what it is computed for, has the limits given.
  Value scaledExp(Value x, Value r, Value shifted, double lowest,
                  std::optional<double> highest) const {
    Value p = polynomial(
        {1.383580151e-3, 8.375644684e-3, 4.166828841e-2, 1.666641086e-1, 4.999999106e-1, 1.0, 1.0},
        r);
    Value result = select(arith::CmpFPredicate::OLT, x, lowest, number(0.0), scale(p, shifted));
    if (!highest)
      return result;
    // Infinity for large numbers, NaN for NaN.
    double infinity = std::numeric_limits<double>::infinity();
    Value beyond = arith::AddFOp::create(b, loc, x, number(infinity));
    return select(arith::CmpFPredicate::OLE, x, *highest, result, beyond);
  }
};

constexpr double kShift = 12582912.0; // 1.5 * 2^23
constexpr double kLog2E = 1.44269504088896340736;

template <typename Op> struct ExpandPattern : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    Type type = op.getType();
    if (!getElementTypeOrSelf(type).isF32())
      return failure();
    Arithmetic a{rewriter, op.getLoc(), type};
    Value x = op.getOperand();
    if constexpr (std::is_same_v<Op, math::ExpOp>) {
      Value shifted = a.fma(x, a.number(kLog2E), a.number(kShift));
      Value n = a.sub(shifted, a.number(kShift));
      Value r = a.fma(n, a.number(-0.693359375), x);
      r = a.fma(n, a.number(2.12194440054690583e-4), r);
      std::optional<double> highest = 88.72283;
      if (op->hasAttr("attune.nonpositive"))
        highest = std::nullopt;
      rewriter.replaceOp(op, a.scaledExp(x, r, shifted, -87.336544, highest));
    } else {
      Value shifted = arith::AddFOp::create(rewriter, op.getLoc(), x, a.number(kShift));
      Value n = a.sub(shifted, a.number(kShift));
      Value r = arith::MulFOp::create(rewriter, op.getLoc(), a.sub(x, n),
                                      a.number(0.69314718055994530942));
      rewriter.replaceOp(op, a.scaledExp(x, r, shifted, -126.0, 127.99999));
    }
    return success();
  }
};

/// The element of a constant, scalar or splat.
std::optional<double> constantOf(Value value) {
  FloatAttr number;
  DenseFPElementsAttr elements;
  if (matchPattern(value, m_Constant(&number)))
    return number.getValueAsDouble();
  if (matchPattern(value, m_Constant(&elements)) && elements.isSplat())
    return elements.getSplatValue<APFloat>().convertToDouble();
  return std::nullopt;
}

/// c / (b + exp(..)) by an estimated reciprocal.
void estimateSigmoid(arith::DivFOp op) {
  auto sum = op.getRhs().getDefiningOp<arith::AddFOp>();
  if (!isa<VectorType>(op.getType()) || !getElementTypeOrSelf(op.getType()).isF32() || !sum ||
      !constantOf(op.getLhs()))
    return;
  Value e = sum.getLhs(), offset = sum.getRhs();
  if (!e.getDefiningOp<math::ExpOp>())
    std::swap(e, offset);
  std::optional<double> constant = constantOf(offset);
  auto exp = e.getDefiningOp<math::ExpOp>();
  if (!exp || !constant || *constant < 1e-30 || *constant > 1e30)
    return;
  OpBuilder b(op);
  Location loc = op.getLoc();
  Arithmetic a{b, loc, op.getType()};
  Value x =
      a.select(arith::CmpFPredicate::OGT, exp.getOperand(), 87.0, a.number(87.0), exp.getOperand());
  x = a.select(arith::CmpFPredicate::OLT, x, -87.0, a.number(-87.0), x);
  Value shifted = a.fma(x, a.number(kLog2E), a.number(kShift));
  Value n = a.sub(shifted, a.number(kShift));
  Value f = a.fma(x, a.number(kLog2E), arith::NegFOp::create(b, loc, n));
  Value p = a.polynomial(
      {1.327532620e-3, 9.676688134e-3, 5.550725524e-2, 2.402209838e-1, 6.931469540e-1, 1.000000076},
      f);
  Value divisor = arith::AddFOp::create(b, loc, a.scale(p, shifted), offset);
  Value quotient = arith::DivFOp::create(b, loc, op.getLhs(), divisor,
                                         arith::FastMathFlags::arcp | arith::FastMathFlags::ninf);
  op.replaceAllUsesWith(quotient);
  op.erase();
}

struct ExpandMathPass : impl::ExpandMathPassBase<ExpandMathPass> {
  using ExpandMathPassBase::ExpandMathPassBase;

  void runOnOperation() override {
    getOperation().walk(estimateSigmoid);
    RewritePatternSet patterns(&getContext());
    patterns.add<ExpandPattern<math::ExpOp>, ExpandPattern<math::Exp2Op>>(&getContext(),
                                                                          /*benefit=*/10);
    populateMathPolynomialApproximationPatterns(patterns, [](StringRef name) {
      return llvm::is_contained(
          {math::TanhOp::getOperationName(), math::LogOp::getOperationName(),
           math::Log2Op::getOperationName(), math::Log1pOp::getOperationName(),
           math::ExpM1Op::getOperationName(), math::ErfOp::getOperationName()},
          name);
    });
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace attune
