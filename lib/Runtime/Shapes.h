// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shapes of a call.

#ifndef ATTUNE_LIB_RUNTIME_SHAPES_H
#define ATTUNE_LIB_RUNTIME_SHAPES_H

#include "attune/Runtime/Signature.h"

namespace attune::runtime {

/// The shape of a value once the sizes are known. Throws Error on dimensions that are negative or
/// beyond 64 bits.
std::vector<int64_t> resolveShape(const Entry &entry, const TensorSpec &value,
                                  const std::vector<int64_t> &sizes);

} // namespace attune::runtime

#endif // ATTUNE_LIB_RUNTIME_SHAPES_H
