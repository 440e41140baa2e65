// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Plans a function: its sinks, those of one matrix together, in order.
#include "Planner.h"

#include "attune/Dialect/Attn/RowLayout.h"
#include "attune/Dialect/Attn/Sinks.h"
#include "attune/Support/Errors.h"

using namespace mlir;
using namespace attune::attn;
using namespace attune::attn::detail;

namespace attune::rewrite {

/// Whether the sink may be computed in front of `first`, by what it uses.
static bool isReadyAt(Operation *sink, Operation *first) {
  return llvm::all_of(sink->getOperands(), [&](Value operand) {
    Operation *op = operand.getDefiningOp();
    if (!op || isa<MatrixType>(operand.getType()))
      return true;
    while (op && op->getBlock() != first->getBlock())
      op = op->getParentOp();
    return !op || op->isBeforeInBlock(first) || op->isProperAncestor(first);
  });
}

/// Batch and heads of what a sink op makes: a stream has the same for all of its sinks.
static SmallVector<int64_t> outerShape(Operation *sink) {
  SmallVector<int64_t> shape(cast<ShapedType>(sink->getResult(0).getType()).getShape());
  if (isa<ApplyOp>(sink))
    shape.pop_back();
  shape.erase(shape.begin() + rowDim(static_cast<int64_t>(shape.size()) + 1));
  return shape;
}

/// Sinks of the same matrix, each group with what can be computed at its first.
static SmallVector<SmallVector<Operation *>> groupSinks(func::FuncOp function) {
  SmallVector<SmallVector<Operation *>> groups;
  function.walk([&](Operation *op) {
    if (!isa<ApplyOp, RowSumsOp, MaterializeOp>(op))
      return;
    if (!isa<MaterializeOp>(op))
      for (SmallVector<Operation *> &group : groups)
        if (Operation *first = group.front();
            first->getOperand(0) == op->getOperand(0) && first->getBlock() == op->getBlock() &&
            !isa<MaterializeOp>(first) && outerShape(op) == outerShape(first) &&
            isReadyAt(op, first)) {
          group.push_back(op);
          return;
        }
    groups.push_back({op});
  });
  return groups;
}

StreamSink sinkOf(Operation *op) {
  if (auto apply = dyn_cast<ApplyOp>(op))
    return {SinkKind::Apply, {apply.getV(), apply.getInit(), Value(), false}};
  if (auto sums = dyn_cast<RowSumsOp>(op))
    return {SinkKind::RowSum, {Value(), sums.getInit(), Value(), false}};
  return {SinkKind::Materialize, {}};
}

FailureOr<Plan> planFunction(func::FuncOp function, const llvm::StringSet<> &disabled,
                             bool isQuiet) {
  Plan plan;
  Planner planner(function, disabled, plan);
  for (SmallVector<Operation *> &group : groupSinks(function)) {
    Operation *first = group.front();
    Value matrix = first->getOperand(0);
    SmallVector<StreamSink> asked = llvm::map_to_vector(group, sinkOf);
    planner.why.clear();
    PlanNode *node =
        planner.plan(matrix, asked, first->getLoc(), Freedom::Free, isa<MaterializeOp>(first));
    if (!node && isQuiet)
      return failure();
    if (!node) {
      emitUnsupported(first->getLoc())
          << "'" << first->getName() << "' op is not supported for " << planner.words(matrix)
          << (planner.why.empty() ? "" : ": " + planner.why);
      return failure();
    }
    plan.roots.push_back({group, node, {}, {}});
  }
  priceSinks(plan, [&](const PlanNode &node) { return planner.formOf(node); });
  return plan;
}

} // namespace attune::rewrite
