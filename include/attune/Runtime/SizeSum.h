// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The text of a size in `attune.dims` and in a manifest: a sum of named sizes with whole numbers as
// factors, and a number. Compiler, runtime and reference all read it here. Nothing here throws.
//
//   size = ["-"] term {("+" | "-") term}
//   term = number | [number "*"] name

#ifndef ATTUNE_RUNTIME_SIZESUM_H
#define ATTUNE_RUNTIME_SIZESUM_H

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace attune::runtime {

struct ParsedSize;

/// "N", "G+1", "2*N-1", "E+N", "7".
struct SizeSum {
  /// The value of a name, or none.
  using Values = std::function<std::optional<int64_t>(const std::string &)>;

  /// The factor of each name; none is 0.
  std::map<std::string, int64_t> factors = {};
  int64_t constant = 0;

  static SizeSum number(int64_t constant) { return {{}, constant}; }
  static SizeSum named(const std::string &name, int64_t constant = 0) {
    return {{{name, 1}}, constant};
  }
  static ParsedSize parse(std::string_view text);

  bool isConstant() const { return factors.empty(); }
  /// The name where this is one name alone, else null.
  const std::string *singleName() const;
  /// The names, sorted.
  std::vector<std::string> names() const;
  /// Adds factor * name, or the factor alone where the name is empty; false where 64 bits overflow.
  bool add(const std::string &name, int64_t factor);
  /// What parse reads back: names that are added, then those that are subtracted, then the number.
  std::string text() const;
  /// The products in the order of names, then the constant; none where a step overflows 64 bits.
  std::optional<int64_t> evaluate(const Values &values) const;
  /// The value of `name` with which the sum is `total`; none unless it is a whole number >= 0.
  std::optional<int64_t> solve(const std::string &name, int64_t total, const Values &values) const;

  bool operator==(const SizeSum &other) const {
    return factors == other.factors && constant == other.constant;
  }
  bool operator!=(const SizeSum &other) const { return !(*this == other); }
};

/// A size, or an error as "`N+` ends after `+`, expected a name or a number". Neither for "", a
/// size without a name.
struct ParsedSize {
  std::optional<SizeSum> size;
  std::string error;
};

/// Whether a text is the name of one size: letters, digits and `_`, not beginning with a digit.
bool isSizeName(std::string_view text);

/// Empty, or which of the names does not follow from the values of the sums. A sum gives the value
/// of a name where it is the only one whose value is still open.
std::string checkFixed(const std::vector<std::string> &names, const std::vector<SizeSum> &sums);

} // namespace attune::runtime

#endif // ATTUNE_RUNTIME_SIZESUM_H
