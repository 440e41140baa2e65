// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Names of the attributes that passes tell one another with; docs/pipeline.md has the table.
#ifndef ATTUNE_SUPPORT_PASSATTRS_H
#define ATTUNE_SUPPORT_PASSATTRS_H

#include "llvm/ADT/StringRef.h"

namespace attune {

#define ATTUNE_PASS_ATTR(constant, name, op, setBy, readBy, stages, meaning)                       \
  inline constexpr llvm::StringLiteral constant = name;
#include "attune/Support/PassAttrs.def"
#undef ATTUNE_PASS_ATTR

} // namespace attune

#endif
