// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Polynomials in named sizes: sums and products of maps from monomials to coefficients. They stay
// small (a handful of terms), so a std::map is fast enough.
#include "attune/Sizes/SizePoly.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace mlir;

namespace attune {

SizePoly SizePoly::symbol(StringRef name) {
  SizePoly p;
  p.terms[{name.str()}] = 1;
  return p;
}

SizePoly SizePoly::operator+(const SizePoly &other) const {
  SizePoly sum = *this;
  for (const auto &[monomial, coefficient] : other.terms) {
    int64_t &value = sum.terms[monomial];
    value += coefficient;
    if (value == 0)
      sum.terms.erase(monomial);
  }
  return sum;
}

SizePoly SizePoly::operator*(const SizePoly &other) const {
  SizePoly product;
  for (const auto &[a, x] : terms)
    for (const auto &[b, y] : other.terms) {
      Monomial m = a;
      m.insert(m.end(), b.begin(), b.end());
      llvm::sort(m);
      SizePoly term;
      term.terms[m] = x * y;
      product += term;
    }
  return product;
}

std::optional<int64_t> SizePoly::getConstant() const {
  if (terms.empty())
    return 0;
  if (terms.size() == 1 && terms.begin()->first.empty())
    return terms.begin()->second;
  return std::nullopt;
}

std::optional<std::string> SizePoly::getSymbol() const {
  if (terms.size() == 1 && terms.begin()->first.size() == 1 && terms.begin()->second == 1)
    return terms.begin()->first.front();
  return std::nullopt;
}

bool SizePoly::hasSymbol(StringRef name) const {
  return llvm::any_of(terms,
                      [&](const auto &term) { return llvm::is_contained(term.first, name); });
}

unsigned SizePoly::degree(llvm::function_ref<bool(StringRef)> counts) const {
  unsigned degree = 0;
  for (const auto &term : terms)
    degree = std::max<unsigned>(degree, llvm::count_if(term.first, counts));
  return degree;
}

double SizePoly::evaluate(llvm::function_ref<double(StringRef)> size) const {
  double sum = 0;
  for (const auto &[monomial, coefficient] : terms) {
    double product = coefficient;
    for (const std::string &symbol : monomial)
      product *= size(symbol);
    sum += product;
  }
  return sum;
}

std::string SizePoly::str() const {
  std::vector<std::pair<Monomial, int64_t>> sorted(terms.begin(), terms.end());
  llvm::sort(sorted, [](const auto &a, const auto &b) {
    return a.first.size() != b.first.size() ? a.first.size() > b.first.size() : a.first < b.first;
  });
  std::string text;
  for (const auto &[monomial, coefficient] : sorted) {
    if (!text.empty())
      text += coefficient < 0 ? " - " : " + ";
    else if (coefficient < 0)
      text += "-";
    int64_t magnitude = std::abs(coefficient);
    bool needsStar = magnitude != 1 || monomial.empty();
    if (needsStar)
      text += std::to_string(magnitude);
    for (size_t i = 0; i < monomial.size();) {
      size_t end = i;
      while (end < monomial.size() && monomial[end] == monomial[i])
        ++end;
      text += (needsStar ? "*" : "") + monomial[i];
      if (end - i > 1)
        text += "^" + std::to_string(end - i);
      needsStar = true;
      i = end;
    }
  }
  return text.empty() ? "0" : text;
}

Value SizePoly::build(OpBuilder &b, Location loc, llvm::function_ref<Value(StringRef)> size) const {
  Value sum = arith::ConstantIndexOp::create(b, loc, 0);
  for (const auto &[monomial, coefficient] : terms) {
    Value product = arith::ConstantIndexOp::create(b, loc, coefficient);
    for (const std::string &symbol : monomial) {
      Value value = size(symbol);
      if (!value)
        return {};
      product = arith::MulIOp::create(b, loc, product, value);
    }
    sum = arith::AddIOp::create(b, loc, sum, product);
  }
  return sum;
}

} // namespace attune
