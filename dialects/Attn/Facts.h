// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What is known about sizes and about implicit matrices: polynomials in the named sizes, and the
// facts that each matrix op derives from those of its operands. They serve the cost model, the
// remarks, the run-time guards and the growth verifier.
#ifndef ATTUNE_DIALECTS_ATTN_FACTS_H
#define ATTUNE_DIALECTS_ATTN_FACTS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Value.h"

#include <map>
#include <string>
#include <vector>

namespace attune::attn {

/// A polynomial with integer coefficients in named sizes, e.g. 128*N + 64*N*M. Units are those of
/// what it counts: elements, FLOP or bytes. The symbol "?" stands for a size that has no name.
class Poly {
public:
  /// Sorted symbol names, repeated for powers; empty for the constant term.
  using Monomial = std::vector<std::string>;

  Poly() = default;
  Poly(int64_t constant) {
    if (constant != 0)
      terms[{}] = constant;
  }
  static Poly symbol(llvm::StringRef name);

  Poly operator+(const Poly &other) const;
  Poly operator*(const Poly &other) const;
  Poly operator-(const Poly &other) const { return *this + other * Poly(-1); }
  Poly &operator+=(const Poly &other) { return *this = *this + other; }
  bool operator==(const Poly &other) const { return terms == other.terms; }

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

/// The set of present entries.
enum class Support { Full, Segments, Masked, Sparse, Diagonal };

/// Facts about one matrix expression. Costs are per head and batch entry; `apply` on V with E
/// columns costs `applyFixed + E * applyPerColumn` FLOP.
struct Facts {
  Poly rows, columns, batch = Poly(1);
  /// Has a form that does not visit all pairs.
  bool linear = false;
  Poly applyFixed, applyPerColumn;
  /// FLOP for one entry (dot products included), for streaming.
  Poly entryFlop;
  /// Pairs that a stream visits: N*M, NNZ for CSR, the sum of squares for segments.
  Poly pairs;
  Support support = Support::Full;
  /// Present entries have i - left <= j and j <= i + right, where these are known.
  std::optional<int64_t> left, right;
  /// With full support: every pair is present whatever the sizes. A chain has no entry where its
  /// inner dimension is empty or its factors are sparse.
  bool complete = true;
  /// Every row has at least one present entry whatever the sizes (unless there are no columns).
  bool rowsNonEmpty = true;
  /// No pair is stored twice (false for a CSR matrix without `unique`).
  bool uniqueEntries = true;
  /// The form as a tree in words, e.g. "sum(constant, factored(rank 64))".
  std::string form;
  /// Why there is no linear form: a remark name such as "entrywise-function".
  std::string reason;

  /// FLOP of `apply` with E columns by the linear form, and by visiting the pairs.
  Poly linearFlop(const Poly &width) const { return (applyFixed + applyPerColumn * width) * batch; }
  Poly streamFlop(const Poly &width) const { return pairs * (entryFlop + Poly(2) * width) * batch; }
};

/// The narrower and the wider of two bounds of a band, none being no bound.
inline std::optional<int64_t> narrower(std::optional<int64_t> a, std::optional<int64_t> b) {
  return a && b ? std::min(*a, *b) : a ? a : b;
}
inline std::optional<int64_t> wider(std::optional<int64_t> a, std::optional<int64_t> b) {
  return a && b ? std::optional<int64_t>(std::max(*a, *b)) : std::nullopt;
}

/// Facts of the matrix `matrix`, from its defining ops.
Facts analyze(mlir::Value matrix);

/// Number of elements along dimension `dim` of the shaped value `value`, in named sizes
/// (`attune.dims` of the entry arguments). Traces through tensor, linalg, scf and our own ops;
/// "?" where it can't.
Poly sizeOf(mlir::Value value, int64_t dim);
/// The same for an index value.
Poly sizeOfIndex(mlir::Value index);
/// Elements of a shaped value.
Poly elementCount(mlir::Value value);
/// Parses "N", "G+1" or "" (null) as `attune.dims` holds them.
std::optional<Poly> parseDimName(llvm::StringRef text);

} // namespace attune::attn

#endif
