// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sizes that are assumed where they are not known: for decisions at compile time, for examples in
// explanations. One table, so that what is decided and what is said go together.
#ifndef ATTUNE_SIZES_ASSUMPTIONS_H
#define ATTUNE_SIZES_ASSUMPTIONS_H

#include "attune/Sizes/SizePoly.h"

namespace attune {

/// The size that stands for a symbol: graphs of 10 000 nodes with ten edges each.
double assumedSize(llvm::StringRef symbol);
/// Value of the polynomial at these sizes.
double assumedValue(const SizePoly &poly);

/// A form is chosen for good where it wins for all sizes in this range; else a guard chooses when
/// the program runs.
inline constexpr double kSmallestAssumedSize = 256, kLargestAssumedSize = 1e7;

} // namespace attune

#endif
