// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// attn.compose, whose chains the planner multiplies in the cheapest order, and attn.nystrom.
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
  facts.support = Support::Full;
  // An empty inner dimension leaves no entry; it can't be empty where an outer one is not.
  const SizePoly &inner = a.columns;
  bool innerRuns = inner.getConstant().value_or(0) > 0 || inner == a.rows || inner == c.columns;
  facts.complete = innerRuns && a.support == Support::Full && c.support == Support::Full &&
                   a.complete && c.complete;
  facts.rowsNonEmpty = facts.complete;
  facts.uniqueEntries = true;
  return facts;
}

bool ComposeOp::isStructural() { return true; }
StringRef ComposeOp::getRewrite() { return "chain"; }
StringRef ComposeOp::getWord() { return "chain"; }

/// The support of a product of matrices is that of the product of their supports.
Value ComposeOp::buildSupport(SupportBuilder &supports) {
  Value lhs = supports.support(getLhs());
  return ComposeOp::create(supports.b, supports.loc, lhs, supports.support(getRhs()));
}

FailureOr<Value> ComposeOp::buildApply(SinkBuilder &sinks, const SinkRequest &request) {
  return sinks.chain(getResult(), request);
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
  facts.support = Support::Full;
  facts.complete = facts.rowsNonEmpty =
      c.support == Support::Full && c.complete && c.columns.getConstant().value_or(0) > 0;
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
