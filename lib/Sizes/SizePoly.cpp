// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Polynomials in named sizes: sums and products of maps from monomials to coefficients. They stay
// small (a handful of terms), so a std::map is fast enough.
#include "attune/Sizes/SizePoly.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <limits>
#include <numeric>

using namespace mlir;

namespace attune {

SizePoly SizePoly::symbol(StringRef name) {
  SizePoly p;
  p.terms[{name.str()}] = 1;
  return p;
}

void SizePoly::add(const Monomial &monomial, int64_t numerator) {
  int64_t &value = terms[monomial];
  overflows |= llvm::AddOverflow(value, numerator, value);
  if (value == 0)
    terms.erase(monomial);
}

void SizePoly::reduce() {
  if (overflows) {
    terms.clear();
    denominator = 1;
  }
  if (denominator == 1)
    return;
  uint64_t common = denominator;
  for (const auto &term : terms)
    common = std::gcd(common, llvm::AbsoluteValue(term.second));
  for (auto &term : terms)
    term.second /= static_cast<int64_t>(common);
  denominator /= static_cast<int64_t>(common);
}

SizePoly SizePoly::operator+(const SizePoly &other) const {
  SizePoly sum;
  sum.overflows = overflows || other.overflows;
  int64_t common = std::gcd(denominator, other.denominator);
  sum.overflows |= llvm::MulOverflow(denominator, other.denominator / common, sum.denominator);
  for (const SizePoly *part : {this, &other})
    for (const auto &[monomial, numerator] : part->terms) {
      int64_t scaled = 0;
      sum.overflows |= sum.overflows ||
                       llvm::MulOverflow(numerator, sum.denominator / part->denominator, scaled);
      sum.add(monomial, scaled);
    }
  sum.reduce();
  return sum;
}

SizePoly SizePoly::operator*(const SizePoly &other) const {
  SizePoly product;
  product.overflows = overflows || other.overflows;
  product.overflows |= llvm::MulOverflow(denominator, other.denominator, product.denominator);
  for (const auto &[a, x] : terms)
    for (const auto &[b, y] : other.terms) {
      Monomial m = a;
      m.insert(m.end(), b.begin(), b.end());
      llvm::sort(m);
      int64_t numerator = 0;
      product.overflows |= llvm::MulOverflow(x, y, numerator);
      product.add(m, numerator);
    }
  product.reduce();
  return product;
}

SizePoly SizePoly::dividedBy(int64_t divisor) const {
  SizePoly quotient = *this;
  quotient.overflows |= llvm::MulOverflow(denominator, divisor, quotient.denominator);
  quotient.reduce();
  return quotient;
}

SizePoly SizePoly::substitute(StringRef symbol,
                              llvm::function_ref<SizePoly(unsigned power)> replace) const {
  SizePoly result;
  for (const auto &[monomial, numerator] : terms) {
    SizePoly rest;
    Monomial others;
    llvm::copy_if(monomial, std::back_inserter(others),
                  [&](const std::string &name) { return name != symbol; });
    rest.terms[others] = numerator;
    rest.denominator = denominator;
    rest.reduce();
    result += rest * replace(monomial.size() - others.size());
  }
  result.overflows |= overflows;
  return result;
}

std::optional<int64_t> SizePoly::getConstant() const {
  if (overflows || denominator != 1)
    return std::nullopt;
  if (terms.empty())
    return 0;
  if (terms.size() == 1 && terms.begin()->first.empty())
    return terms.begin()->second;
  return std::nullopt;
}

std::optional<std::string> SizePoly::getSymbol() const {
  if (denominator == 1 && terms.size() == 1 && terms.begin()->first.size() == 1 &&
      terms.begin()->second == 1)
    return terms.begin()->first.front();
  return std::nullopt;
}

bool SizePoly::hasSymbol(StringRef name) const {
  return llvm::any_of(terms,
                      [&](const auto &term) { return llvm::is_contained(term.first, name); });
}

unsigned SizePoly::degree(llvm::function_ref<bool(StringRef)> counts) const {
  unsigned degree = overflows ? std::numeric_limits<unsigned>::max() : 0;
  for (const auto &term : terms)
    degree = std::max<unsigned>(degree, llvm::count_if(term.first, counts));
  return degree;
}

double SizePoly::evaluate(llvm::function_ref<double(StringRef)> size) const {
  if (overflows)
    return std::numeric_limits<double>::infinity();
  double sum = 0;
  for (const auto &[monomial, coefficient] : terms) {
    double product = coefficient;
    for (const std::string &symbol : monomial)
      product *= size(symbol);
    sum += product;
  }
  return sum / static_cast<double>(denominator);
}

std::string SizePoly::str() const {
  if (overflows)
    return "more than 2^63";
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
    uint64_t magnitude = llvm::AbsoluteValue(coefficient),
             common = std::gcd(magnitude, static_cast<uint64_t>(denominator)),
             divisor = static_cast<uint64_t>(denominator) / common;
    magnitude /= common;
    bool needsStar = magnitude != 1 || divisor != 1 || monomial.empty();
    if (needsStar)
      text += std::to_string(magnitude);
    if (divisor != 1)
      text += "/" + std::to_string(divisor);
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
  if (overflows || denominator != 1)
    return {};
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
