// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// attn.compose: a chain M1 M2 .. Mk V is multiplied in the cheapest order. Classic matrix-chain
// dynamic programming over intervals, where a factor is an implicit matrix (applied to what stands
// right of it) or a stored product, which must not have growing columns. FLOP are compared at 10
// 000 for each size without a number, so the order is one for all sizes.
#include "attune/Dialect/Attn/Algebra.h"
#include "attune/Dialect/Attn/RowLayout.h"
#include "attune/Dialect/Attn/Sinks.h"
#include "attune/Sizes/Assumptions.h"
#include "attune/Sizes/DimSource.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/LinalgBuilders.h"

using namespace mlir;
using namespace attune;
using namespace attune::attn;
using namespace attune::attn::detail;

LogicalResult ComposeOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                          Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto a = cast<MatrixType>(adaptor.getLhs().getType()),
       c = cast<MatrixType>(adaptor.getRhs().getType());
  int64_t rank = a.getRank();
  if (rank != c.getRank())
    return emitOptionalError(loc, "`rhs` has rank ", c.getRank(), ", expected ", rank,
                             ", that of `lhs` (C1)");
  if (failed(mergeSizes(a.getNumColumns(), c.getNumRows(), false)))
    return emitOptionalError(loc, "`rhs` has ", c.getNumRows(), " rows, expected ",
                             a.getNumColumns(), ", the columns of `lhs` (C2)");
  SmallVector<int64_t> shape;
  for (int64_t i = 0; i < rank - 2; ++i) {
    FailureOr<int64_t> size = mergeSizes(a.getDimSize(i), c.getDimSize(i), true);
    if (failed(size))
      return emitOptionalError(loc, "`rhs` has size ", c.getDimSize(i), " in dim ", i,
                               ", expected ", a.getDimSize(i), " as `lhs` or 1 (C3)");
    shape.push_back(*size);
  }
  shape.push_back(a.getNumRows());
  shape.push_back(c.getNumColumns());
  types.push_back(MatrixType::get(context, shape, a.getElementType()));
  return success();
}

DimSource ComposeOp::getDimSource(unsigned, int64_t dim) {
  int64_t rank = rankOf(getResult());
  if (dim == rank - 1)
    return DimSource::of(getRhs(), dim);
  if (dim == rank - 2)
    return DimSource::of(getLhs(), dim);
  return broadcastSource(getLhs(), dim, getRhs(), dim);
}

MatrixFacts ComposeOp::inferFacts(ArrayRef<MatrixFacts> operands) {
  const MatrixFacts &a = operands[0], &c = operands[1];
  MatrixFacts facts = a;
  facts.left = facts.right = std::nullopt;
  facts.columns = c.columns;
  facts.pairs = a.rows * c.columns;
  // Applying streams of both is linear in neither, but the product itself is never visited.
  facts.hasCheapForm = true;
  facts.applyFixed = a.hasCheapForm ? a.applyFixed : a.pairs * a.entryFlop;
  facts.applyFixed += c.hasCheapForm ? c.applyFixed : c.pairs * c.entryFlop;
  facts.applyPerColumn = (a.hasCheapForm ? a.applyPerColumn : SizePoly(2) * a.pairs) +
                         (c.hasCheapForm ? c.applyPerColumn : SizePoly(2) * c.pairs);
  facts.support = Support::Full;
  // An empty inner dimension leaves no entry; it can't be empty where an outer one is not.
  const SizePoly &inner = a.columns;
  bool innerRuns = inner.getConstant().value_or(0) > 0 || inner == a.rows || inner == c.columns;
  facts.complete = innerRuns && a.support == Support::Full && c.support == Support::Full &&
                   a.complete && c.complete;
  facts.rowsNonEmpty = facts.complete;
  facts.uniqueEntries = true;
  facts.form = "chain(" + a.form + ", " + c.form + ")";
  facts.reason = "";
  return facts;
}

namespace {
/// One factor of a chain.
struct Factor {
  Value matrix;
  bool transposed;
  MatrixFacts facts;
};

class Chain {
public:
  Chain(SinkBuilder &sinks, const SinkRequest &request) : sinks(sinks), request(request) {}

  void collect(Value matrix, bool transposed) {
    if (auto compose = matrix.getDefiningOp<ComposeOp>()) {
      collect(transposed ? compose.getRhs() : compose.getLhs(), transposed);
      collect(transposed ? compose.getLhs() : compose.getRhs(), transposed);
      return;
    }
    if (auto transpose = matrix.getDefiningOp<TransposeOp>())
      return collect(transpose.getInput(), !transposed);
    MatrixFacts facts = factsOf(matrix);
    if (transposed)
      std::swap(facts.rows, facts.columns);
    factors.push_back({matrix, transposed, facts});
    // Factors have the heads and batch of the chain, or share one for all.
    if (!(facts.batch == SizePoly(1)))
      batch = facts.batch;
  }

  FailureOr<Value> build() {
    plan();
    return buildInterval(0, factors.size());
  }

private:
  static double flop(const SizePoly &poly) { return assumedValue(poly); }
  bool isValues(size_t i) const { return i == factors.size(); }
  SizePoly rowsOf(size_t i) const { return factors[i].facts.rows; }
  SizePoly columnsOf(size_t i) const {
    return isValues(i) ? sizeOf(request.v, rankOf(request.v) - 1) : factors[i].facts.columns;
  }

  /// best[i][j]: FLOP of the stored product of factors i..j; split[i][j]: where it is cut.
  void plan() {
    size_t count = factors.size() + 1;
    best.assign(count, std::vector<double>(count, std::numeric_limits<double>::infinity()));
    split.assign(count, std::vector<size_t>(count, 0));
    best[count - 1][count - 1] = 0;
    for (size_t i = 0; i + 1 < count; ++i)
      if (columnsOf(i).getConstant())
        best[i][i] = flop(factors[i].facts.pairs * (factors[i].facts.entryFlop + SizePoly(1)) *
                          factors[i].facts.batch);
    for (size_t length = 2; length <= count; ++length)
      for (size_t i = 0; i + length <= count; ++i)
        planInterval(i, i + length - 1);
  }

  void planInterval(size_t i, size_t j) {
    if (!isValues(j) && !columnsOf(j).getConstant())
      return;
    for (size_t s = i; s < j; ++s) {
      double cost = best[s + 1][j] + leftCost(i, s, j);
      if (cost < best[i][j]) {
        best[i][j] = cost;
        split[i][j] = s;
      }
    }
  }

  /// FLOP of multiplying factors i..s with the stored product of s+1..j.
  double leftCost(size_t i, size_t s, size_t j) const {
    SizePoly width = columnsOf(j);
    if (i != s)
      return best[i][s] + flop(SizePoly(2) * rowsOf(i) * columnsOf(s) * width * batch);
    const MatrixFacts &facts = factors[i].facts;
    return flop(facts.hasCheapForm ? facts.linearFlop(width) : facts.streamFlop(width));
  }

  FailureOr<Value> buildInterval(size_t i, size_t j) {
    if (i == j)
      return isValues(i) ? FailureOr<Value>(request.v) : buildStored(factors[i]);
    size_t s = split[i][j];
    FailureOr<Value> right = buildInterval(s + 1, j);
    if (failed(right))
      return failure();
    bool outermost = i == 0 && isValues(j);
    Value init = outermost ? request.init : Value(), scalar = outermost ? request.scalar : Value();
    if (i == s)
      return sinks.apply(factors[i].matrix, {*right, init, scalar, factors[i].transposed});
    FailureOr<Value> left = buildInterval(i, s);
    if (failed(left))
      return failure();
    return buildProduct(*left, mulScalar(sinks, *right, scalar), init);
  }

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

  SinkBuilder &sinks;
  const SinkRequest &request;
  std::vector<Factor> factors;
  SizePoly batch = SizePoly(1);
  std::vector<std::vector<double>> best;
  std::vector<std::vector<size_t>> split;
};
} // namespace

FailureOr<Value> ComposeOp::buildApply(SinkBuilder &sinks, const SinkRequest &request) {
  Chain chain(sinks, request);
  chain.collect(getResult(), request.transposed);
  return chain.build();
}

FailureOr<Value> ComposeOp::buildRowSums(SinkBuilder &sinks, const SinkRequest &request) {
  // (A B) 1 = A (B 1), with B 1 as one value column.
  Value first = request.transposed ? getLhs() : getRhs(),
        second = request.transposed ? getRhs() : getLhs();
  FailureOr<Value> sums = sinks.rowSums(first, {Value(), Value(), Value(), request.transposed});
  if (failed(sums))
    return failure();
  FailureOr<Value> product = sinks.apply(
      second, {withUnitWidth(sinks, *sums), Value(), request.scalar, request.transposed});
  if (failed(product))
    return failure();
  Value flat = withoutUnitWidth(sinks, *product);
  if (request.init)
    flat = arith::AddFOp::create(sinks.b, sinks.loc, request.init, flat);
  return flat;
}

// nystrom, nystrom_residual

/// Checks X [B.., H, m, m] next to C [B.., H, N, m]; returns heads and batch of both together.
static FailureOr<SmallVector<int64_t>> inferLandmarks(std::optional<Location> loc, Type matrix,
                                                      Type table) {
  auto c = cast<MatrixType>(matrix);
  auto x = dyn_cast<RankedTensorType>(table);
  int64_t rank = c.getRank();
  if (!x || x.getRank() != rank || !x.getElementType().isF32()) {
    (void)emitOptionalError(loc, "`x` is ", table, ", expected f32 of rank ", rank,
                            ", that of the matrix (C1)");
    return failure();
  }
  for (int64_t d : {rank - 2, rank - 1})
    if (failed(mergeSizes(x.getDimSize(d), c.getNumColumns(), false))) {
      (void)emitOptionalError(loc, "`x` is ", x, ", expected ", c.getNumColumns(),
                              " rows and columns, those of the ", "matrix (C2)");
      return failure();
    }
  SmallVector<int64_t> outer;
  for (int64_t d = 0; d < rank - 2; ++d) {
    FailureOr<int64_t> size = mergeSizes(c.getDimSize(d), x.getDimSize(d), true);
    if (failed(size)) {
      (void)emitOptionalError(loc, "`x` has size ", x.getDimSize(d), " in dim ", d, ", expected ",
                              c.getDimSize(d), " as the matrix or 1 (C3)");
      return failure();
    }
    outer.push_back(*size);
  }
  return outer;
}

LogicalResult NystromOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                          Adaptor adaptor, SmallVectorImpl<Type> &types) {
  FailureOr<SmallVector<int64_t>> shape =
      inferLandmarks(loc, adaptor.getC().getType(), adaptor.getX().getType());
  if (failed(shape))
    return failure();
  auto c = cast<MatrixType>(adaptor.getC().getType());
  shape->append(2, c.getNumRows());
  types.push_back(MatrixType::get(context, *shape, c.getElementType()));
  return success();
}

DimSource NystromOp::getDimSource(unsigned, int64_t dim) {
  int64_t rank = rankOf(getResult());
  if (dim >= rank - 2)
    return DimSource::of(getC(), rank - 2);
  return broadcastSource(getC(), dim, getX(), dim);
}

MatrixFacts NystromOp::inferFacts(ArrayRef<MatrixFacts> operands) {
  const MatrixFacts &c = operands.front();
  MatrixFacts facts = c;
  facts.left = facts.right = std::nullopt;
  facts.columns = c.rows;
  facts.pairs = c.rows * c.rows;
  facts.hasCheapForm = true;
  facts.applyFixed = SizePoly(2) * c.pairs * c.entryFlop;
  facts.applyPerColumn = SizePoly(4) * c.pairs + SizePoly(2) * c.columns * c.columns;
  facts.support = Support::Full;
  facts.complete = facts.rowsNonEmpty =
      c.support == Support::Full && c.complete && c.columns.getConstant().value_or(0) > 0;
  facts.form = "nystrom(" + c.form + ")";
  facts.reason = "";
  return facts;
}

LogicalResult NystromResidualOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                  Adaptor adaptor, SmallVectorImpl<Type> &types) {
  FailureOr<SmallVector<int64_t>> outer =
      inferLandmarks(loc, adaptor.getMatrix().getType(), adaptor.getX().getType());
  if (failed(outer))
    return failure();
  auto c = cast<MatrixType>(adaptor.getMatrix().getType());
  // Rows come before heads.
  outer->insert(outer->end() - (outer->empty() ? 0 : 1), c.getNumRows());
  types.push_back(RankedTensorType::get(*outer, c.getElementType()));
  return success();
}

DimSource NystromResidualOp::getDimSource(unsigned, int64_t dim) {
  int64_t rank = rankOf(getMatrix()), rows = rowDim(rank);
  if (dim == rows)
    return DimSource::of(getMatrix(), rank - 2);
  int64_t outer = dim > rows ? dim - 1 : dim;
  return broadcastSource(getMatrix(), outer, getX(), outer);
}
