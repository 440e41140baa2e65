// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "attune/Sizes/EntryAttrs.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace attune {

std::optional<SizePoly> parseDimName(StringRef text) {
  if (text.empty())
    return std::nullopt;
  auto [name, offset] = text.split('+');
  SizePoly size = SizePoly::symbol(name.trim());
  int64_t constant = 0;
  if (!offset.empty() && !offset.trim().getAsInteger(10, constant))
    size += SizePoly(constant);
  return size;
}

} // namespace attune
