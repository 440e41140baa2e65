// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the sinks of a function cost together. Each form was rehearsed by itself; here its ops get
// value numbers, as common subexpression elimination gives them to what is built, so that what
// several forms compute alike counts once, for the first of them.
#ifndef ATTUNE_LIB_REWRITE_PRICESINKS_H
#define ATTUNE_LIB_REWRITE_PRICESINKS_H

#include "PlannedSinks.h"
#include "attune/Rewrite/Plan.h"

namespace attune::rewrite {

/// A form that was built in a block of its own, with what it asked its operands for.
struct RehearsedForm {
  mlir::Block *block = nullptr;
  /// Values, destinations and scalars of the sinks; null where there is none.
  llvm::SmallVector<mlir::Value> inputs, results;
  std::vector<PlanChild> children;
  /// Of each child: its matrix, what it is given (as `inputs`), and the tensors that stand for what
  /// it gives.
  llvm::SmallVector<mlir::Value> matrices;
  llvm::SmallVector<llvm::SmallVector<mlir::Value>> operands, values;
};

/// Values, destinations and scalars of the sinks.
llvm::SmallVector<mlir::Value> inputsOf(llvm::ArrayRef<StreamSink> asked);

/// Fills in `flop` and `otherFlop` of each root, in order. `formOf` is null for a node without a
/// form of its own: a stored table, or a choice.
void priceSinks(Plan &plan, llvm::function_ref<const RehearsedForm *(const PlanNode &)> formOf);

} // namespace attune::rewrite

#endif
