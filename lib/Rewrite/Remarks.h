// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Remarks of the planner: one for each sink and each rewrite that fired or declined.
#ifndef ATTUNE_LIB_REWRITE_REMARKS_H
#define ATTUNE_LIB_REWRITE_REMARKS_H

#include "attune/Dialect/Attn/MatrixFacts.h"
#include "attune/Sizes/SizePoly.h"

namespace attune::rewrite {

/// Category of all remarks of the linearization.
inline constexpr llvm::StringLiteral kCategory = "attune.linearize";

/// Category of the whole plan as JSON.
inline constexpr llvm::StringLiteral kTreeCategory = "plan-tree";

/// FLOP before and after; with a choice at run time those of the first and of the second form.
struct CostChange {
  SizePoly before, after;
  std::optional<SizePoly> otherAfter = std::nullopt;
};

void remarkPassed(mlir::Location loc, llvm::StringRef function, llvm::StringRef name,
                  const std::string &message, const CostChange &cost, const std::string &form = "");
void remarkMissed(mlir::Location loc, llvm::StringRef function, llvm::StringRef name,
                  const std::string &reason, const CostChange &cost);

} // namespace attune::rewrite

#endif
