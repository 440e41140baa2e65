// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The plan of a function: for each sink of an implicit matrix the form that was chosen, why others
// were declined, and what it costs. It is made without changing the function, built from, and
// printed; whoever has to know how a matrix is computed asks the plan.
#ifndef ATTUNE_REWRITE_PLAN_H
#define ATTUNE_REWRITE_PLAN_H

#include "attune/Dialect/Attn/FlopCount.h"
#include "attune/Rewrite/Rewrites.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/JSON.h"

#include <deque>

namespace attune::rewrite {

/// How a matrix is computed.
enum class PlanForm {
  /// By the linear form of its op, from sinks of the op's operands.
  Factored,
  /// Only the edges of a graph are visited.
  Sparse,
  /// From a table that is stored anyway.
  Stored,
  /// All pairs, or those that a mask leaves, are visited.
  Stream,
  /// By the first or the second child, whichever costs less when the program runs.
  Choose
};
llvm::StringRef stringifyPlanForm(PlanForm form);

/// A form or rewrite that was looked at and not taken.
struct PlanDecline {
  /// The rewrite, or "stream" where visiting was chosen since nothing else can be done.
  std::string name;
  std::string reason;
  /// The op that stood in the way, where it stands.
  std::string culprit;
  std::optional<mlir::Location> where;
};

struct PlanNode;

/// A sink that a node asks for.
struct PlanChild {
  /// Null where the form goes another way since there is none.
  PlanNode *node;
  /// What it costs within its parent: times the iterations of the loops that it stands in.
  attn::FlopCount flop, otherFlop;
  bool inLoop;
  /// False where nothing uses what was asked for, as sums of rows that a function then ignores.
  bool isUsed = true;

  bool isBuilt() const { return node && isUsed; }
};

struct PlanNode {
  explicit PlanNode(mlir::Location loc) : loc(loc) {}

  /// The matrix: where it stands, its op, and the matrix in words.
  mlir::Location loc;
  std::string op;
  std::string matrix;
  /// What is asked of it, e.g. "apply, row_sum".
  std::string request;
  PlanForm form = PlanForm::Factored;
  /// The chosen form in words, e.g. "normalized(sum(constant, factored(rank 64)))".
  std::string text;
  /// What the form stands for, or null.
  const RewriteRecord *rewrite = nullptr;
  /// A function of stored classes became a table.
  bool tabulated = false;
  llvm::SmallVector<PlanDecline> declines;
  /// Row sums and the like, which are computed once however often they are asked for.
  bool isShared = false;
  /// FLOP of what the node itself adds to its children.
  attn::FlopCount own;
  /// FLOP of the node with its children, where each choice at run time falls to the first form, and
  /// where each falls to the second.
  attn::FlopCount flop, otherFlop;
  /// FLOP of visiting every pair once, where that can be done.
  std::optional<SizePoly> allPairs;
  std::vector<PlanChild> children;

  /// Whether pairs are visited, in some branch.
  bool visitsPairs() const;
  /// Whether the running program chooses a form, of this node or of one below.
  bool choosesAtRunTime() const;

  /// For building. Edges of a graph are visited against the direction in which they are stored.
  bool against = false;
  /// The order of a chain: where the product of factors i to j is cut.
  std::vector<std::vector<size_t>> cuts;
  /// Terms of a sum that are built together.
  llvm::SmallVector<llvm::SmallVector<unsigned>> groups;
  /// Time at each of the planner's sample sizes.
  llvm::SmallVector<double> times;
};

/// Sinks of one matrix that are computed together.
struct PlannedSinks {
  llvm::SmallVector<mlir::Operation *> sinks;
  PlanNode *node;
  /// FLOP that they add to the sinks before them: what both need is computed once.
  attn::FlopCount flop, otherFlop;
};

struct Plan {
  /// In the order of the function.
  std::vector<PlannedSinks> roots;
  std::deque<PlanNode> nodes;

  /// What is planned for the sink op; null for another op.
  const PlanNode *of(mlir::Operation *sink) const;
};

/// Plans all sinks of the function, whose IR stays as it is. Time is linear in the number of matrix
/// ops. Where a matrix has no form it fails, with an error unless it is asked to be quiet.
/// `disabled` holds names of rewrites that must not fire.
mlir::FailureOr<Plan> planFunction(mlir::func::FuncOp function,
                                   const llvm::StringSet<> &disabled = {}, bool isQuiet = false);
/// Replaces the sinks by what the plan says.
mlir::LogicalResult buildPlan(const Plan &plan, mlir::func::FuncOp function,
                              const llvm::StringSet<> &disabled);
/// Remarks of category attune.linearize for what the plan holds: for each sink one for each rewrite
/// that was taken or declined, then `plan` with the whole.
void remarkPlan(const Plan &plan, mlir::func::FuncOp function);
/// The tree of one group of sinks, for tools.
llvm::json::Object planAsJson(const PlannedSinks &root);

} // namespace attune::rewrite

#endif
