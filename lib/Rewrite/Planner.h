// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The planner: for each sink it picks the linear or the streamed form of every part of the matrix,
// by cost. The algebra stands in the ops (MatrixOpInterface): each form is built once in a block of
// its own, which shows what it asks of its operands and what it costs, and is then thrown away.
#ifndef ATTUNE_LIB_REWRITE_PLANNER_H
#define ATTUNE_LIB_REWRITE_PLANNER_H

#include "EqualOps.h"
#include "PlannedSinks.h"
#include "PriceSinks.h"
#include "attune/Rewrite/Plan.h"

namespace attune::rewrite {

/// What is left open at a node.
enum class Freedom {
  /// The running program may choose.
  Free,
  /// In a loop: one form for good.
  Settled,
  /// Within the linear form of a function of the matrix, which was weighed as a whole against
  /// visiting the pairs: the linear form.
  Committed
};

class Planner {
public:
  Planner(mlir::func::FuncOp function, const llvm::StringSet<> &disabled, Plan &plan);
  ~Planner();

  /// The node for these sinks of the matrix; null where there is no form, and then `why` says what
  /// is in the way. With `visits` the pairs are visited.
  PlanNode *plan(mlir::Value matrix, llvm::ArrayRef<StreamSink> asked, mlir::Location loc,
                 Freedom freedom, bool visits);
  /// What was rehearsed of the node, for as long as the planner lives; null for a stored table or a
  /// choice.
  const RehearsedForm *formOf(const PlanNode &node) const;
  /// A matrix in words.
  std::string words(mlir::Value matrix);

  std::string why;

private:
  friend class Rehearsal;
  struct Candidate;

  PlanNode *makeNode(mlir::Value matrix, llvm::ArrayRef<StreamSink> asked, mlir::Location loc,
                     Freedom freedom, bool visits);
  /// The first of the equal values that forms have made: what several ask for is one node.
  mlir::Value representative(mlir::Value value);
  /// Tensors that stand for the values of a node: the same ones each time where it is shared.
  llvm::SmallVector<mlir::Value> valuesOf(const PlanNode &node, mlir::Value matrix,
                                          llvm::ArrayRef<StreamSink> asked, mlir::OpBuilder &b,
                                          mlir::Location loc);
  std::string keyOf(mlir::Value matrix, llvm::ArrayRef<StreamSink> asked, Freedom freedom,
                    bool visits);
  /// Builds a form in a block of its own.
  template <typename Build>
  Candidate *rehearse(llvm::ArrayRef<StreamSink> asked, mlir::Location loc, Freedom freedom,
                      Build build);
  Candidate *rehearseLinear(mlir::Value matrix, llvm::ArrayRef<StreamSink> asked,
                            mlir::Location loc, Freedom freedom);
  Candidate *rehearseSum(mlir::Value matrix, llvm::ArrayRef<StreamSink> asked, mlir::Location loc,
                         Freedom freedom);
  Candidate *rehearseStream(mlir::Value matrix, llvm::ArrayRef<StreamSink> asked,
                            mlir::Location loc, Freedom freedom);
  /// Terms of a sum that are visited anyway are one group.
  llvm::SmallVector<llvm::SmallVector<unsigned>> groupTerms(llvm::ArrayRef<Term> terms,
                                                            llvm::ArrayRef<StreamSink> asked,
                                                            mlir::Location loc, Freedom freedom);
  void accept(PlanNode &node, Candidate &candidate);
  void price(PlanNode &node);
  double timeAt(size_t sample, const SizePoly &poly) const;
  /// The order in which a chain takes the least time at assumed sizes.
  ChainCuts orderChain(mlir::OpBuilder &b, mlir::Location loc, llvm::ArrayRef<Factor> factors,
                       const attn::SinkRequest &request);
  bool isDisabled(llvm::StringRef rewrite) const {
    return !rewrite.empty() && disabled.contains(rewrite);
  }
  /// The same with destinations.
  llvm::SmallVector<StreamSink> withInits(mlir::Value matrix, llvm::ArrayRef<StreamSink> asked,
                                          mlir::Location loc);
  bool canGuard(const PlanNode &node) const;

  mlir::func::FuncOp function;
  const llvm::StringSet<> &disabled;
  Plan &planned;
  /// Nodes, and why there is none, by what is asked.
  std::map<std::string, std::pair<PlanNode *, std::string>> known;
  llvm::DenseMap<mlir::Value, std::string> wordsOf;
  std::vector<std::unique_ptr<mlir::Block>> scratch;
  std::vector<std::unique_ptr<Candidate>> candidates;
  llvm::DenseMap<const PlanNode *, const RehearsedForm *> forms;
  /// For what does not belong to a single form.
  mlir::OpBuilder common;
  attn::SupportBuilder supports;
  llvm::DenseMap<mlir::Value, mlir::Value> representatives;
  EqualOps equalOps;
  llvm::DenseMap<const PlanNode *, llvm::SmallVector<mlir::Value>> sharedValues;
  /// Values of nodes, none of which equals another.
  llvm::DenseSet<mlir::Value> answers;
  /// Sizes at which times are compared; the first are those that are assumed.
  std::vector<llvm::StringMap<double>> samples;
};

/// An argument dimension that tells a named size: size = dimension - offset.
struct SizeSource {
  mlir::BlockArgument argument;
  int64_t dim, offset;
};
std::optional<SizeSource> sourceOf(mlir::func::FuncOp function, llvm::StringRef symbol);

} // namespace attune::rewrite

#endif
