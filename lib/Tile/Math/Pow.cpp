// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   pow(x, y) = 2^(y log2|x|), with the sign of x where y is odd
//
// log2 must be right to 2^-33 of itself, since it is multiplied by up to 150 / log2|x|. f64 holds
// that in one number, twice as many vectors notwithstanding: pairs of f32 would take as many
// operations on any target and more without FMA. It also makes denormals, overflow and the rounding
// of the result nobody's concern.
//
//   log2(a) = e + t p(t^2),  a = 2^e m,  sqrt(1/2) <= m < sqrt(2),  t = (m - 1) / (m + 1)
//   2^z = 2^n q(z - n),      n = round(z)
//
// p is a minimax fit (relative error 4.3e-12), and so is q (2e-9). A constant base needs no log2.

#include "Math.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace attune {

using Predicate = arith::CmpFPredicate;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();
static constexpr double kLog2[] = {0.34073225866789232, 0.41167260737949553, 0.57708358674206368,
                                   0.96179667333298883, 2.8853900817900923};
static constexpr double kExp2[] = {
    1.534582738150001e-4, 1.3399930789647324e-3, 9.6184888979530993e-3, 5.5503287785143437e-2,
    0.24022646891194167,  0.69314720573633319,   1.0000000005541032};
static constexpr int64_t kFractionBits = 52;
static constexpr double kShift = 0x1.8p52;

/// log2 of a >= 0 that comes from an f32; -infinity for 0, infinity for infinity, NaN for NaN.
static Value log2Of(const Arithmetic &d, Value x) {
  OpBuilder &b = d.b;
  constexpr int64_t sqrtHalf = 0x3fe6a09e667f3bcd, fraction = (int64_t(1) << kFractionBits) - 1;
  // The exponent with a bias of 1024, so that it shifts as an unsigned number.
  Value above = arith::AddIOp::create(b, d.loc, d.bits(x),
                                      d.integer((int64_t(1024) << kFractionBits) - sqrtHalf));
  Value biased = arith::ShRUIOp::create(b, d.loc, above, d.integer(kFractionBits));
  // The bits of 2^52 + k are those of 2^52 or k.
  Value carried = arith::OrIOp::create(b, d.loc, biased, d.integer(0x4330000000000000));
  Value e = d.sub(d.fromBits(carried), d.number(0x1p52 + 1024));
  Value low = arith::AndIOp::create(b, d.loc, above, d.integer(fraction));
  Value m = d.fromBits(arith::AddIOp::create(b, d.loc, low, d.integer(sqrtHalf)));
  Value t = d.div(d.sub(m, d.number(1)), d.add(m, d.number(1)));
  Value log2 = d.fma(t, d.polynomial(kLog2, d.mul(t, t)), e);
  log2 = d.select(Predicate::OLT, x, kInfinity, log2, x);
  return d.select(Predicate::OEQ, x, 0, d.number(-kInfinity), log2);
}

/// 2^z; more than the range of f32 is enough.
static Value exp2Of(const Arithmetic &d, Value z) {
  z = d.atLeast(d.atMost(z, 200), -200);
  Value shift = d.number(kShift + 1023);
  Value shifted = d.add(z, shift);
  Value f = d.sub(z, d.sub(shifted, shift));
  Value power =
      d.fromBits(arith::ShLIOp::create(d.b, d.loc, d.bits(shifted), d.integer(kFractionBits)));
  return d.mul(d.polynomial(kExp2, f), power);
}

/// `power` with the sign of `x` where `y`, of magnitude 2^31 at most, is odd; NaN where x is
/// negative and finite and y is no whole number.
static Value withSign(const Arithmetic &d, Value power, Value x, Value y) {
  OpBuilder &b = d.b;
  Value shifted = d.add(y, d.number(kShift));
  Value whole =
      arith::CmpFOp::create(b, d.loc, Predicate::OEQ, y, d.sub(shifted, d.number(kShift)));
  Value lowest = arith::ShLIOp::create(b, d.loc, d.bits(shifted), d.integer(63));
  Value odd = arith::SelectOp::create(b, d.loc, whole, lowest, d.integer(0));
  Value sign = arith::AndIOp::create(b, d.loc, odd, d.bits(x));
  Value result = d.fromBits(arith::XOrIOp::create(b, d.loc, d.bits(power), sign));
  Value root =
      d.select(Predicate::OLT, x, 0, d.number(std::numeric_limits<double>::quiet_NaN()), result);
  root = d.select(Predicate::OEQ, x, -kInfinity, result, root);
  return arith::SelectOp::create(b, d.loc, whole, result, root);
}

/// Exponents of which LLVM would know as much, were this a call.
static Value powOfConstantExponent(const Arithmetic &a, Value x, double exponent) {
  if (exponent == 1)
    return x;
  if (exponent == 2)
    return a.mul(x, x);
  if (exponent == -1)
    return a.div(a.number(1), x);
  return nullptr;
}

Value expandPow(const Arithmetic &a, Value x, Value y, std::optional<double> base,
                std::optional<double> exponent) {
  if (exponent)
    if (Value result = powOfConstantExponent(a, x, *exponent))
      return result;
  Arithmetic d{a.b, a.loc, a.like(a.b.getF64Type())};
  Value wideY = arith::ExtFOp::create(a.b, a.loc, d.type, y);
  if (base && *base > 0 && *base < kInfinity && *base != 1) {
    Value power = exp2Of(d, d.mul(wideY, d.number(std::log2(*base))));
    return arith::TruncFOp::create(a.b, a.loc, a.type, power);
  }
  // 2^31 is as even as any larger number, and large enough for every base but 1; its product with
  // log2(1) is 0, where that of infinity is NaN.
  Value wideX = arith::ExtFOp::create(a.b, a.loc, d.type, x);
  wideY = d.atLeast(d.atMost(wideY, 0x1p31), -0x1p31);
  Value power = exp2Of(d, d.mul(wideY, log2Of(d, d.magnitude(wideX))));
  Value result = arith::TruncFOp::create(a.b, a.loc, a.type, withSign(d, power, wideX, wideY));
  // Also for NaN as the other argument.
  result = a.select(Predicate::OEQ, x, 1, a.number(1), result);
  return a.select(Predicate::OEQ, y, 0, a.number(1), result);
}

} // namespace attune
