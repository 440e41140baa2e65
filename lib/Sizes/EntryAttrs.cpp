// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "attune/Sizes/EntryAttrs.h"

using namespace mlir;

namespace attune {

SizePoly polyOf(const runtime::SizeSum &sum) {
  SizePoly size(sum.constant);
  for (const auto &[name, factor] : sum.factors)
    size += SizePoly(factor) * SizePoly::symbol(name);
  return size;
}

std::optional<runtime::SizeSum> sumOf(const SizePoly &size) {
  runtime::SizeSum sum;
  for (const auto &[monomial, coefficient] : size.terms) {
    std::string name = monomial.empty() ? "" : monomial.front();
    if (monomial.size() > 1 || name == "?" || !sum.add(name, coefficient))
      return std::nullopt;
  }
  return sum;
}

} // namespace attune
