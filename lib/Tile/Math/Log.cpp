// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Logarithms, as in Cephes:
//
//   log(x) = e ln 2 + log(1 + f),  x = 2^e (1 + f),  sqrt(1/2) <= 1 + f < sqrt(2)
//   log(1 + f) = f - f^2 / 2 + f^3 p(f)
//
// with p a minimax fit (relative error of log(1 + f): 6e-9), and f added last, since it is exact.
// Numbers below 2^-126 are brought up first.

#include "Math.h"

#include <limits>

using namespace mlir;

namespace attune {

using Predicate = arith::CmpFPredicate;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();
static constexpr int64_t kSqrtHalfBits = 0x3f3504f3;
static constexpr double kLog3[] = {-7.63449302393e-2, 1.27615756432e-1,  -1.31601830624e-1,
                                   1.42017582338e-1,  -1.66233572981e-1, 2.00012268654e-1,
                                   -2.50008210355e-1, 3.33333317078e-1};

namespace {
struct Reduced {
  Value e, f;
  /// log(1 + f) - f.
  Value rest;
};
} // namespace

/// For a positive finite number.
static Reduced reduce(const Arithmetic &a, Value x) {
  Value offset = a.select(Predicate::OLT, x, 0x1p-126, a.number(-23), a.number(0));
  Value normal = a.select(Predicate::OLT, x, 0x1p-126, a.mul(x, a.number(0x1p23)), x);
  Value above = arith::SubIOp::create(a.b, a.loc, a.bits(normal), a.integer(kSqrtHalfBits));
  Value exponent = arith::ShRSIOp::create(a.b, a.loc, above, a.integer(23));
  Value fraction = arith::AndIOp::create(a.b, a.loc, above, a.integer(0x7fffff));
  Value m = a.fromBits(arith::AddIOp::create(a.b, a.loc, fraction, a.integer(kSqrtHalfBits)));
  Value e = a.add(arith::SIToFPOp::create(a.b, a.loc, a.type, exponent), offset);
  Value f = a.sub(m, a.number(1)), square = a.mul(f, f);
  Value rest = a.mul(a.mul(f, square), a.polynomial(kLog3, f));
  return {e, f, a.fma(square, a.number(-0.5), rest)};
}

/// Natural logarithm of a positive finite number.
static Value finiteLog(const Arithmetic &a, Value x) {
  auto [e, f, rest] = reduce(a, x);
  rest = a.fma(e, a.number(-2.12194440054690583e-4), rest);
  return a.fma(e, a.number(0.693359375), a.add(f, rest));
}

/// `finite` where `x` is positive and finite, else -infinity for 0, infinity for infinity, and NaN.
static Value withSpecialValues(const Arithmetic &a, Value x, Value finite) {
  Value result = a.select(Predicate::OLT, x, kInfinity, finite, x);
  result =
      a.select(Predicate::OLT, x, 0, a.number(std::numeric_limits<double>::quiet_NaN()), result);
  return a.select(Predicate::OEQ, x, 0, a.number(-kInfinity), result);
}

Value expandLog(const Arithmetic &a, Value x) { return withSpecialValues(a, x, finiteLog(a, x)); }

/// log(1 + f) / ln 2, with 1 / ln 2 = 1 + 0.4427: the products are small next to the sums.
Value expandLog2(const Arithmetic &a, Value x) {
  auto [e, f, rest] = reduce(a, x);
  Value factor = a.number(0.44269504088896340736);
  Value sum = a.fma(f, factor, a.fma(rest, factor, rest));
  return withSpecialValues(a, x, a.add(e, a.add(f, sum)));
}

/// log(u) + c / u, where u = 1 + x rounded and c is what rounding took away. The smallest numbers
/// are their own result.
Value expandLog1p(const Arithmetic &a, Value x) {
  Value u = a.add(x, a.number(1));
  Value lost = a.sub(x, a.sub(u, a.number(1)));
  Value finite = a.add(finiteLog(a, u), a.div(lost, u));
  return a.select(Predicate::OLT, a.magnitude(x), 0x1p-25, x, withSpecialValues(a, u, finite));
}

} // namespace attune
