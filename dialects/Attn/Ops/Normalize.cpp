// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The normalisations: normalize_rows, softmax, normalize_symmetric. normalize(A) V = (A V) / (A 1),
// with 1 instead of the row sum where a row has no entry; softmax has a streamed form only.
#include "attune/Dialect/Attn/Algebra.h"
#include "attune/Dialect/Attn/Entrywise.h"
#include "attune/Dialect/Attn/RowLayout.h"
#include "attune/Dialect/Attn/Sources.h"
#include "attune/Sizes/DimSource.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/LinalgBuilders.h"

using namespace mlir;
using namespace attune;
using namespace attune::attn;
using namespace attune::attn::detail;

// normalize_rows

DimSource NormalizeRowsOp::getDimSource(unsigned, int64_t dim) {
  return DimSource::of(getInput(), dim);
}

MatrixFacts NormalizeRowsOp::inferFacts(ArrayRef<MatrixFacts> operands) {
  MatrixFacts facts = operands.front();
  facts.applyFixed = facts.applyFixed + facts.applyFixed + facts.applyPerColumn;
  facts.applyPerColumn += facts.rows;
  facts.entryFlop += SizePoly(1);
  facts.form = "normalized(" + facts.form + ")";
  return facts;
}

/// A matrix that is positive exactly where `matrix` has an entry. Sums and chains keep their form:
/// the support of a product of matrices is that of the product of their supports.
static Value supportOf(SinkBuilder &sinks, Value matrix) {
  OpBuilder &b = sinks.b;
  Location loc = sinks.loc;
  Operation *op = matrix.getDefiningOp();
  if (auto scale = dyn_cast_if_present<ScaleOp>(op))
    return supportOf(sinks, scale.getInput());
  if (auto normalize = dyn_cast_if_present<NormalizeRowsOp>(op))
    return supportOf(sinks, normalize.getInput());
  if (auto transpose = dyn_cast_if_present<TransposeOp>(op))
    return TransposeOp::create(b, loc, supportOf(sinks, transpose.getInput()));
  if (auto sum = dyn_cast_if_present<AddOp>(op)) {
    Value lhs = supportOf(sinks, sum.getLhs());
    return AddOp::create(b, loc, lhs, supportOf(sinks, sum.getRhs()));
  }
  if (auto chain = dyn_cast_if_present<ComposeOp>(op)) {
    Value lhs = supportOf(sinks, chain.getLhs());
    return ComposeOp::create(b, loc, lhs, supportOf(sinks, chain.getRhs()));
  }
  if (auto product = dyn_cast_if_present<HadamardOp>(op)) {
    auto hasAll = [](Value factor) {
      MatrixFacts facts = factsOf(factor);
      return facts.support == Support::Full && facts.complete;
    };
    // With the shape of the product, which the other factor may be broadcast to.
    if (hasAll(product.getLhs()) && product.getRhs().getType() == product.getType())
      return supportOf(sinks, product.getRhs());
    if (hasAll(product.getRhs()) && product.getLhs().getType() == product.getType())
      return supportOf(sinks, product.getLhs());
  }
  auto type = cast<MatrixType>(matrix.getType());
  MatrixFacts facts = factsOf(matrix);
  if (facts.support == Support::Full && facts.complete) {
    SmallVector<Value> sizes;
    for (int64_t i = 0; i < type.getRank(); ++i)
      if (type.isDynamicDim(i))
        sizes.push_back(dimValue(b, loc, matrix, i));
    return SplatOp::create(b, loc, type, f32Constant(b, loc, 1), sizes);
  }
  auto indicator = MapOp::create(b, loc, type, matrix, ValueRange(), ValueRange(), ValueRange(),
                                 ValueRange(), b.getStringAttr("support"));
  OpBuilder::InsertionGuard guard(b);
  b.createBlock(&indicator.getBody(), {}, {b.getF32Type()}, {loc});
  YieldOp::create(b, loc, f32Constant(b, loc, 1));
  return indicator;
}

/// Row sums fit to divide by: 1 where a row has no entry, so that its 0 stays 0.
static FailureOr<Value> guardedSums(SinkBuilder &sinks, Value matrix, Value sums) {
  MatrixFacts facts = factsOf(matrix);
  OpBuilder &b = sinks.b;
  Location loc = sinks.loc;
  if (facts.rowsNonEmpty &&
      (facts.rows == facts.columns || facts.columns.getConstant().value_or(0) > 0))
    return sums;
  int64_t rank = rankOf(matrix);
  LoopOperand in = rowVector(sums, rank, RowLoop);
  Value out = buildEmpty(b, loc, mixedSizes(b, loc, sums), b.getF32Type());
  Value one = f32Constant(b, loc, 1);
  if (facts.rowsNonEmpty) {
    Value columns = dimValue(b, loc, matrix, rankOf(matrix) - 1);
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    Value empty = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, columns, zero);
    return buildGeneric(b, loc, {in}, rowVector(out, rank, RowLoop, true),
                        [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
                          return arith::SelectOp::create(b, loc, empty, one, args[0]);
                        });
  }
  // Count the present entries.
  FailureOr<Value> counts = sinks.rowSums(supportOf(sinks, matrix), {});
  if (failed(counts))
    return failure();
  return buildGeneric(
      b, loc, {in, rowVector(*counts, rank, RowLoop)}, rowVector(out, rank, RowLoop, true),
      [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
        Value zero = f32Constant(b, loc, 0);
        Value empty = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, args[1], zero);
        return arith::SelectOp::create(b, loc, empty, one, args[0]);
      });
}

FailureOr<Value> NormalizeRowsOp::buildApply(SinkBuilder &sinks, const SinkRequest &request) {
  if (request.transposed) {
    FailureOr<Value> sums = sinks.rowSums(getInput(), {});
    if (succeeded(sums))
      sums = guardedSums(sinks, getInput(), *sums);
    if (failed(sums))
      return failure();
    Value values = scaleRows(sinks, request.v, *sums, Value(), true, true, getResult());
    SinkRequest inner = request;
    inner.v = values;
    return sinks.apply(getInput(), inner);
  }
  FailureOr<std::pair<Value, Value>> products =
      sinks.applyAndRowSums(getInput(), {request.v, Value(), Value(), false});
  if (failed(products))
    return failure();
  FailureOr<Value> sums = guardedSums(sinks, getInput(), products->second);
  if (failed(sums))
    return failure();
  if (!request.scalar)
    return scaleRows(sinks, products->first, *sums, request.init, true, true, getResult());
  Value quotient = scaleRows(sinks, products->first, *sums, Value(), true, true, getResult());
  Value out = request.init
                  ? request.init
                  : buildEmpty(sinks.b, sinks.loc, mixedSizes(sinks.b, sinks.loc, quotient),
                               sinks.b.getF32Type());
  return buildGeneric(sinks.b, sinks.loc, {rowTensor(quotient, RowLoop, WidthLoop)},
                      rowTensor(out, RowLoop, WidthLoop, true),
                      [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
                        Value scaled = arith::MulFOp::create(b, loc, args[0], request.scalar);
                        return request.init
                                   ? arith::AddFOp::create(b, loc, args[1], scaled).getResult()
                                   : scaled;
                      });
}

FailureOr<Value> NormalizeRowsOp::buildRowSums(SinkBuilder &sinks, const SinkRequest &request) {
  if (request.transposed) {
    // Column sums of A / s are A^T (1 / s).
    return failure();
  }
  FailureOr<Value> sums = sinks.rowSums(getInput(), {});
  if (failed(sums))
    return failure();
  FailureOr<Value> guarded = guardedSums(sinks, getInput(), *sums);
  if (failed(guarded))
    return failure();
  int64_t rank = rankOf(getResult());
  Value out = initFor(sinks, getResult(), request);
  return buildGeneric(sinks.b, sinks.loc,
                      {rowVector(*sums, rank, RowLoop), rowVector(*guarded, rank, RowLoop)},
                      rowVector(out, rank, RowLoop, true),
                      [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
                        Value ratio = arith::DivFOp::create(b, loc, args[0], args[1]);
                        if (request.scalar)
                          ratio = arith::MulFOp::create(b, loc, ratio, request.scalar);
                        return arith::AddFOp::create(b, loc, args[2], ratio);
                      });
}

FailureOr<MatrixElement> NormalizeRowsOp::buildElement(ElementBuilder &entries) {
  FailureOr<Value> sums = entries.outer().rowSums(getInput(), {});
  if (failed(sums))
    return failure();
  FailureOr<MatrixElement> entry = entries.elementOf(getInput());
  if (failed(entry))
    return failure();
  entry->value = arith::DivFOp::create(entries.b, entries.loc, entry->value, entries.atRow(*sums));
  return entry;
}

// softmax

LogicalResult SoftmaxOp::verify() {
  if (mayRepeatEdges(getInput()))
    return emitOpError("is over a CSR matrix that may hold an edge twice, expected `unique` on its "
                       "attn.adjacency (C1)");
  return success();
}

DimSource SoftmaxOp::getDimSource(unsigned, int64_t dim) { return DimSource::of(getInput(), dim); }

MatrixFacts SoftmaxOp::inferFacts(ArrayRef<MatrixFacts> operands) {
  MatrixFacts facts = operands.front();
  facts.hasCheapForm = facts.support == Support::Sparse;
  facts.entryFlop += SizePoly(3);
  facts.applyFixed = facts.pairs * facts.entryFlop;
  facts.applyPerColumn = SizePoly(2) * facts.pairs;
  facts.form = facts.hasCheapForm ? "sparse(softmax)" : "streamed(softmax)";
  facts.reason = "softmax-not-separable";
  return facts;
}

FailureOr<Value> SoftmaxOp::buildApply(SinkBuilder &sinks, const SinkRequest &request) {
  if (request.transposed)
    return failure();
  return sinks.softmaxApply(getInput(), request);
}

FailureOr<Value> SoftmaxOp::buildRowSums(SinkBuilder &, const SinkRequest &) { return failure(); }

FailureOr<MatrixElement> SoftmaxOp::buildElement(ElementBuilder &entries) {
  SinkBuilder &outer = entries.outer();
  OpBuilder &b = outer.b;
  FailureOr<Value> maxima = outer.rowMax(getInput());
  if (failed(maxima))
    return failure();
  // Row sums of exp(a - m) come first; the entry is exp(a - m) over them.
  auto shifted = MapOp::create(b, outer.loc, getType(), getInput(), *maxima, ValueRange(),
                               ValueRange(), ValueRange(), b.getStringAttr("exp"));
  {
    OpBuilder::InsertionGuard guard(b);
    Block *block = b.createBlock(&shifted.getBody(), {}, {b.getF32Type(), b.getF32Type()},
                                 {outer.loc, outer.loc});
    Value difference =
        arith::SubFOp::create(b, outer.loc, block->getArgument(0), block->getArgument(1));
    YieldOp::create(b, outer.loc, math::ExpOp::create(b, outer.loc, difference).getResult());
  }
  FailureOr<Value> sums = outer.rowSums(shifted.getResult(), {});
  if (failed(sums))
    return failure();
  FailureOr<MatrixElement> entry = entries.elementOf(shifted.getResult());
  if (failed(entry))
    return failure();
  entry->value = arith::DivFOp::create(entries.b, entries.loc, entry->value, entries.atRow(*sums));
  return entry;
}

// normalize_symmetric

LogicalResult NormalizeSymmetricOp::verify() {
  if (failed(mergeSizes(getType().getNumRows(), getType().getNumColumns(), false)))
    return emitOpError("has ") << getType().getNumRows() << " rows and "
                               << getType().getNumColumns()
                               << " columns, expected a square matrix (C1)";
  return success();
}

DimSource NormalizeSymmetricOp::getDimSource(unsigned, int64_t dim) {
  return DimSource::of(getInput(), dim);
}

MatrixFacts NormalizeSymmetricOp::inferFacts(ArrayRef<MatrixFacts> operands) {
  MatrixFacts facts = operands.front();
  facts.form = "normalized-symmetric(" + facts.form + ")";
  return facts;
}
