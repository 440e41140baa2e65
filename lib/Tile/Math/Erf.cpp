// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   erf(y) = y p(y^2)              for y = |x| < 1, relative error 1.2e-9
//   erf(y) = 1 - exp(q(y))         from there on, relative error 1.1e-9; 1 from y = 4 on
//
// where p and q = log(1 - erf) are minimax fits of the relative error of erf.

#include "Math.h"

using namespace mlir;

namespace attune {

static constexpr double kBelow1[] = {7.85385493302e-5,  -8.01019168069e-4, 5.18832746438e-3,
                                     -2.68538118188e-2, 1.12835851458e-1,  -3.7612625824e-1,
                                     1.12837916573};
static constexpr double kFrom1[] = {1.86380084175e-4,  -2.94766679578e-3, 2.18380969647e-2,
                                    -1.03106821363e-1, -6.38144758183e-1, -1.12708923377,
                                    -3.41512592093e-4};

Value expandErf(const Arithmetic &a, Value x) {
  Value y = a.atMost(a.magnitude(x), 4);
  Value below = a.mul(y, a.polynomial(kBelow1, a.mul(y, y)));
  Value from = a.sub(a.number(1), expandExpOfNonpositive(a, a.polynomial(kFrom1, y)));
  return a.withSignOf(a.select(arith::CmpFPredicate::OLT, y, 1, below, from), x);
}

} // namespace attune
