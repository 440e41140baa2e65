// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The reference interpreter: what every op means, in float64 and by its plain definition. Slow,
// with N x M memory for each matrix, and independent of all rewrites and targets.
#ifndef ATTUNE_REFERENCE_INTERPRETER_H
#define ATTUNE_REFERENCE_INTERPRETER_H

#include "attune/Reference/Tensor.h"
#include "attune/Support/Errors.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"

namespace attune::reference {

/// Runs `func`. The error says what is wrong, with the location; it is NotSupported where an op has
/// no evaluator ("op `x.y` has no reference evaluation").
llvm::Expected<llvm::SmallVector<Tensor>> evaluate(mlir::func::FuncOp func,
                                                   llvm::ArrayRef<Tensor> arguments);

/// Whether an op of this name can be evaluated.
bool isSupported(llvm::StringRef opName);

using NamedSizes = llvm::StringMap<int64_t>;

/// The size names of the arguments' attributes, in order of appearance.
llvm::SmallVector<std::string> sizeNames(mlir::func::FuncOp func);

/// Made-up arguments: floats are normal with deviation 0.5, `attune.below` data is uniform,
/// `attune.offsets_of` data is monotone (with an empty segment from three segments on), other
/// integers are 0 or 1. Named sizes that `sizes` lacks, and one size shared by all unnamed dynamic
/// dimensions, are drawn from 3..9. Where a function uses a `unique` adjacency no edge is doubled.
/// Fails where the sizes contradict each other (an index below 0, more distinct edges than pairs).
mlir::FailureOr<llvm::SmallVector<Tensor>> randomArguments(mlir::func::FuncOp func,
                                                           const NamedSizes &sizes, uint64_t seed,
                                                           std::string *error);

/// One line `@name -> [2, 3] 1 2 3 4 5 6`.
void printResult(llvm::raw_ostream &os, llvm::StringRef name, const Tensor &tensor);

/// Largest difference relative to the largest finite entry of `expected`. NaN matches NaN, an
/// infinity itself; anything else with one of them, and a different shape or kind, is infinity.
double largestDifference(const Tensor &expected, const Tensor &actual);

/// Runs `passPipeline` on a copy of `module` and compares every public function before and after on
/// the same made-up arguments at several sizes. One line for each function; success if all agree to
/// `rtol`. Where the first failure is NotSupported, `isLimit` is set.
mlir::LogicalResult beforeAfter(mlir::ModuleOp module, llvm::StringRef passPipeline, uint64_t seed,
                                double rtol, llvm::raw_ostream &os, bool &isLimit);

} // namespace attune::reference

#endif
