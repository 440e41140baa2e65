// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How far a result is from what was expected.

#ifndef ATTUNE_RUNTIME_COMPARE_H
#define ATTUNE_RUNTIME_COMPARE_H

#include "attune/Runtime/Tensor.h"

namespace attune::runtime {

struct Comparison {
  /// max |a - b|. NaN equals NaN and an infinity equals itself; any other non-finite pair is
  /// infinitely far apart.
  double maxAbs = 0;
  /// maxAbs over the largest finite |expected|, so relative to the largest entry of the tensor and
  /// not entry by entry: an entry near zero does not spoil it. 0 if maxAbs is 0.
  double maxRel = 0;
  /// atol + rtol * (largest finite |expected|): what each element may be off.
  double allowed = 0;
  /// Flat index of the worst element, -1 if there is none.
  int64_t worst = -1;
  bool holds = true;
};

/// Shapes must be equal; dtypes may differ.
Comparison compareTensors(const Tensor &result, const Tensor &expected, double rtol, double atol);

} // namespace attune::runtime

#endif // ATTUNE_RUNTIME_COMPARE_H
