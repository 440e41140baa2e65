// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sources of the algebra: dot, distance, splat, diagonal, offset, dense. Linear forms:
//   dot(Q, K) V = Q (K^T V);  splat(c) V = c (column sums of V);  diagonal(d) V = d * V rows.
#include "attune/Dialect/Attn/Sources.h"
#include "attune/Dialect/Attn/RowLayout.h"
#include "attune/Sizes/DimSource.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/LinalgBuilders.h"

using namespace mlir;
using namespace attune;
using namespace attune::attn;
using namespace attune::attn::detail;

static SizePoly widthOf(Value tensor) { return sizeOf(tensor, rankOf(tensor) - 1); }

static LogicalResult inferPair(MLIRContext *context, std::optional<Location> loc, Value q, Value k,
                               SmallVectorImpl<Type> &types) {
  FailureOr<SmallVector<int64_t>> shape =
      pairShape(loc, dyn_cast<RankedTensorType>(q.getType()),
                dyn_cast<RankedTensorType>(k.getType()), "q", "k");
  if (failed(shape))
    return failure();
  if (!getElementTypeOrSelf(q.getType()).isF32() || !getElementTypeOrSelf(k.getType()).isF32())
    return emitOptionalError(loc, "`q` and `k` must be f32 tensors (C1)");
  types.push_back(MatrixType::get(context, *shape, Float32Type::get(context)));
  return success();
}

// dot

LogicalResult DotOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                      Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferPair(context, loc, adaptor.getQ(), adaptor.getK(), types);
}

DimSource DotOp::getDimSource(unsigned, int64_t dim) { return pairDimSource(getQ(), getK(), dim); }

MatrixFacts DotOp::inferFacts(ArrayRef<MatrixFacts>) { return pairFacts(getResult()); }

StringRef DotOp::getRewrite() { return "associativity"; }

std::string DotOp::describeForm(ArrayRef<std::string>) {
  return "factored(rank " + widthOf(getQ()).str() + ")";
}

FailureOr<Value> DotOp::buildApply(SinkBuilder &sinks, const SinkRequest &request) {
  Value q = request.transposed ? getK() : getQ(), k = request.transposed ? getQ() : getK();
  OpBuilder &b = sinks.b;
  Location loc = sinks.loc;
  auto multiplyAdd = [](OpBuilder &b, Location loc, ValueRange args) -> Value {
    return arith::AddFOp::create(b, loc, args[2], arith::MulFOp::create(b, loc, args[0], args[1]));
  };
  int64_t rank = rankOf(k);
  SmallVector<OpFoldResult> sizes;
  for (int64_t i = 0; i < rank - 3; ++i)
    sizes.push_back(broadcastSize(b, loc, k, i, request.v, i));
  if (rank > 2)
    sizes.push_back(broadcastSize(b, loc, k, rank - 2, request.v, rank - 2));
  sizes.push_back(mixedSizes(b, loc, k).back());
  sizes.push_back(mixedSizes(b, loc, request.v).back());
  Value zeros = buildFilled(b, loc, sizes);
  Value product = buildGeneric(
      b, loc, {rowTensor(k, ColumnLoop, KeyLoop), rowTensor(request.v, ColumnLoop, WidthLoop)},
      headTable(zeros, KeyLoop, WidthLoop, true), multiplyAdd);
  product = mulScalar(sinks, product, request.scalar);
  Value init = initFor(sinks, getResult(), request);
  return buildGeneric(b, loc,
                      {rowTensor(q, RowLoop, KeyLoop), headTable(product, KeyLoop, WidthLoop)},
                      rowTensor(init, RowLoop, WidthLoop, true), multiplyAdd);
}

FailureOr<Value> DotOp::buildRowSums(SinkBuilder &sinks, const SinkRequest &request) {
  Value q = request.transposed ? getK() : getQ(), k = request.transposed ? getQ() : getK();
  OpBuilder &b = sinks.b;
  Location loc = sinks.loc;
  int64_t rank = rankOf(k);
  SmallVector<OpFoldResult> sizes = mixedSizes(b, loc, k);
  sizes.erase(sizes.begin() + rowDim(rank));
  Value sums = buildGeneric(b, loc, {rowTensor(k, ColumnLoop, KeyLoop)},
                            headVector(buildFilled(b, loc, sizes), rank, KeyLoop, true),
                            [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                              return arith::AddFOp::create(b, loc, args[1], args[0]);
                            });
  sums = mulScalar(sinks, sums, request.scalar);
  Value init = initFor(sinks, getResult(), request);
  return buildGeneric(b, loc, {rowTensor(q, RowLoop, KeyLoop), headVector(sums, rank, KeyLoop)},
                      rowVector(init, rank, RowLoop, true),
                      [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                        return arith::AddFOp::create(
                            b, loc, args[2], arith::MulFOp::create(b, loc, args[0], args[1]));
                      });
}

FailureOr<MatrixElement> DotOp::buildElement(ElementBuilder &entries) {
  return MatrixElement{entries.dot(getQ(), getK()), {}};
}

FailureOr<Value> DotOp::buildSlice(SliceBuilder &slices) {
  int64_t rows = rowDim(rankOf(getQ()));
  return DotOp::create(slices.b, slices.loc, slices.sliceTensor(getQ(), rows),
                       slices.sliceTensor(getK(), rows))
      .getResult();
}

// distance

LogicalResult DistanceOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                           Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferPair(context, loc, adaptor.getQ(), adaptor.getK(), types);
}

DimSource DistanceOp::getDimSource(unsigned, int64_t dim) {
  return pairDimSource(getQ(), getK(), dim);
}

MatrixFacts DistanceOp::inferFacts(ArrayRef<MatrixFacts>) { return pairFacts(getResult()); }

StringRef DistanceOp::getDeclineReason() { return "distance-not-expanded"; }

FailureOr<MatrixElement> DistanceOp::buildElement(ElementBuilder &entries) {
  return MatrixElement{entries.distance(getQ(), getK()), {}};
}

FailureOr<Value> DistanceOp::buildSlice(SliceBuilder &slices) {
  int64_t rows = rowDim(rankOf(getQ()));
  return DistanceOp::create(slices.b, slices.loc, slices.sliceTensor(getQ(), rows),
                            slices.sliceTensor(getK(), rows))
      .getResult();
}

// splat

LogicalResult SplatOp::verify() { return verifySizes(*this, getType(), getSizes(), "C1"); }

DimSource SplatOp::getDimSource(unsigned, int64_t dim) {
  return sizedDimSource(getType(), getSizes(), dim);
}

MatrixFacts SplatOp::inferFacts(ArrayRef<MatrixFacts>) { return pairFacts(getResult()); }

StringRef SplatOp::getRewrite() { return "constant"; }
StringRef SplatOp::getWord() { return "constant"; }

FailureOr<Value> SplatOp::buildApply(SinkBuilder &sinks, const SinkRequest &request) {
  OpBuilder &b = sinks.b;
  Location loc = sinks.loc;
  int64_t rank = rankOf(request.v);
  SmallVector<OpFoldResult> sizes = mixedSizes(b, loc, request.v);
  sizes.erase(sizes.begin() + rowDim(rank));
  Value sums = buildGeneric(b, loc, {rowTensor(request.v, ColumnLoop, WidthLoop)},
                            headVector(buildFilled(b, loc, sizes), rank, WidthLoop, true),
                            [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                              return arith::AddFOp::create(b, loc, args[1], args[0]);
                            });
  Value factor = getValue();
  if (request.scalar)
    factor = arith::MulFOp::create(b, loc, factor, request.scalar);
  sums = mulScalar(sinks, sums, factor);
  Value out =
      request.init
          ? request.init
          : buildEmpty(b, loc, applySizes(b, loc, getResult(), request.v, request.transposed),
                       b.getF32Type());
  return buildGeneric(
      b, loc, {headVector(sums, rank, WidthLoop)}, rowTensor(out, RowLoop, WidthLoop, true),
      [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
        return request.init ? arith::AddFOp::create(b, loc, args[1], args[0]).getResult() : args[0];
      });
}

FailureOr<Value> SplatOp::buildRowSums(SinkBuilder &sinks, const SinkRequest &request) {
  OpBuilder &b = sinks.b;
  Location loc = sinks.loc;
  int64_t rank = rankOf(getResult());
  Value count =
      indexToF32(b, loc, dimValue(b, loc, getResult(), request.transposed ? rank - 2 : rank - 1));
  Value sum = arith::MulFOp::create(b, loc, count, getValue());
  if (request.scalar)
    sum = arith::MulFOp::create(b, loc, sum, request.scalar);
  Value out = request.init
                  ? request.init
                  : buildEmpty(b, loc, rowSumSizes(b, loc, getResult(), request.transposed),
                               b.getF32Type());
  SmallVector<int64_t> loops(llvm::to_vector(llvm::seq<int64_t>(0, rankOf(out))));
  return buildGeneric(
      b, loc, {}, {out, loops}, [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
        return request.init ? arith::AddFOp::create(b, loc, args[0], sum).getResult() : sum;
      });
}

FailureOr<MatrixElement> SplatOp::buildElement(ElementBuilder &entries) {
  return MatrixElement{entries.scalar(getValue()), {}};
}

/// The `sizes` operands of a sliced matrix, whose rows and columns are dynamic.
static SmallVector<Value> slicedSizes(SliceBuilder &slices, Value matrix) {
  SmallVector<Value> sizes;
  for (int64_t i = 0; i < rankOf(matrix) - 2; ++i)
    if (cast<ShapedType>(matrix.getType()).isDynamicDim(i))
      sizes.push_back(dimValue(slices.b, slices.loc, matrix, i));
  sizes.append(2, slices.size);
  return sizes;
}

FailureOr<Value> SplatOp::buildSlice(SliceBuilder &slices) {
  return SplatOp::create(slices.b, slices.loc, slicedType(getType()), getValue(),
                         slicedSizes(slices, getResult()))
      .getResult();
}

// diagonal

LogicalResult DiagonalOp::verify() {
  if (static_cast<bool>(getScalar()) == static_cast<bool>(getValues()))
    return emitOpError("must have either `scalar` or `values` (C1)");
  if (failed(mergeSizes(getType().getNumRows(), getType().getNumColumns(), false)))
    return emitOpError("has ") << getType().getNumRows() << " rows and "
                               << getType().getNumColumns()
                               << " columns, expected a square matrix (C2)";
  if (getScalar())
    return verifySizes(*this, getType(), getSizes(), "C4");
  if (!getSizes().empty())
    return emitOpError("has `sizes`, expected none where `values` is given (C4)");
  return verifyRowVector(*this, getValues(), getType(), false, "values", "C3");
}

DimSource DiagonalOp::getDimSource(unsigned, int64_t dim) {
  int64_t rank = rankOf(getResult());
  if (getScalar() || !getType().isDynamicDim(dim))
    return sizedDimSource(getType(), getSizes(), dim);
  if (dim >= rank - 2)
    return DimSource::of(getValues(), rowDim(rank));
  return DimSource::of(getValues(), dim == rank - 3 ? rank - 2 : dim);
}

MatrixFacts DiagonalOp::inferFacts(ArrayRef<MatrixFacts>) {
  MatrixFacts facts = pairFacts(getResult());
  facts.support = Support::Diagonal;
  facts.left = facts.right = 0;
  return facts;
}

bool DiagonalOp::isStructural() { return true; }
StringRef DiagonalOp::getRewrite() { return "diagonal"; }

FailureOr<Value> DiagonalOp::buildApply(SinkBuilder &sinks, const SinkRequest &request) {
  OpBuilder &b = sinks.b;
  Location loc = sinks.loc;
  Value scalar = getScalar();
  if (scalar && request.scalar)
    scalar = arith::MulFOp::create(b, loc, scalar, request.scalar);
  else if (request.scalar)
    scalar = request.scalar;
  SmallVector<LoopOperand> inputs{rowTensor(request.v, RowLoop, WidthLoop)};
  if (getValues())
    inputs.push_back(rowVector(getValues(), rankOf(getResult()), RowLoop));
  Value out =
      request.init
          ? request.init
          : buildEmpty(b, loc, applySizes(b, loc, getResult(), request.v, request.transposed),
                       b.getF32Type());
  return buildGeneric(b, loc, inputs, rowTensor(out, RowLoop, WidthLoop, true),
                      [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
                        Value product = args[0];
                        if (getValues())
                          product = arith::MulFOp::create(b, loc, product, args[1]);
                        if (scalar)
                          product = arith::MulFOp::create(b, loc, product, scalar);
                        return request.init
                                   ? arith::AddFOp::create(b, loc, args.back(), product).getResult()
                                   : product;
                      });
}

FailureOr<Value> DiagonalOp::buildRowSums(SinkBuilder &sinks, const SinkRequest &request) {
  OpBuilder &b = sinks.b;
  Location loc = sinks.loc;
  Value scalar = getScalar();
  if (scalar && request.scalar)
    scalar = arith::MulFOp::create(b, loc, scalar, request.scalar);
  else if (request.scalar)
    scalar = request.scalar;
  int64_t rank = rankOf(getResult());
  SmallVector<LoopOperand> inputs;
  if (getValues())
    inputs.push_back(rowVector(getValues(), rank, RowLoop));
  Value out = request.init
                  ? request.init
                  : buildEmpty(b, loc, rowSumSizes(b, loc, getResult(), request.transposed),
                               b.getF32Type());
  return buildGeneric(
      b, loc, inputs, rowVector(out, rank, RowLoop, true),
      [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
        Value value = scalar;
        if (getValues())
          value = scalar ? arith::MulFOp::create(b, loc, args[0], scalar).getResult() : args[0];
        return request.init ? arith::AddFOp::create(b, loc, args.back(), value).getResult() : value;
      });
}

FailureOr<MatrixElement> DiagonalOp::buildElement(ElementBuilder &entries) {
  OpBuilder &b = entries.b;
  Value onDiagonal = arith::CmpIOp::create(b, entries.loc, arith::CmpIPredicate::eq,
                                           entries.rowIndex(), entries.columnIndex());
  Value value = getScalar() ? entries.scalar(getScalar()) : entries.atRow(getValues());
  return MatrixElement{value, onDiagonal};
}

FailureOr<Value> DiagonalOp::buildSlice(SliceBuilder &slices) {
  MatrixType type = slicedType(getType());
  if (getScalar())
    return DiagonalOp::create(slices.b, slices.loc, type, getScalar(), Value(),
                              slicedSizes(slices, getResult()))
        .getResult();
  Value values = slices.sliceTensor(getValues(), rowDim(rankOf(getResult())));
  return DiagonalOp::create(slices.b, slices.loc, type, Value(), values, ValueRange()).getResult();
}

// offset

LogicalResult OffsetOp::verify() { return verifySizes(*this, getType(), getSizes(), "C1"); }

DimSource OffsetOp::getDimSource(unsigned, int64_t dim) {
  return sizedDimSource(getType(), getSizes(), dim);
}

MatrixFacts OffsetOp::inferFacts(ArrayRef<MatrixFacts>) { return pairFacts(getResult()); }

StringRef OffsetOp::getDeclineReason() { return "position-difference"; }

FailureOr<MatrixElement> OffsetOp::buildElement(ElementBuilder &entries) {
  OpBuilder &b = entries.b;
  Location loc = entries.loc;
  Value difference = arith::SubIOp::create(b, loc, entries.rowIndex(), entries.columnIndex());
  Value integer = arith::IndexCastOp::create(b, loc, b.getI64Type(), difference);
  return MatrixElement{arith::SIToFPOp::create(b, loc, b.getF32Type(), integer), {}};
}

// dense

LogicalResult DenseOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                        Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto table = dyn_cast<RankedTensorType>(adaptor.getTable().getType());
  if (!table || table.getRank() < 2 || !table.getElementType().isF32())
    return emitOptionalError(loc, "`table` must be an f32 tensor of rank 2 or more (C1)");
  types.push_back(MatrixType::get(context, table.getShape(), table.getElementType()));
  return success();
}

DimSource DenseOp::getDimSource(unsigned, int64_t dim) { return DimSource::of(getTable(), dim); }

MatrixFacts DenseOp::inferFacts(ArrayRef<MatrixFacts>) { return pairFacts(getResult()); }

Value DenseOp::getStoredTable() { return getTable(); }

std::string DenseOp::describeForm(ArrayRef<std::string>) {
  int64_t rank = rankOf(getTable());
  return "stored(" + sizeOf(getTable(), rank - 2).str() + " x " +
         sizeOf(getTable(), rank - 1).str() + ")";
}

FailureOr<Value> DenseOp::buildApply(SinkBuilder &sinks, const SinkRequest &request) {
  LoopOperand table = request.transposed ? headTable(getTable(), ColumnLoop, RowLoop)
                                         : headTable(getTable(), RowLoop, ColumnLoop);
  Value v = mulScalar(sinks, request.v, request.scalar);
  Value init = initFor(sinks, getResult(), request);
  return buildGeneric(sinks.b, sinks.loc, {table, rowTensor(v, ColumnLoop, WidthLoop)},
                      rowTensor(init, RowLoop, WidthLoop, true),
                      [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                        return arith::AddFOp::create(
                            b, loc, args[2], arith::MulFOp::create(b, loc, args[0], args[1]));
                      });
}

FailureOr<Value> DenseOp::buildRowSums(SinkBuilder &sinks, const SinkRequest &request) {
  LoopOperand table = request.transposed ? headTable(getTable(), ColumnLoop, RowLoop)
                                         : headTable(getTable(), RowLoop, ColumnLoop);
  Value init = initFor(sinks, getResult(), request);
  Value scalar = request.scalar;
  return buildGeneric(
      sinks.b, sinks.loc, {table}, rowVector(init, rankOf(getResult()), RowLoop, true),
      [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
        Value entry = scalar ? arith::MulFOp::create(b, loc, args[0], scalar).getResult() : args[0];
        return arith::AddFOp::create(b, loc, args[1], entry);
      });
}

FailureOr<MatrixElement> DenseOp::buildElement(ElementBuilder &entries) {
  return entries.tableElement(getTable());
}

FailureOr<Value> DenseOp::buildSlice(SliceBuilder &slices) {
  int64_t rank = rankOf(getTable());
  Value rows = slices.sliceTensor(getTable(), rank - 2);
  return DenseOp::create(slices.b, slices.loc, slices.sliceTensor(rows, rank - 1)).getResult();
}

#define GET_OP_CLASSES
#include "attune/Dialect/Attn/Sources.cpp.inc"
