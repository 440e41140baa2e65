// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Collects the facts of a matrix expression from its ops, each once.
#include "attune/Dialect/Attn/AttnBase.h"

using namespace mlir;

namespace attune::attn {

static constexpr size_t kLongestForm = 2000;

/// `known` holds the facts so far: an expression may use one matrix many times.
static const MatrixFacts &factsOf(Value matrix, std::map<void *, MatrixFacts> &known) {
  auto [entry, isNew] = known.try_emplace(matrix.getAsOpaquePointer());
  if (!isNew)
    return entry->second;
  auto op = matrix.getDefiningOp<MatrixOpInterface>();
  if (!op) {
    entry->second.reason = "not-an-expression";
    return entry->second;
  }
  std::vector<MatrixFacts> operands;
  for (Value operand : op->getOperands())
    if (isa<MatrixType>(operand.getType()))
      operands.push_back(factsOf(operand, known));
  MatrixFacts &facts = entry->second = op.inferFacts(operands);
  // In words a shared operand stands once for each use, which could double the text at every op.
  if (facts.form.size() > kLongestForm)
    facts.form = facts.form.substr(0, facts.form.find('(')) + "(..)";
  return facts;
}

MatrixFacts factsOf(Value matrix) {
  std::map<void *, MatrixFacts> known;
  return factsOf(matrix, known);
}

} // namespace attune::attn
