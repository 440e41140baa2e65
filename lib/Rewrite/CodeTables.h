// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tables over the codes of a stored matrix (attn.blocks with `classes`).
#ifndef ATTUNE_LIB_REWRITE_CODETABLES_H
#define ATTUNE_LIB_REWRITE_CODETABLES_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Value.h"

namespace attune::rewrite {

/// Operands of a stream, each with the region argument that stands for it.
using StreamOperands = llvm::SmallVector<std::pair<mlir::Value, mlir::Value>>;

/// The region argument that holds the code of a pair, a whole number below `count`.
struct StoredCode {
  mlir::Value argument;
  int64_t count;
};

/// A table [heads, codes], and the region argument that stands for its element at the pair's code.
struct CodeTable {
  mlir::Value table, argument;
};

/// Replaces what follows from the code, the head and scalars alone by tables, made at `b`, and
/// removes its ops from the region.
llvm::SmallVector<CodeTable> tabulateCodes(mlir::OpBuilder &b, mlir::Location loc,
                                           mlir::Block &block, StoredCode code,
                                           const StreamOperands &heads,
                                           const StreamOperands &scalars);

} // namespace attune::rewrite

#endif
