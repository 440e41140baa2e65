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

MatrixFacts NormalizeRowsOp::inferFacts(ArrayRef<MatrixFacts> operands) { return operands.front(); }

bool NormalizeRowsOp::isStructural() { return true; }
StringRef NormalizeRowsOp::getRewrite() { return "row-normalizer"; }
StringRef NormalizeRowsOp::getWord() { return "normalized"; }

Value NormalizeRowsOp::buildSupport(SupportBuilder &supports) {
  return supports.support(getInput());
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
  FailureOr<Value> counts = sinks.entryCounts(matrix);
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

/// A^T (V / s) for the transposed matrix.
static FailureOr<SmallVector<Value>> transposedSinks(NormalizeRowsOp op, SinkBuilder &sinks,
                                                     ArrayRef<SinkRequest> requests) {
  FailureOr<Value> sums = sinks.rowSums(op.getInput());
  if (succeeded(sums))
    sums = guardedSums(sinks, op.getInput(), *sums);
  if (failed(sums))
    return failure();
  SmallVector<SinkRequest> asked;
  for (SinkRequest request : requests) {
    if (!request.v) // column sums of A / s would be A^T (1 / s)
      return failure();
    request.v = scaleRows(sinks, request.v, *sums, Value(), true, true, op.getResult());
    asked.push_back(request);
  }
  return sinks.sinks(op.getInput(), asked);
}

/// init + scalar * x / sums, for a product.
static Value divideProduct(NormalizeRowsOp op, SinkBuilder &sinks, Value x, Value sums,
                           const SinkRequest &request) {
  if (!request.scalar)
    return scaleRows(sinks, x, sums, request.init, true, true, op.getResult());
  Value quotient = scaleRows(sinks, x, sums, Value(), true, true, op.getResult());
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

/// init + scalar * sums / guarded: 1 where the row has entries, 0 where it has none.
static Value divideSums(NormalizeRowsOp op, SinkBuilder &sinks, Value sums, Value guarded,
                        const SinkRequest &request) {
  int64_t rank = rankOf(op.getResult());
  Value out = initFor(sinks, op.getResult(), request);
  return buildGeneric(sinks.b, sinks.loc,
                      {rowVector(sums, rank, RowLoop), rowVector(guarded, rank, RowLoop)},
                      rowVector(out, rank, RowLoop, true),
                      [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
                        Value ratio = arith::DivFOp::create(b, loc, args[0], args[1]);
                        if (request.scalar)
                          ratio = arith::MulFOp::create(b, loc, ratio, request.scalar);
                        return arith::AddFOp::create(b, loc, args[2], ratio);
                      });
}

FailureOr<SmallVector<Value>> NormalizeRowsOp::buildSinks(SinkBuilder &sinks,
                                                          ArrayRef<SinkRequest> requests) {
  if (requests.front().transposed)
    return transposedSinks(*this, sinks, requests);
  // The products, and once the sums that divide them.
  SmallVector<SinkRequest> asked;
  for (const SinkRequest &request : requests)
    if (request.v)
      asked.push_back({request.v, Value(), Value(), false});
  asked.push_back({});
  FailureOr<SmallVector<Value>> parts = sinks.sinks(getInput(), asked);
  if (failed(parts))
    return failure();
  Value sums = parts->back();
  FailureOr<Value> guarded = guardedSums(sinks, getInput(), sums);
  if (failed(guarded))
    return failure();
  SmallVector<Value> results;
  auto product = parts->begin();
  for (const SinkRequest &request : requests)
    results.push_back(request.v ? divideProduct(*this, sinks, *product++, *guarded, request)
                                : divideSums(*this, sinks, sums, *guarded, request));
  return results;
}

FailureOr<MatrixElement> NormalizeRowsOp::buildElement(ElementBuilder &entries) {
  FailureOr<Value> sums = entries.outer().rowSums(getInput());
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

MatrixFacts SoftmaxOp::inferFacts(ArrayRef<MatrixFacts> operands) { return operands.front(); }

bool SoftmaxOp::isStructural() { return true; }
StringRef SoftmaxOp::getDeclineReason() { return "softmax-not-separable"; }

/// In one visit, which keeps the largest entry so far.
FailureOr<SmallVector<Value>> SoftmaxOp::buildSinks(SinkBuilder &sinks,
                                                    ArrayRef<SinkRequest> requests) {
  if (requests.front().transposed)
    return failure();
  SmallVector<SinkRequest> asked;
  for (SinkRequest request : requests) {
    if (!request.v)
      return failure();
    request.v = mulScalar(sinks, request.v, std::exchange(request.scalar, Value()));
    asked.push_back(request);
  }
  return sinks.softmaxSinks(getInput(), asked);
}

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
  FailureOr<Value> sums = outer.rowSums(shifted.getResult());
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
  return operands.front();
}
