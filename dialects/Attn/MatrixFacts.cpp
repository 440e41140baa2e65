// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Collects the facts of a matrix expression from its ops, each once.
#include "attune/Dialect/Attn/AttnBase.h"

using namespace mlir;

namespace attune::attn {

/// `known` holds the facts so far: an expression may use one matrix many times.
static const MatrixFacts &factsOf(Value matrix, std::map<void *, MatrixFacts> &known) {
  auto [entry, isNew] = known.try_emplace(matrix.getAsOpaquePointer());
  if (!isNew)
    return entry->second;
  auto op = matrix.getDefiningOp<MatrixOpInterface>();
  if (!op)
    return entry->second;
  std::vector<MatrixFacts> operands;
  for (Value operand : op->getOperands())
    if (isa<MatrixType>(operand.getType()))
      operands.push_back(factsOf(operand, known));
  return entry->second = op.inferFacts(operands);
}

MatrixFacts factsOf(Value matrix) {
  std::map<void *, MatrixFacts> known;
  return factsOf(matrix, known);
}

} // namespace attune::attn
