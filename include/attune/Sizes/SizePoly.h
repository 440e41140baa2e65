// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Polynomials in the named sizes of an entry. They serve the cost model, the remarks, the run-time
// guards, the arena and the growth verifier.
#ifndef ATTUNE_SIZES_SIZEPOLY_H
#define ATTUNE_SIZES_SIZEPOLY_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Value.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace attune {

/// A polynomial in named sizes, e.g. 128*N + 64*N*M. Units are those of what it counts: elements,
/// FLOP or bytes. The symbol "?" stands for a size that has no name. Coefficients are whole numbers
/// over a common denominator, since half of the pairs may be masked; one that leaves int64 makes
/// the polynomial overflow, and then it equals none, has no value to build, and counts as infinite.
class SizePoly {
public:
  /// Sorted symbol names, repeated for powers; empty for the constant term.
  using Monomial = std::vector<std::string>;

  SizePoly() = default;
  SizePoly(int64_t constant) {
    if (constant != 0)
      terms[{}] = constant;
  }
  static SizePoly symbol(llvm::StringRef name);

  SizePoly operator+(const SizePoly &other) const;
  SizePoly operator*(const SizePoly &other) const;
  SizePoly operator-(const SizePoly &other) const { return *this + other * SizePoly(-1); }
  SizePoly &operator+=(const SizePoly &other) { return *this = *this + other; }
  bool operator==(const SizePoly &other) const {
    return !overflows && !other.overflows && terms == other.terms &&
           denominator == other.denominator;
  }
  /// A `divisor`-th of this, which is above 0.
  SizePoly dividedBy(int64_t divisor) const;

  bool isZero() const { return terms.empty() && !overflows; }
  bool hasOverflow() const { return overflows; }
  /// The whole number where no symbol occurs.
  std::optional<int64_t> getConstant() const;
  /// The symbol where this is one symbol alone.
  std::optional<std::string> getSymbol() const;
  bool hasSymbol(llvm::StringRef name) const;
  /// Largest degree over the symbols for which `counts` holds.
  unsigned degree(llvm::function_ref<bool(llvm::StringRef)> counts) const;
  /// Value with every symbol replaced by `size(symbol)`.
  double evaluate(llvm::function_ref<double(llvm::StringRef)> size) const;
  /// e.g. "256*N^2 + 64*N" or "3/2*N", largest degree first.
  std::string str() const;
  /// With each monomial's power of `symbol` replaced by what `replace` makes of it.
  SizePoly substitute(llvm::StringRef symbol,
                      llvm::function_ref<SizePoly(unsigned power)> replace) const;
  /// Index arithmetic for the value; `size` gives the value of each symbol (null: fails). A
  /// polynomial that has fractions or overflows has none.
  mlir::Value build(mlir::OpBuilder &b, mlir::Location loc,
                    llvm::function_ref<mlir::Value(llvm::StringRef)> size) const;

  /// Numerators.
  std::map<Monomial, int64_t> terms;
  int64_t denominator = 1;

private:
  void add(const Monomial &monomial, int64_t numerator);
  void reduce();

  bool overflows = false;
};

} // namespace attune

#endif
