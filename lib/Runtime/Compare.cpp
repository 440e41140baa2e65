// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// max |a - b|, the same relative to the largest |expected|, and whether every element keeps
// |a - b| <= atol + rtol * max |expected|.

#include "attune/Runtime/Compare.h"

#include <cassert>
#include <cmath>
#include <limits>

namespace attune::runtime {

static double difference(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b)))
    return 0;
  if (!std::isfinite(a) || !std::isfinite(b))
    return std::numeric_limits<double>::infinity();
  return std::fabs(a - b);
}

Comparison compareTensors(const Tensor &result, const Tensor &expected, double rtol, double atol) {
  assert(result.shape() == expected.shape());
  Comparison comparison;
  double largest = 0;
  for (int64_t i = 0; i < expected.elements(); ++i) {
    double wanted = expected.toDouble(i), error = difference(result.toDouble(i), wanted);
    if (std::isfinite(wanted))
      largest = std::fmax(largest, std::fabs(wanted));
    if (error > comparison.maxAbs) {
      comparison.maxAbs = error;
      comparison.worst = i;
    }
  }
  comparison.allowed = atol + rtol * largest;
  comparison.holds = comparison.maxAbs <= comparison.allowed;
  if (comparison.maxAbs > 0)
    comparison.maxRel = comparison.maxAbs / largest;
  return comparison;
}

} // namespace attune::runtime
