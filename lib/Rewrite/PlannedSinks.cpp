// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A chain M1 M2 .. Mk V is multiplied in an order from the planner (ChainOrder.cpp): a
// factor is an implicit matrix, applied to what stands right of it, or a stored product.
#include "PlannedSinks.h"

#include "attune/Dialect/Attn/Algebra.h"
#include "attune/Dialect/Attn/RowLayout.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/LinalgBuilders.h"

#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace attune::attn;
using namespace attune::attn::detail;

namespace attune::rewrite {

FailureOr<SmallVector<Value>> PlannedSinkBuilder::sinks(Value matrix,
                                                        ArrayRef<SinkRequest> requests) {
  return ask(matrix,
             llvm::map_to_vector(requests,
                                 [](const SinkRequest &request) {
                                   return StreamSink{request.v ? SinkKind::Apply : SinkKind::RowSum,
                                                     request};
                                 }),
             false);
}

FailureOr<SmallVector<Value>> PlannedSinkBuilder::softmaxSinks(Value matrix,
                                                               ArrayRef<SinkRequest> requests) {
  return ask(matrix,
             llvm::map_to_vector(
                 requests,
                 [](const SinkRequest &request) { return StreamSink{SinkKind::Softmax, request}; }),
             true);
}

static FailureOr<Value> front(const FailureOr<SmallVector<Value>> &results) {
  return succeeded(results) ? FailureOr<Value>(results->front()) : FailureOr<Value>(failure());
}

FailureOr<Value> PlannedSinkBuilder::rowMax(Value matrix) {
  return front(ask(matrix, StreamSink{SinkKind::RowMax, {}}, true));
}

FailureOr<Value> PlannedSinkBuilder::entryCounts(Value matrix) {
  return rowSums(supportOf(matrix));
}

FailureOr<Value> PlannedSinkBuilder::materialize(Value matrix) {
  return front(ask(matrix, StreamSink{SinkKind::Materialize, {}}, true));
}

// Sums

SmallVector<Term> termsOf(Value sum) {
  // Sums in front of their operands, then how often each value is used.
  SmallVector<AddOp> order;
  llvm::MapVector<Value, double> counts;
  llvm::DenseSet<Value> seen;
  auto visit = [&](auto &&self, Value matrix) -> void {
    if (!seen.insert(matrix).second)
      return;
    counts[matrix] = 0;
    if (auto add = matrix.getDefiningOp<AddOp>()) {
      self(self, add.getLhs());
      self(self, add.getRhs());
      order.push_back(add);
    }
  };
  visit(visit, sum);
  counts[sum] = 1;
  // A float32 holds such a number. Inner sums that occur more often are terms themselves.
  constexpr double kMost = 0x1p100;
  llvm::DenseSet<Value> expanded;
  for (AddOp add : llvm::reverse(order)) {
    Value matrix = add.getResult();
    if (counts[matrix] == 0 || (counts[matrix] > kMost && matrix != sum))
      continue;
    expanded.insert(matrix);
    counts[add.getLhs()] += counts[matrix];
    counts[add.getRhs()] += counts[matrix];
  }
  SmallVector<Term> terms;
  for (const auto &[matrix, count] : counts)
    if (count > 0 && !expanded.contains(matrix))
      terms.push_back({matrix, count});
  return terms;
}

/// The term as often as it occurs.
static Value scaled(OpBuilder &b, Location loc, const Term &term) {
  if (term.count == 1)
    return term.matrix;
  return ScaleOp::create(b, loc, term.matrix.getType(), term.matrix, Value(), Value(), Value(),
                         f32Constant(b, loc, term.count));
}

FailureOr<SmallVector<Value>> buildSum(PlannedSinkBuilder &sinks, Value sum,
                                       ArrayRef<SmallVector<unsigned>> groups,
                                       ArrayRef<SinkRequest> requests) {
  OpBuilder &b = sinks.b;
  SmallVector<Term> terms = termsOf(sum);
  SmallVector<Value> results;
  for (const SmallVector<unsigned> &group : groups) {
    const Term &first = terms[group.front()];
    bool isGroup = group.size() > 1;
    Value matrix = first.matrix;
    if (isGroup) {
      matrix = scaled(b, sinks.loc, first);
      for (unsigned member : llvm::drop_begin(group))
        matrix = AddOp::create(b, sinks.loc, matrix, scaled(b, sinks.loc, terms[member]));
    }
    SmallVector<SinkRequest> asked(requests);
    for (auto [i, request] : llvm::enumerate(asked)) {
      if (!results.empty())
        request.init = results[i];
      else if (matrix.getType() !=
               sum.getType()) // fewer heads: the whole result is the destination
        request.init = initFor(sinks, sum, request);
      if (!isGroup && first.count != 1) {
        Value count = f32Constant(b, sinks.loc, first.count);
        request.scalar =
            request.scalar ? arith::MulFOp::create(b, sinks.loc, request.scalar, count) : count;
      }
    }
    FailureOr<SmallVector<Value>> sums;
    if (isGroup)
      sums = sinks.ask(matrix,
                       llvm::map_to_vector(asked,
                                           [](const SinkRequest &request) {
                                             return StreamSink{request.v ? SinkKind::Apply
                                                                         : SinkKind::RowSum,
                                                               request};
                                           }),
                       true);
    else
      sums = sinks.sinks(matrix, asked);
    if (failed(sums))
      return failure();
    results = *sums;
  }
  return results;
}

// Chains

/// More factors are not ordered, but applied one after the other from the right.
static constexpr size_t kMostFactors = 32;

/// Number of factors; shared operands are looked at once.
static double countFactors(Value matrix, llvm::DenseMap<Value, double> &known) {
  if (auto found = known.find(matrix); found != known.end())
    return found->second;
  double count = 1;
  if (auto compose = matrix.getDefiningOp<ComposeOp>())
    count = countFactors(compose.getLhs(), known) + countFactors(compose.getRhs(), known);
  else if (auto transpose = matrix.getDefiningOp<TransposeOp>())
    count = countFactors(transpose.getInput(), known);
  return known[matrix] = count;
}

static void collectFactors(Value matrix, bool transposed, SmallVectorImpl<Factor> &factors) {
  if (auto compose = matrix.getDefiningOp<ComposeOp>()) {
    collectFactors(transposed ? compose.getRhs() : compose.getLhs(), transposed, factors);
    collectFactors(transposed ? compose.getLhs() : compose.getRhs(), transposed, factors);
    return;
  }
  if (auto transpose = matrix.getDefiningOp<TransposeOp>())
    return collectFactors(transpose.getInput(), !transposed, factors);
  factors.push_back({matrix, transposed});
}

namespace {
/// Builds a chain by its cuts.
class ChainBuilder {
public:
  ChainBuilder(PlannedSinkBuilder &sinks, ArrayRef<Factor> factors, const SinkRequest &request,
               const ChainCuts &cuts)
      : sinks(sinks), factors(factors), request(request), cuts(cuts) {}

  /// The product of factors i to j, where the last is the values.
  FailureOr<Value> build(size_t i, size_t j) {
    if (i == j)
      return isValues(i) ? FailureOr<Value>(request.v) : buildStored(factors[i]);
    size_t cut = cuts[i][j];
    FailureOr<Value> right = build(cut + 1, j);
    if (failed(right))
      return failure();
    bool outermost = i == 0 && isValues(j);
    Value init = outermost ? request.init : Value(), scalar = outermost ? request.scalar : Value();
    if (i == cut)
      return sinks.apply(factors[i].matrix, {*right, init, scalar, factors[i].transposed});
    FailureOr<Value> left = build(i, cut);
    if (failed(left))
      return failure();
    return buildProduct(*left, mulScalar(sinks, *right, scalar), init);
  }

private:
  bool isValues(size_t i) const { return i == factors.size(); }

  /// The entries of one factor as a row tensor.
  FailureOr<Value> buildStored(const Factor &factor) {
    FailureOr<Value> table = sinks.materialize(factor.matrix);
    if (failed(table))
      return failure();
    int64_t first = factor.transposed ? WidthLoop : RowLoop,
            second = factor.transposed ? RowLoop : WidthLoop;
    SmallVector<OpFoldResult> sizes = mixedSizes(sinks.b, sinks.loc, *table);
    int64_t rank = sizes.size();
    if (factor.transposed)
      std::swap(sizes[rank - 1], sizes[rank - 2]);
    if (rank > 2)
      std::swap(sizes[rank - 3], sizes[rank - 2]);
    Value out = buildEmpty(sinks.b, sinks.loc, sizes, sinks.b.getF32Type());
    return buildGeneric(sinks.b, sinks.loc, {headTable(*table, first, second)},
                        rowTensor(out, RowLoop, WidthLoop, true),
                        [](OpBuilder &, Location, ValueRange args) { return args[0]; });
  }

  /// init + left right of two row tensors.
  Value buildProduct(Value left, Value right, Value init) {
    OpBuilder &b = sinks.b;
    if (!init) {
      SmallVector<OpFoldResult> sizes = mixedSizes(b, sinks.loc, left);
      int64_t rank = sizes.size();
      for (int64_t i = 0; i < rank - 1; ++i)
        if (i != rowDim(rank))
          sizes[i] = broadcastSize(b, sinks.loc, left, i, right, i);
      sizes.back() = mixedSizes(b, sinks.loc, right).back();
      init = buildFilled(b, sinks.loc, sizes);
    }
    return buildGeneric(b, sinks.loc,
                        {rowTensor(left, RowLoop, KeyLoop), rowTensor(right, KeyLoop, WidthLoop)},
                        rowTensor(init, RowLoop, WidthLoop, true),
                        [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                          return arith::AddFOp::create(
                              b, loc, args[2], arith::MulFOp::create(b, loc, args[0], args[1]));
                        });
  }

  PlannedSinkBuilder &sinks;
  ArrayRef<Factor> factors;
  const SinkRequest &request;
  const ChainCuts &cuts;
};
} // namespace

/// A long chain, right operand first. Both operands being one matrix, as where a matrix is squared
/// again and again, it is applied in a loop, so that the code stays short.
static FailureOr<Value> applyInTurn(PlannedSinkBuilder &sinks, Value matrix,
                                    const SinkRequest &request) {
  auto compose = matrix.getDefiningOp<ComposeOp>();
  Value first = request.transposed ? compose.getLhs() : compose.getRhs(),
        second = request.transposed ? compose.getRhs() : compose.getLhs();
  OpBuilder &b = sinks.b;
  Location loc = sinks.loc;
  SmallVector<OpFoldResult> sizes = applySizes(b, loc, matrix, request.v, request.transposed);
  Type carriedType = buildEmpty(b, loc, sizes, b.getF32Type()).getType();
  bool repeats = first == second && carriedType == request.v.getType();
  if (!repeats) {
    FailureOr<Value> inner = sinks.apply(first, {request.v, Value(), Value(), request.transposed});
    if (failed(inner))
      return failure();
    return sinks.apply(second, {*inner, request.init, request.scalar, request.transposed});
  }
  Value zero = arith::ConstantIndexOp::create(b, loc, 0),
        one = arith::ConstantIndexOp::create(b, loc, 1),
        two = arith::ConstantIndexOp::create(b, loc, 2);
  auto loop = scf::ForOp::create(b, loc, zero, two, one, ValueRange{request.v});
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    FailureOr<Value> product = sinks.apply(
        first, {loop.getRegionIterArgs().front(), Value(), Value(), request.transposed});
    if (failed(product)) {
      loop.erase();
      return failure();
    }
    if (product->getType() != carriedType)
      product = tensor::CastOp::create(b, loc, carriedType, *product).getResult();
    scf::YieldOp::create(b, loc, *product);
  }
  Value result = mulScalar(sinks, loop.getResult(0), request.scalar);
  if (request.init)
    result = arith::AddFOp::create(b, loc, request.init, result);
  return result;
}

FailureOr<Value> PlannedSinkBuilder::chain(Value matrix, const SinkRequest &request) {
  llvm::DenseMap<Value, double> known;
  if (countFactors(matrix, known) > kMostFactors)
    return applyInTurn(*this, matrix, request);
  SmallVector<Factor> factors;
  collectFactors(matrix, request.transposed, factors);
  ChainCuts cuts = chainCuts(factors, request);
  if (cuts.empty())
    return failure();
  return ChainBuilder(*this, factors, request, cuts).build(0, factors.size());
}

} // namespace attune::rewrite
