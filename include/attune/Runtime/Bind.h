// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Binding: which tensor of which file is which argument, what value each size has, and memory for
// the results.

#ifndef ATTUNE_RUNTIME_BIND_H
#define ATTUNE_RUNTIME_BIND_H

#include "attune/Runtime/Safetensors.h"
#include "attune/Runtime/Signature.h"

namespace attune::runtime {

struct BindOptions {
  /// A tensor in a file that is no argument is an error.
  bool strict = false;
  /// A NaN or infinity in a float argument is an error.
  bool checkFinite = false;
  /// Sizes given by hand. When there are any, arguments that no file has are made up by fillRandom.
  std::map<std::string, int64_t> random;
  uint64_t seed = 0;
};

/// Everything that one call needs; all data is 64-byte aligned.
struct BoundCall {
  const Entry *entry = nullptr;
  std::vector<int64_t> sizes;
  std::vector<Tensor> args;
  std::vector<Tensor> results;
};

/// Finds every argument by name and resolves the sizes: a dimension in which one size is open gives
/// its value, all others must agree. Results are not allocated yet. Throws Error.
BoundCall bindArguments(const Entry &entry, const std::vector<SafetensorsFile> &files,
                        const BindOptions &options = {});

/// Allocates the results (touched, all bytes 0xFF, so that an element which nobody writes is a
/// NaN); with `floatsAsDouble` float results are F64. Throws Error.
void allocateResults(BoundCall &call, bool floatsAsDouble = false);

/// Checks `below` and `offsetsOf` of every argument, as a compiled entry does itself. Throws Error.
void checkIndexData(const BoundCall &call);

/// Seeded data, the same on every machine and independent of other arguments: floats are
/// 0.35 * normal(0, 1); `below` data is uniform in [0, size); `offsetsOf` data splits the size
/// evenly; BOOL is a coin, U8 uniform, other integers are 0. Throws Error.
Tensor fillRandom(const Entry &entry, const TensorSpec &value, const std::vector<int64_t> &sizes,
                  uint64_t seed);

} // namespace attune::runtime

#endif // ATTUNE_RUNTIME_BIND_H
