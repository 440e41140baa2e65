// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// exp and what is made of it, by the reduction of Cody and Waite:
//
//   exp(x) = 2^n exp(r),  n = round(x / ln 2),  r = x - n ln 2,  |r| <= 0.347
//
// with ln 2 in two parts, the first short enough that n times it is exact, with FMA or without. n
// comes out of the low bits of x / ln 2 + 1.5 * 2^23. Polynomials are minimax fits of the relative
// error.

#include "Math.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <limits>

using namespace mlir;

namespace attune {

using Predicate = arith::CmpFPredicate;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();
static constexpr double kLog2E = 1.44269504088896340736;
/// What log2 e loses as an f32.
static constexpr double kLog2ELow = 1.92596299e-8;
static constexpr double kLn2 = 0.69314718055994530942;
static constexpr double kLn2High = 0.693359375, kLn2Low = -2.12194440054690583e-4;
static constexpr double kShift = 12582912.0; // 1.5 * 2^23
static constexpr int64_t kFractionBits = 23;

/// exp(r), relative error 3e-9.
static constexpr double kExp[] = {
    1.383580151e-3, 8.375644684e-3, 4.166828841e-2, 1.666641086e-1, 4.999999106e-1, 1.0, 1.0};
/// exp(r), relative error 8e-8.
static constexpr double kShortExp[] = {8.297658724e-3, 4.191538212e-2, 1.666757468e-1,
                                       4.999889485e-1, 9.999996920e-1, 1.000000072};
/// (exp(r) - 1 - r) / r^2; relative error of exp(r) - 1: 1.4e-8.
static constexpr double kExpM1[] = {1.38824787559e-3, 8.36671365381e-3, 4.16672061535e-2,
                                    1.66665421859e-1, 4.99999981215e-1};

/// 2^x by the processor: off by about 2 ulp, 0 below 2^-126.
static Value approximateExp2(const Arithmetic &a, Value x) {
  return LLVM::CallIntrinsicOp::create(a.b, a.loc, a.type,
                                       a.b.getStringAttr("llvm.nvvm.ex2.approx.ftz.f"), x)
      .getResult(0);
}

/// x / ln 2 is rounded; what that takes away comes back as a factor, but not to 0 or infinity.
static Value approximateExp(const Arithmetic &a, Value x) {
  Value power = a.mul(x, a.number(kLog2E));
  Value rest = math::FmaOp::create(a.b, a.loc, x, a.number(kLog2E),
                                   arith::NegFOp::create(a.b, a.loc, power));
  rest = a.fma(x, a.number(kLog2ELow), rest);
  rest = a.select(Predicate::OLT, a.magnitude(x), 150, rest, a.number(0));
  return a.mul(approximateExp2(a, power), a.fma(rest, a.number(kLn2), a.number(1)));
}

namespace {
struct Reduced {
  Value r;
  /// n in the low bits, plus the bias that was asked for.
  Value shifted;
};
} // namespace

static Reduced reduce(const Arithmetic &a, Value x, double bias = 0) {
  Value shift = a.number(kShift + bias);
  Value shifted = a.fma(x, a.number(kLog2E), shift);
  Value n = a.sub(shifted, shift);
  Value r = a.fma(n, a.number(-kLn2High), x);
  return {a.fma(n, a.number(-kLn2Low), r), shifted};
}

/// The low bits of `shifted` moved up to the exponent.
static Value exponentField(const Arithmetic &a, Value shifted) {
  return arith::ShLIOp::create(a.b, a.loc, a.bits(shifted), a.integer(kFractionBits));
}

/// 2^n for -127 <= n <= 127, where 2^-127 counts as 0; `shifted` has the bias 127.
static Value powerOf2(const Arithmetic &a, Value shifted) {
  return a.fromBits(exponentField(a, shifted));
}

/// exp(r) 2^n, 0 where x < lowest, infinity where x > highest, NaN for NaN. n goes straight into
/// the exponent of exp(r), since 2^128 is no number.
static Value scaledExp(const Arithmetic &a, Value x, const Reduced &reduced, double lowest,
                       double highest) {
  Value p = a.bits(a.polynomial(kExp, reduced.r));
  Value scaled =
      a.fromBits(arith::AddIOp::create(a.b, a.loc, p, exponentField(a, reduced.shifted)));
  Value result = a.select(Predicate::OLT, x, lowest, a.number(0), scaled);
  Value beyond = a.add(x, a.number(kInfinity));
  return a.select(Predicate::OLE, x, highest, result, beyond);
}

Value expandExp(const Arithmetic &a, Value x) {
  if (a.approximate)
    return approximateExp(a, x);
  return scaledExp(a, x, reduce(a, x), -87.336544, 88.72283);
}

/// Where nothing overflows, a product with 2^n needs no care for NaN, and 2^n is 0 at the end of
/// its range.
Value expandExpOfNonpositive(const Arithmetic &a, Value x) {
  if (a.approximate) // relative error |x| 2^-24 more, next to the largest result 2^-25
    return approximateExp2(a, a.mul(x, a.number(kLog2E)));
  auto [r, shifted] = reduce(a, a.atLeast(x, -88), 127);
  return a.mul(a.polynomial(kExp, r), powerOf2(a, shifted));
}

/// n = round(x), r = (x - n) ln 2.
Value expandExp2(const Arithmetic &a, Value x) {
  if (a.approximate)
    return approximateExp2(a, x);
  Value shifted = a.add(x, a.number(kShift));
  Value n = a.sub(shifted, a.number(kShift));
  Value r = a.mul(a.sub(x, n), a.number(kLn2));
  return scaledExp(a, x, {r, shifted}, -126, 127.99999);
}

/// scale (exp(x) - 1) = scale 2^n (exp(r) - 1) + (scale 2^n - scale), for a scale of 1 or 1/2; the
/// sign of 0 is lost.
static Value scaledExpM1(const Arithmetic &a, Value x, double scale) {
  auto [r, shifted] = reduce(a, x, scale == 1 ? 127 : 126);
  Value power = powerOf2(a, shifted);
  Value p = a.fma(a.mul(r, r), a.polynomial(kExpM1, r), r);
  return a.fma(power, p, a.sub(power, a.number(scale)));
}

/// Half of it never overflows before its time. The smallest numbers are their own result.
Value expandExpM1(const Arithmetic &a, Value x) {
  Value half = scaledExpM1(a, a.atMost(a.atLeast(x, -30), 89), 0.5);
  return a.select(Predicate::OLT, a.magnitude(x), 0x1p-25, x, a.add(half, half));
}

/// With x within -88 and 88.3 the divisor is an ordinary number, and an estimate of the reciprocal
/// (relative error 1.5 * 2^-12 on x86) with a Newton step will do. The step leaves an error
/// of 1.3e-7, next to which that of a shorter polynomial is small.
Value expandSigmoid(const Arithmetic &a, Value c, Value offset, Value x) {
  if (a.approximate) {
    Value inverse =
        NVVM::RcpApproxFtzF32Op::create(a.b, a.loc, a.type, a.add(approximateExp(a, x), offset));
    return a.mul(c, inverse);
  }
  using Flags = arith::FastMathFlags;
  auto [r, shifted] = reduce(a, a.atLeast(a.atMost(x, 88.3), -88), 127);
  Value divisor = a.fma(a.polynomial(kShortExp, r), powerOf2(a, shifted), offset);
  return arith::DivFOp::create(a.b, a.loc, c, divisor, Flags::arcp | Flags::ninf | Flags::contract);
}

/// tanh(y) = e / (e + 2), e = exp(2 y) - 1, for y = |x|; 1 from y = 10 on.
Value expandTanh(const Arithmetic &a, Value x) {
  Value y = a.atMost(a.magnitude(x), 10);
  Value e = scaledExpM1(a, a.add(y, y), 1);
  return a.withSignOf(a.div(e, a.add(e, a.number(2))), x);
}

} // namespace attune
