// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How long one floating-point operation takes by the loop that it stands in, relative to one in a
// product of matrices. Decisions weigh FLOP by these numbers; what is printed is not weighed. The
// numbers are never measured where a program is compiled: equal input gives equal code everywhere.
#ifndef ATTUNE_LIB_REWRITE_SPEEDS_H
#define ATTUNE_LIB_REWRITE_SPEEDS_H

#include "attune/Dialect/Attn/FlopCount.h"

namespace attune::rewrite {

inline constexpr int64_t kProductTime = 1;
/// In a stream over pairs, whose dot products and sums are as fast as products.
inline constexpr int64_t kPairTime = 1;
/// In a stream over edges, which gathers rows, or over a narrow band.
inline constexpr int64_t kEdgeTime = 4;
/// Elementwise over tensors: memory decides.
inline constexpr int64_t kRowTime = 4;
/// What a call of a math function takes beyond its one FLOP.
inline constexpr int64_t kFunctionTime = 8;
/// Beginning one loop over tensors: threads are called, pages are touched.
inline constexpr int64_t kRunTime = 20000;
/// Where both forms take less than this at some sizes, it does not matter there which is taken.
inline constexpr double kNegligibleTime = 2e6;
/// A form is as good as another where it takes up to so many times as long: what is gained is no
/// more than what these numbers are off.
inline constexpr double kWorthAChoice = 1.1;

inline SizePoly timeOf(const attn::FlopCount &flop) {
  return flop.products * SizePoly(kProductTime) + flop.pairs * SizePoly(kPairTime) +
         flop.edges * SizePoly(kEdgeTime) + flop.rows * SizePoly(kRowTime) +
         flop.functions * SizePoly(kFunctionTime) + flop.runs * SizePoly(kRunTime);
}

} // namespace attune::rewrite

#endif
