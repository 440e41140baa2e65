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

/// A polynomial with integer coefficients in named sizes, e.g. 128*N + 64*N*M. Units are those of
/// what it counts: elements, FLOP or bytes. The symbol "?" stands for a size that has no name.
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
  bool operator==(const SizePoly &other) const { return terms == other.terms; }

  bool isZero() const { return terms.empty(); }
  /// The number where no symbol occurs.
  std::optional<int64_t> getConstant() const;
  /// The symbol where this is one symbol alone.
  std::optional<std::string> getSymbol() const;
  bool hasSymbol(llvm::StringRef name) const;
  /// Largest degree over the symbols for which `counts` holds.
  unsigned degree(llvm::function_ref<bool(llvm::StringRef)> counts) const;
  /// Value with every symbol replaced by `size(symbol)`.
  double evaluate(llvm::function_ref<double(llvm::StringRef)> size) const;
  /// e.g. "256*N^2 + 64*N", largest degree first.
  std::string str() const;
  /// Index arithmetic for the value; `size` gives the value of each symbol (null: fails).
  mlir::Value build(mlir::OpBuilder &b, mlir::Location loc,
                    llvm::function_ref<mlir::Value(llvm::StringRef)> size) const;

  std::map<Monomial, int64_t> terms;
};

} // namespace attune

#endif
