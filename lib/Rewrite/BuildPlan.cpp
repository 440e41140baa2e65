// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Builds what a plan says: ops state their forms once more, and each request goes to the next child
// of the node at hand.
#include "Planner.h"
#include "Speeds.h"

#include "attune/Dialect/Attn/Algebra.h"
#include "attune/Dialect/Attn/RowLayout.h"
#include "attune/Dialect/Attn/Sources.h"
#include "attune/Support/Errors.h"
#include "attune/Support/PassAttrs.h"

#include "llvm/ADT/ScopeExit.h"

using namespace mlir;
using namespace attune::attn;
using namespace attune::attn::detail;

namespace attune::rewrite {
namespace {

/// What the builders of one function have in common.
struct Built {
  Built(func::FuncOp function, bool tabulates)
      : function(function), tabulates(tabulates), atMatrix(function.getContext()),
        supports(atMatrix, function.getLoc(), /*standsBehind=*/true) {}

  func::FuncOp function;
  bool tabulates;
  /// Values of shared nodes, by the block that they stand in.
  llvm::DenseMap<std::pair<Block *, const PlanNode *>, SmallVector<Value>> shared;
  /// Each support stands behind its matrix.
  OpBuilder atMatrix;
  SupportBuilder supports;

  /// The values of the node in the block or in one around it; null for none.
  const SmallVector<Value> *find(Block *block, const PlanNode &node) const {
    for (; block; block = block->getParentOp() ? block->getParentOp()->getBlock() : nullptr)
      if (auto found = shared.find({block, &node}); found != shared.end())
        return &found->second;
    return nullptr;
  }
};

class PlanBuilder : public PlannedSinkBuilder {
public:
  PlanBuilder(OpBuilder &b, Location loc, Built &built, const PlanNode &node)
      : PlannedSinkBuilder(b, loc), built(built), node(node) {}

  FailureOr<SmallVector<Value>> ask(Value matrix, ArrayRef<StreamSink> asked, bool) override {
    if (next == node.children.size())
      return emitInternal(loc) << "the plan of `" << node.op
                               << "` has no sink for what is asked of '"
                               << matrix.getDefiningOp()->getName() << "'";
    PlanNode *child = node.children[next++].node;
    if (!child)
      return failure();
    return buildNode(b, loc, built, *child, matrix, asked);
  }

  Value supportOf(Value matrix) override { return built.supports.support(matrix); }

  ChainCuts chainCuts(ArrayRef<Factor>, const SinkRequest &) override { return node.cuts; }

  FailureOr<SmallVector<Value>> build(Value matrix, ArrayRef<StreamSink> asked) {
    auto op = matrix.getDefiningOp<MatrixOpInterface>();
    if (!op || op->getName().getStringRef() != node.op)
      return emitInternal(loc) << "what is planned for '" << node.op << "' is asked of another op";
    switch (node.form) {
    case PlanForm::Factored: {
      SmallVector<SinkRequest> requests =
          llvm::map_to_vector(asked, [](const StreamSink &sink) { return sink.request; });
      if (!node.groups.empty())
        return buildSum(*this, matrix, node.groups, requests);
      return op.buildSinks(*this, requests);
    }
    case PlanForm::Stored:
      return SmallVector<Value>{op.getStoredTable()};
    case PlanForm::Sparse:
    case PlanForm::Stream: {
      StreamNotes notes;
      EdgeDirection direction = node.against ? EdgeDirection::Against : EdgeDirection::Stored;
      return buildStream(*this, matrix, asked, direction, built.tabulates, notes);
    }
    case PlanForm::Choose:
      return buildChoice(matrix, asked);
    }
    return failure();
  }

  /// Builds the node, unless it stands there already and is shared.
  static FailureOr<SmallVector<Value>> buildNode(OpBuilder &b, Location loc, Built &built,
                                                 const PlanNode &node, Value matrix,
                                                 ArrayRef<StreamSink> asked) {
    Block *block = b.getInsertionBlock();
    if (node.isShared)
      if (const SmallVector<Value> *known = built.find(block, node))
        return *known;
    FailureOr<SmallVector<Value>> results = PlanBuilder(b, loc, built, node).build(matrix, asked);
    if (succeeded(results) && node.isShared)
      built.shared[{block, &node}] = *results;
    return results;
  }

private:
  FailureOr<SmallVector<Value>> buildChoice(Value matrix, ArrayRef<StreamSink> asked) {
    SmallVector<StreamSink> inner(asked);
    SmallVector<Type> types;
    for (StreamSink &sink : inner) {
      sink.request.init = initFor(*this, matrix, sink.request);
      types.push_back(sink.request.init.getType());
    }
    Value first = buildTime(*node.children[0].node), second = buildTime(*node.children[1].node);
    Value guard = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLE, first, second);
    auto choice = scf::IfOp::create(b, loc, types, guard, true);
    choice->setAttr(kFormsAttr, b.getStrArrayAttr({"linear", "streamed"}));
    OpBuilder::InsertionGuard insertion(b);
    std::array<Block *, 2> branches{choice.thenBlock(), choice.elseBlock()};
    for (auto [block, child] : llvm::zip(branches, node.children)) {
      b.setInsertionPointToStart(block);
      FailureOr<SmallVector<Value>> results = buildNode(b, loc, built, *child.node, matrix, inner);
      if (failed(results))
        return failure();
      scf::YieldOp::create(b, loc, *results);
    }
    return llvm::to_vector(ValueRange(choice.getResults()));
  }

  /// Value of a named size at the entry, as f64.
  Value buildSize(StringRef symbol) {
    Value &size = sizes[symbol];
    if (size)
      return size;
    SizeSource source = *sourceOf(built.function, symbol);
    Value dim = tensor::DimOp::create(b, loc, source.argument, source.dim);
    dim = arith::IndexCastOp::create(b, loc, b.getI64Type(), dim);
    size = arith::SIToFPOp::create(b, loc, b.getF64Type(), dim);
    if (source.offset != 0)
      size = arith::SubFOp::create(b, loc, size, constant(static_cast<double>(source.offset)));
    return size;
  }

  Value constant(double value) {
    return arith::ConstantOp::create(b, loc, b.getF64FloatAttr(value));
  }

  Value buildPoly(const SizePoly &poly) {
    Value sum;
    for (const auto &[monomial, numerator] : poly.terms) {
      Value term = constant(static_cast<double>(numerator) / static_cast<double>(poly.denominator));
      for (const std::string &symbol : monomial)
        term = arith::MulFOp::create(b, loc, term, buildSize(symbol));
      sum = sum ? arith::AddFOp::create(b, loc, sum, term).getResult() : term;
    }
    return sum ? sum : constant(0);
  }

  /// Time of the node at the program's sizes: the sum that it was chosen by.
  Value buildTime(const PlanNode &of) {
    if (of.form == PlanForm::Choose)
      return arith::MinimumFOp::create(b, loc, buildTime(*of.children[0].node),
                                       buildTime(*of.children[1].node));
    SizePoly fixed = timeOf(of.own);
    SmallVector<const PlanNode *> choices;
    for (const PlanChild &child : of.children) {
      if (!child.isBuilt())
        continue;
      if (child.inLoop || !child.node->choosesAtRunTime())
        fixed += timeOf(child.flop);
      else
        choices.push_back(child.node);
    }
    Value time = buildPoly(fixed);
    for (const PlanNode *choice : choices)
      time = arith::AddFOp::create(b, loc, time, buildTime(*choice));
    return time;
  }

  Built &built;
  const PlanNode &node;
  size_t next = 0;
  llvm::StringMap<Value> sizes;
};

} // namespace

LogicalResult buildPlan(const Plan &plan, func::FuncOp function,
                        const llvm::StringSet<> &disabled) {
  IRRewriter rewriter(function.getContext());
  Built built(function, !disabled.contains("class-table"));
  for (const PlannedSinks &root : plan.roots) {
    Operation *first = root.sinks.front();
    rewriter.setInsertionPoint(first);
    FailureOr<SmallVector<Value>> results =
        PlanBuilder::buildNode(rewriter, first->getLoc(), built, *root.node, first->getOperand(0),
                               llvm::map_to_vector(root.sinks, sinkOf));
    if (failed(results))
      return emitInternal(first->getLoc())
             << "what is planned for '" << first->getName() << "' can't be built";
    for (auto [sink, value] : llvm::zip(root.sinks, *results)) {
      Type type = sink->getResult(0).getType();
      if (value.getType() != type)
        value = tensor::CastOp::create(rewriter, sink->getLoc(), type, value);
      rewriter.replaceAllUsesWith(sink->getResult(0), value);
    }
    for (Operation *sink : root.sinks)
      rewriter.eraseOp(sink);
  }
  return success();
}

} // namespace attune::rewrite
