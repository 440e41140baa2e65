// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a compiled program says about itself: names, dtypes and shapes with symbolic sizes. The
// compiler embeds toJson() in the shared object, the loader reads it back. Nothing here throws.

#ifndef ATTUNE_RUNTIME_SIGNATURE_H
#define ATTUNE_RUNTIME_SIGNATURE_H

#include "attune/Runtime/SizeSum.h"
#include "attune/Runtime/Tensor.h"

namespace attune::runtime {

/// The version of this library.
extern const char *const versionText;
inline constexpr int64_t abiVersion = 1;

/// The whole number that a text is, where it is one.
std::optional<int64_t> parseNumber(const std::string &text);

struct TensorSpec {
  std::string name;
  DType dtype = DType::F32;
  std::vector<SizeSum> shape;
  /// Every element is >= 0 and below this size, or below this number; empty: no promise.
  std::string below;
  /// Non-decreasing from 0 to this size; empty: no promise.
  std::string offsetsOf;
  /// One element for each pair inside a segment of this offsets argument, so that its length is the
  /// sum of the squared lengths of the segments; empty: no promise.
  std::string pairsOf = {};

  /// "[N, 7]".
  std::string shapeText() const;
};

struct Entry {
  std::string name;
  std::vector<std::string> sizes;
  std::vector<TensorSpec> args;
  std::vector<TensorSpec> results;

  /// Position in `sizes`, or -1.
  int64_t sizeIndex(const std::string &symbol) const;
  /// The value of a name among the values of `sizes`.
  SizeSum::Values lookup(const std::vector<int64_t> &values) const;
  /// The argument, or null.
  const TensorSpec *findArgument(const std::string &name) const;
  /// The limit that `below` of an argument stands for: a number, or one of the sizes' values.
  int64_t limitOf(const TensorSpec &value, const std::vector<int64_t> &values) const;
};

struct Signature {
  std::string version = versionText;
  int64_t abi = abiVersion;
  std::string target = "cpu";
  std::string cpu;
  std::string features;
  std::string triple;
  std::vector<Entry> entries;

  /// One line of JSON.
  std::string toJson() const;
  /// Empty if the signature is sound, else what is wrong: duplicate names, unknown sizes, sizes
  /// that no argument fixes, index promises on something that is no index tensor.
  std::string validate() const;
  /// Parses and validates; on failure returns none and says why in `error`.
  static std::optional<Signature> fromJson(std::string_view json, std::string &error);
  /// The named entry, or the only one if `name` is empty; null and `error` otherwise.
  const Entry *findEntry(const std::string &name, std::string &error) const;
  /// Several lines for people.
  std::string describe() const;
};

} // namespace attune::runtime

#endif // ATTUNE_RUNTIME_SIGNATURE_H
