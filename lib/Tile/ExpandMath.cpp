// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// exp and exp2 as polynomials; the upstream approximations for tanh, log, erf and their like.
//
//   exp(x) = 2^n exp(r),  n = round(x / ln 2),  r = x - n ln 2  (ln 2 in two parts, the first short
//   enough that n times it is exact),  |r| <= 0.347, and exp(r) as a polynomial of degree 7.
//
// n comes out of the low bits of x / ln 2 + 1.5 * 2^23, and 2^n is applied to the exponent bits.
// Below -126 ln 2 the result is 0, above the largest float it is infinity; NaN stays NaN.
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
      return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(vector, ArrayRef<Attribute>(element)));
    return arith::ConstantOp::create(b, loc, element);
  }
  Value number(double value) const { return splat(b.getF32FloatAttr(value), type); }
  Value integer(int32_t value) const { return splat(b.getI32IntegerAttr(value), intType()); }
  Value fma(Value x, Value y, Value z) const {
    Value product = arith::MulFOp::create(b, loc, x, y, arith::FastMathFlags::contract);
    return arith::AddFOp::create(b, loc, product, z, arith::FastMathFlags::contract);
  }
  Value sub(Value x, Value y) const { return arith::SubFOp::create(b, loc, x, y); }
  Value bits(Value x) const { return arith::BitcastOp::create(b, loc, intType(), x); }
  Value fromBits(Value x) const { return arith::BitcastOp::create(b, loc, type, x); }
  Value select(arith::CmpFPredicate predicate, Value x, double bound, Value then, Value otherwise) const {
    Value condition = arith::CmpFOp::create(b, loc, predicate, x, number(bound));
    return arith::SelectOp::create(b, loc, condition, then, otherwise);
  }

  /// exp(r) 2^n for |r| <= 0.35, n given by the bits of `shifted`; limits are those of `x`.
  Value scaledExp(Value x, Value r, Value shifted, double lowest, double highest) const {
    static constexpr double coefficients[] = {1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1.0, 1.0};
    Value p = number(1.0 / 5040);
    for (double c : coefficients)
      p = fma(p, r, number(c));
    Value exponent = arith::ShLIOp::create(b, loc, bits(shifted), integer(23));
    Value scaled = fromBits(arith::AddIOp::create(b, loc, bits(p), exponent));
    Value result = select(arith::CmpFPredicate::OGE, x, lowest, scaled, number(0.0));
    // Infinity for large numbers, NaN for NaN.
    double infinity = std::numeric_limits<double>::infinity();
    Value beyond = arith::AddFOp::create(b, loc, x, number(infinity));
    return select(arith::CmpFPredicate::OLE, x, highest, result, beyond);
  }
};

constexpr double kShift = 12582912.0; // 1.5 * 2^23
constexpr double kLog2E = 1.44269504088896340736;

template <typename Op>
struct ExpandPattern : OpRewritePattern<Op> {
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
      rewriter.replaceOp(op, a.scaledExp(x, r, shifted, -87.336544, 88.72283));
    } else {
      Value shifted = arith::AddFOp::create(rewriter, op.getLoc(), x, a.number(kShift));
      Value n = a.sub(shifted, a.number(kShift));
      Value r = arith::MulFOp::create(rewriter, op.getLoc(), a.sub(x, n), a.number(0.69314718055994530942));
      rewriter.replaceOp(op, a.scaledExp(x, r, shifted, -126.0, 127.99999));
    }
    return success();
  }
};

struct ExpandMathPass : impl::ExpandMathPassBase<ExpandMathPass> {
  using ExpandMathPassBase::ExpandMathPassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ExpandPattern<math::ExpOp>, ExpandPattern<math::Exp2Op>>(&getContext(), /*benefit=*/10);
    populateMathPolynomialApproximationPatterns(patterns, [](StringRef name) {
      return llvm::is_contained({math::TanhOp::getOperationName(), math::LogOp::getOperationName(),
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
