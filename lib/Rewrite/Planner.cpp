// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Decides by cost: L = FLOP of the linear form, S = FLOP of visiting all pairs, both polynomials in
// the named sizes. L <= S at all sizes tried (attune/Sizes/Assumptions.h): linear. The other way
// round: streamed. Otherwise both, in an scf.if on L <= S at run time.
#include "Planner.h"

#include "attune/Dialect/Attn/Algebra.h"
#include "attune/Dialect/Attn/Entrywise.h"
#include "attune/Dialect/Attn/RowLayout.h"
#include "attune/Dialect/Attn/Sinks.h"
#include "attune/Dialect/Attn/Sources.h"
#include "attune/Dialect/Attn/Structure.h"
#include "attune/Sizes/Assumptions.h"
#include "attune/Sizes/EntryAttrs.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/Errors.h"
#include "attune/Support/PassAttrs.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace attune::attn;
using attune::attn::detail::rankOf;

namespace attune::rewrite {

static SizePoly widthOf(const SinkRequest &request) {
  return request.v ? sizeOf(request.v, rankOf(request.v) - 1) : SizePoly(1);
}

StringRef Planner::rewriteOf(Operation *op) {
  return llvm::TypeSwitch<Operation *, StringRef>(op)
      .Case<DotOp, DenseOp>([](auto) { return "associativity"; })
      .Case<AddOp>([](auto) { return "distribute"; })
      .Case<SplatOp>([](auto) { return "constant"; })
      .Case<NormalizeRowsOp>([](auto) { return "row-normalizer"; })
      .Case<ScaleOp>([](auto) { return "scaling"; })
      .Case<MapOp>([](auto) { return "polynomial"; })
      .Case<ComposeOp>([](auto) { return "chain"; })
      .Case<RestrictOp>([](auto) { return "segments"; })
      .Case<DiagonalOp>([](auto) { return "diagonal"; })
      .Case<HadamardOp>([](auto) { return "factored-product"; })
      .Default([](Operation *) { return ""; });
}

static const char *sentenceOf(StringRef rewrite) {
  return llvm::StringSwitch<const char *>(rewrite)
      .Case("associativity", "Q K^T V is computed as Q (K^T V)")
      .Case("distribute", "the product distributes over the sum")
      .Case("constant", "the constant matrix becomes column sums of V")
      .Case("row-normalizer", "the row sums ride along with the product, which is divided once")
      .Case("scaling", "the factors move to the values and the result")
      .Case("polynomial", "the polynomial of the dot product becomes products of its factors")
      .Case("chain", "the chain is multiplied in the cheapest order, and no product that grows "
                     "both ways is formed")
      .Case("segments", "the linear form is computed for each segment")
      .Case("diagonal", "the diagonal scales the values")
      .Case("class-table",
            "the function of stored classes is computed once for each class and head")
      .Case("factored-product",
            "the product with a factored matrix becomes one product for each of its columns")
      .Default("rewritten");
}

void Planner::explain(Value matrix, StringRef name, bool fired, const std::string &text,
                      const SizePoly &width) {
  if (name.empty())
    return;
  std::string key = (name + "|" + text).str() +
                    std::to_string(reinterpret_cast<uintptr_t>(matrix.getAsOpaquePointer()));
  if (!said.insert(key).second)
    return;
  MatrixFacts facts = factsOf(matrix);
  SizePoly dense =
      facts.rows * facts.columns * (facts.entryFlop + SizePoly(2) * width) * facts.batch;
  if (fired)
    remarkPassed(loc, function.getName(), name, text,
                 {dense, facts.hasCheapForm ? facts.linearFlop(width) : facts.streamFlop(width)},
                 facts.form);
  else
    remarkMissed(loc, function.getName(), name, text, {dense, facts.streamFlop(width)});
}

void Planner::spend(Value matrix, const SinkRequest &request, bool streamed) {
  MatrixFacts facts = factsOf(matrix);
  SizePoly width = widthOf(request);
  if (streamed) {
    spent += facts.streamFlop(width);
    return;
  }
  llvm::TypeSwitch<Operation *>(matrix.getDefiningOp())
      .Case<DotOp, SplatOp, DenseOp, DiagonalOp, AdjacencyOp>(
          [&](auto) { spent += facts.linearFlop(width); })
      .Case<NormalizeRowsOp>([&](auto) { spent += facts.rows * width * facts.batch; })
      .Case<ScaleOp>([&](ScaleOp scale) {
        if (scale.getRows() || scale.getHeads())
          spent += facts.rows * width * facts.batch;
        if (scale.getCols())
          spent += facts.columns * width * facts.batch;
      });
}

Planner::Form Planner::decide(Value matrix, const SizePoly &width) {
  MatrixFacts facts = factsOf(matrix);
  Operation *op = matrix.getDefiningOp();
  bool alternatives = isa<DotOp, MapOp, HadamardOp, DenseOp>(op);
  if (disabled.contains(rewriteOf(op)))
    return Form::Streamed;
  if (!alternatives)
    return Form::Linear; // structural: its operands decide
  if (!facts.hasCheapForm || facts.support != Support::Full)
    return Form::Streamed;
  if (withinLinear)
    return Form::Linear;
  SizePoly linear = facts.linearFlop(width), streamed = facts.streamFlop(width);
  bool linearWins = true, streamWins = true;
  for (double n = kSmallestAssumedSize; n <= kLargestAssumedSize; n *= 2) {
    double l = linear.evaluate([&](StringRef) { return n; }),
           s = streamed.evaluate([&](StringRef) { return n; });
    linearWins &= l <= s;
    streamWins &= s < l;
  }
  if (linearWins || (disabled.contains("guard") && !streamWins))
    return Form::Linear;
  return streamWins ? Form::Streamed : Form::Guarded;
}

Value Planner::sizeValue(StringRef symbol) {
  for (BlockArgument arg : function.getArguments()) {
    auto dims = function.getArgAttrOfType<ArrayAttr>(arg.getArgNumber(), kDimsAttr);
    if (!dims)
      continue;
    for (auto [i, name] : llvm::enumerate(dims))
      if (cast<StringAttr>(name).getValue() == symbol)
        return tensor::DimOp::create(b, loc, arg, i);
  }
  return {};
}

Value Planner::buildGuard(const MatrixFacts &facts, const SizePoly &width) {
  auto size = [&](StringRef symbol) { return sizeValue(symbol); };
  Value linear = facts.linearFlop(width).build(b, loc, size);
  Value streamed = facts.streamFlop(width).build(b, loc, size);
  if (!linear || !streamed)
    return {};
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ule, linear, streamed);
}

Value Planner::groupStreamedTerms(Value matrix) {
  auto sum = matrix.getDefiningOp<AddOp>();
  if (!sum)
    return matrix;
  SmallVector<Value> terms, linear, streamed;
  SmallVector<Value> pending{sum.getRhs(), sum.getLhs()};
  while (!pending.empty()) {
    Value term = pending.pop_back_val();
    if (auto nested = term.getDefiningOp<AddOp>()) {
      pending.push_back(nested.getRhs());
      pending.push_back(nested.getLhs());
      continue;
    }
    terms.push_back(term);
  }
  for (Value term : terms) {
    MatrixFacts facts = factsOf(term);
    bool visits = !facts.hasCheapForm && facts.support == Support::Full &&
                  !term.getDefiningOp<NormalizeRowsOp>() && !term.getDefiningOp<SoftmaxOp>();
    (visits ? streamed : linear).push_back(term);
  }
  if (streamed.size() < 2)
    return matrix;
  Value group = streamed.front();
  for (Value term : llvm::drop_begin(streamed))
    group = AddOp::create(b, loc, group, term);
  // A sum of streams only is streamed whole; with linear terms it is the last operand of the sum.
  if (linear.empty())
    return group;
  Value total = linear.front();
  for (Value term : llvm::drop_begin(linear))
    total = AddOp::create(b, loc, total, term);
  return AddOp::create(b, loc, total, group);
}

FailureOr<Value> Planner::buildLinear(Value matrix, const SinkRequest &request) {
  auto op = matrix.getDefiningOp<MatrixOpInterface>();
  // What a map or an entrywise product expands to was weighed with it.
  llvm::SaveAndRestore<bool> within(withinLinear,
                                    withinLinear || isa<MapOp, HadamardOp>(op.getOperation()));
  FailureOr<Value> result =
      request.v ? op.buildApply(*this, request) : op.buildRowSums(*this, request);
  if (succeeded(result)) {
    StringRef name = rewriteOf(op);
    spend(matrix, request, false);
    explain(matrix, name, true, sentenceOf(name), widthOf(request));
  }
  return result;
}

FailureOr<SmallVector<Value>> Planner::visit(Value matrix, ArrayRef<StreamSink> requested,
                                             const SizePoly &width) {
  FailureOr<SmallVector<Value>> results =
      buildStream(*this, matrix, requested, !disabled.contains("class-table"), notes);
  if (succeeded(results) && notes.tabulated)
    explain(matrix, "class-table", true, sentenceOf("class-table"), width);
  return results;
}

FailureOr<Value> Planner::buildStreamed(Value matrix, SinkKind kind, const SinkRequest &request) {
  FailureOr<SmallVector<Value>> results = visit(matrix, {{kind, request}}, widthOf(request));
  if (failed(results))
    return failure();
  spend(matrix, request, true);
  Operation *op = matrix.getDefiningOp();
  MatrixFacts facts = factsOf(matrix);
  if (disabled.contains(rewriteOf(op)))
    explain(matrix, rewriteOf(op), false, "disabled", widthOf(request));
  else if (facts.support == Support::Sparse)
    explain(matrix, "sparse", true, "only the edges are visited", widthOf(request));
  else
    explain(matrix, "stream", false, facts.reason.empty() ? "cheaper-streamed" : facts.reason,
            widthOf(request));
  return results->front();
}

FailureOr<Value> Planner::plan(Value matrix, const SinkRequest &original) {
  if (!matrix.getDefiningOp<MatrixOpInterface>()) {
    notes.why = "a matrix must be the result of an op of the algebra";
    return failure();
  }
  matrix = groupStreamedTerms(matrix);
  SinkRequest request = original;
  SinkKind kind = request.v ? SinkKind::Apply : SinkKind::RowSum;
  auto sum = matrix.getDefiningOp<AddOp>();
  bool streamWhole = false;
  if (sum) {
    MatrixFacts lhs = factsOf(sum.getLhs()), rhs = factsOf(sum.getRhs());
    streamWhole = !lhs.hasCheapForm && !rhs.hasCheapForm && lhs.support == Support::Full &&
                  rhs.support == Support::Full;
  }
  Form form = streamWhole ? Form::Streamed : decide(matrix, widthOf(request));
  if (form == Form::Guarded) {
    request.init = attn::detail::initFor(*this, matrix, request);
    Value guard = buildGuard(factsOf(matrix), widthOf(request));
    if (!guard) {
      form = Form::Streamed;
    } else {
      auto choice = scf::IfOp::create(b, loc, request.init.getType(), guard, true);
      choice->setAttr(kFormsAttr, b.getStrArrayAttr({"linear", "streamed"}));
      OpBuilder::InsertionGuard insertion(b);
      llvm::scope_exit abandon([&] { choice.erase(); });
      b.setInsertionPointToStart(choice.thenBlock());
      FailureOr<Value> linear = buildLinear(matrix, request);
      if (failed(linear))
        return failure();
      scf::YieldOp::create(b, loc, *linear);
      b.setInsertionPointToStart(choice.elseBlock());
      SizePoly linearSpent = spent; // the guard takes the stream only where that is cheaper
      FailureOr<Value> streamed = buildStreamed(matrix, kind, request);
      if (failed(streamed))
        return failure();
      spent = linearSpent;
      scf::YieldOp::create(b, loc, *streamed);
      abandon.release();
      return choice.getResult(0);
    }
  }
  if (form == Form::Linear) {
    FailureOr<Value> linear = buildLinear(matrix, request);
    if (succeeded(linear))
      return linear;
  }
  return buildStreamed(matrix, kind, request);
}

FailureOr<Value> Planner::apply(Value matrix, const SinkRequest &request) {
  return plan(matrix, request);
}

FailureOr<Value> Planner::rowSums(Value matrix, const SinkRequest &request) {
  SinkRequest sums = request;
  sums.v = Value();
  return plan(matrix, sums);
}

FailureOr<std::pair<Value, Value>> Planner::applyAndRowSums(Value matrix,
                                                            const SinkRequest &request) {
  MatrixFacts facts = factsOf(matrix);
  if (!facts.hasCheapForm && matrix.getDefiningOp<MatrixOpInterface>()) {
    SinkRequest sums{Value(), Value(), request.scalar, request.transposed};
    FailureOr<SmallVector<Value>> both =
        visit(matrix, {{SinkKind::Apply, request}, {SinkKind::RowSum, sums}}, widthOf(request));
    if (succeeded(both)) {
      spend(matrix, request, true);
      explain(matrix, "stream", false, facts.reason, widthOf(request));
      return std::pair((*both)[0], (*both)[1]);
    }
  }
  FailureOr<Value> product = apply(matrix, request);
  if (failed(product))
    return failure();
  FailureOr<Value> sums = rowSums(matrix, {Value(), Value(), request.scalar, request.transposed});
  if (failed(sums))
    return failure();
  return std::pair(*product, *sums);
}

FailureOr<Value> Planner::softmaxApply(Value matrix, const SinkRequest &request) {
  SinkRequest scaled = request;
  if (request.scalar) {
    scaled.v = attn::detail::mulScalar(*this, request.v, request.scalar);
    scaled.scalar = Value();
  }
  FailureOr<SmallVector<Value>> result =
      visit(matrix, {{SinkKind::Softmax, scaled}}, widthOf(request));
  if (failed(result))
    return failure();
  spend(matrix, request, true);
  explain(matrix, "stream", false, "softmax-not-separable", widthOf(request));
  return result->front();
}

FailureOr<Value> Planner::rowMax(Value matrix) {
  FailureOr<SmallVector<Value>> result = visit(matrix, {{SinkKind::RowMax, {}}}, SizePoly());
  if (failed(result))
    return failure();
  spent += factsOf(matrix).streamFlop(SizePoly());
  return result->front();
}

FailureOr<Value> Planner::materialize(Value matrix) {
  if (auto dense = matrix.getDefiningOp<DenseOp>())
    return dense.getTable();
  FailureOr<SmallVector<Value>> result = visit(matrix, {{SinkKind::Materialize, {}}}, SizePoly());
  if (failed(result))
    return failure();
  spent += factsOf(matrix).streamFlop(SizePoly());
  return result->front();
}

FailureOr<Value> Planner::build(Operation *sink) {
  loc = sink->getLoc();
  b.setInsertionPoint(sink);
  said.clear();
  notes.why.clear();
  spent = SizePoly();
  Value matrix = sink->getOperand(0);
  FailureOr<Value> result = failure();
  SinkRequest request;
  if (auto op = dyn_cast<ApplyOp>(sink)) {
    request = {op.getV(), op.getInit(), Value(), false};
    result = apply(matrix, request);
  } else if (auto op = dyn_cast<RowSumsOp>(sink)) {
    request.init = op.getInit();
    result = rowSums(matrix, request);
  } else {
    result = materialize(matrix);
  }
  MatrixFacts facts = factsOf(matrix);
  if (failed(result)) {
    emitUnsupported(loc) << "'" << sink->getName() << "' op is not supported for " << facts.form
                         << (notes.why.empty() ? "" : ": " + notes.why);
    return failure();
  }
  SizePoly width = isa<MaterializeOp>(sink) ? SizePoly() : widthOf(request);
  SizePoly dense =
      facts.rows * facts.columns * (facts.entryFlop + SizePoly(2) * width) * facts.batch;
  remarkPassed(loc, function.getName(), "plan",
               (sink->getName().getStringRef() + " is computed as " + facts.form).str(),
               {dense, spent}, facts.form);
  return result;
}

} // namespace attune::rewrite
