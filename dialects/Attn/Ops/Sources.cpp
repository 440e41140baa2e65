// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sources of the algebra: dot, distance, adjacency, splat, diagonal, offset, dense. Linear forms:
//   dot(Q, K) V = Q (K^T V);  splat(c) V = c (column sums of V);  diagonal(d) V = d * V rows.
#include "dialects/Attn/Ops/Detail.h"

using namespace mlir;
using namespace attune;
using namespace attune::attn;
using namespace attune::attn::detail;

static Poly widthOf(Value tensor) { return sizeOf(tensor, rankOf(tensor) - 1); }

/// Heads times batch of a matrix value.
static Poly batchOf(Value matrix) {
  Poly batch(1);
  for (int64_t i = 0; i < rankOf(matrix) - 2; ++i)
    batch = batch * sizeOf(matrix, i);
  return batch;
}

static Facts pairFacts(Value matrix) {
  Facts facts;
  facts.rows = sizeOf(matrix, rankOf(matrix) - 2);
  facts.columns = sizeOf(matrix, rankOf(matrix) - 1);
  facts.batch = batchOf(matrix);
  facts.pairs = facts.rows * facts.columns;
  return facts;
}

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

Facts DotOp::inferFacts(ArrayRef<Facts>) {
  Facts facts = pairFacts(getResult());
  facts.linear = true;
  Poly d = widthOf(getQ());
  facts.applyPerColumn = Poly(2) * d * (facts.rows + facts.columns);
  facts.entryFlop = Poly(2) * d;
  facts.form = "factored(rank " + d.str() + ")";
  return facts;
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

FailureOr<Entry> DotOp::buildEntry(EntryBuilder &entries) {
  return Entry{entries.dot(getQ(), getK()), {}};
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

Facts DistanceOp::inferFacts(ArrayRef<Facts>) {
  Facts facts = pairFacts(getResult());
  facts.entryFlop = Poly(3) * widthOf(getQ());
  facts.form = "streamed(distance)";
  facts.reason = "distance-not-expanded";
  return facts;
}

FailureOr<Entry> DistanceOp::buildEntry(EntryBuilder &entries) {
  return Entry{entries.distance(getQ(), getK()), {}};
}

FailureOr<Value> DistanceOp::buildSlice(SliceBuilder &slices) {
  int64_t rows = rowDim(rankOf(getQ()));
  return DistanceOp::create(slices.b, slices.loc, slices.sliceTensor(getQ(), rows),
                            slices.sliceTensor(getK(), rows))
      .getResult();
}

// adjacency

LogicalResult AdjacencyOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto offsets = dyn_cast<RankedTensorType>(adaptor.getOffsets().getType());
  int64_t rows = ShapedType::kDynamic;
  if (offsets && offsets.getRank() == 1 && offsets.getDimSize(0) > 0)
    rows = offsets.getDimSize(0) - 1;
  SmallVector<int64_t> shape;
  if (adaptor.getValues())
    if (auto values = dyn_cast<RankedTensorType>(adaptor.getValues().getType());
        values && values.getRank() == 2)
      shape.push_back(values.getDimSize(1));
  shape.push_back(rows);
  // Dynamic also where `num_columns` is constant: a type must not change when an operand folds.
  shape.push_back(ShapedType::kDynamic);
  types.push_back(MatrixType::get(context, shape, Float32Type::get(context)));
  return success();
}

LogicalResult AdjacencyOp::verify() {
  auto offsets = cast<RankedTensorType>(getOffsets().getType());
  auto columns = cast<RankedTensorType>(getColumns().getType());
  if (offsets.getRank() != 1 || !offsets.getElementType().isSignlessInteger(64))
    return emitOpError("`offsets` is ") << offsets << ", expected i64 of rank 1 (C1)";
  if (offsets.getDimSize(0) == 0)
    return emitOpError("`offsets` is empty, expected one more element than rows (C1)");
  if (columns.getRank() != 1 || !columns.getElementType().isSignlessInteger(32))
    return emitOpError("`columns` is ") << columns << ", expected i32 of rank 1 (C2)";
  if (!getValues())
    return success();
  auto values = cast<RankedTensorType>(getValues().getType());
  if ((values.getRank() != 1 && values.getRank() != 2) || !values.getElementType().isF32())
    return emitOpError("`values` is ") << values << ", expected f32 of rank 1 or 2 (C3)";
  if (failed(mergeSizes(values.getDimSize(0), columns.getDimSize(0), false)))
    return emitOpError("`values` has ")
           << values.getDimSize(0) << " edges, expected " << columns.getDimSize(0)
           << ", the length of `columns` (C3)";
  return success();
}

DimSource AdjacencyOp::getDimSource(unsigned, int64_t dim) {
  int64_t rank = rankOf(getResult());
  if (dim == rank - 1)
    return DimSource::of(OpFoldResult(getNumColumns()));
  if (dim == rank - 2)
    return DimSource::of(getOffsets(), 0, -1);
  return DimSource::of(getValues(), 1);
}

Facts AdjacencyOp::inferFacts(ArrayRef<Facts>) {
  Facts facts = pairFacts(getResult());
  facts.pairs = sizeOf(getColumns(), 0);
  facts.linear = true;
  facts.applyPerColumn = Poly(2) * facts.pairs;
  facts.support = Support::Sparse;
  facts.rowsNonEmpty = false;
  facts.uniqueEntries = getUnique();
  facts.form = "sparse(" + facts.pairs.str() + " edges)";
  return facts;
}

FailureOr<Value> AdjacencyOp::buildRowSums(SinkBuilder &sinks, const SinkRequest &request) {
  if (getValues() || request.transposed)
    return failure();
  // Edges of row i = offsets[i + 1] - offsets[i].
  OpBuilder &b = sinks.b;
  Location loc = sinks.loc;
  OpFoldResult rows = rowSumSizes(b, loc, getResult(), false).front();
  auto offsetsAt = [&](int64_t start) -> Value {
    return tensor::ExtractSliceOp::create(b, loc, getOffsets(), OpFoldResult(b.getIndexAttr(start)),
                                          rows, OpFoldResult(b.getIndexAttr(1)));
  };
  Value out = request.init ? request.init : buildEmpty(b, loc, {rows}, b.getF32Type());
  return buildGeneric(
      b, loc, {{offsetsAt(1), {RowLoop}}, {offsetsAt(0), {RowLoop}}}, {out, {RowLoop}},
      [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
        Value count = arith::SIToFPOp::create(b, loc, b.getF32Type(),
                                              arith::SubIOp::create(b, loc, args[0], args[1]));
        if (request.scalar)
          count = arith::MulFOp::create(b, loc, count, request.scalar);
        return request.init ? arith::AddFOp::create(b, loc, args[2], count).getResult() : count;
      });
}

FailureOr<Entry> AdjacencyOp::buildEntry(EntryBuilder &entries) {
  return entries.edge(getOffsets(), getColumns(), getValues());
}

// splat

LogicalResult SplatOp::verify() { return verifySizes(*this, getType(), getSizes(), "C1"); }

DimSource SplatOp::getDimSource(unsigned, int64_t dim) {
  return sizedDimSource(getType(), getSizes(), dim);
}

Facts SplatOp::inferFacts(ArrayRef<Facts>) {
  Facts facts = pairFacts(getResult());
  facts.linear = true;
  facts.applyPerColumn = facts.rows + facts.columns;
  facts.form = "constant";
  return facts;
}

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

FailureOr<Entry> SplatOp::buildEntry(EntryBuilder &entries) {
  return Entry{entries.scalar(getValue()), {}};
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

Facts DiagonalOp::inferFacts(ArrayRef<Facts>) {
  Facts facts = pairFacts(getResult());
  facts.pairs = facts.rows;
  facts.linear = true;
  facts.applyPerColumn = facts.rows;
  facts.support = Support::Diagonal;
  facts.left = facts.right = 0;
  facts.form = "diagonal";
  return facts;
}

FailureOr<Value> DiagonalOp::buildApply(SinkBuilder &sinks, const SinkRequest &request) {
  OpBuilder &b = sinks.b;
  Location loc = sinks.loc;
  Value scalar = getScalar();
  if (scalar && request.scalar)
    scalar = arith::MulFOp::create(b, loc, scalar, request.scalar);
  else if (request.scalar)
    scalar = request.scalar;
  SmallVector<Mapped> inputs{rowTensor(request.v, RowLoop, WidthLoop)};
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
  SmallVector<Mapped> inputs;
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

FailureOr<Entry> DiagonalOp::buildEntry(EntryBuilder &entries) {
  OpBuilder &b = entries.b;
  Value onDiagonal = arith::CmpIOp::create(b, entries.loc, arith::CmpIPredicate::eq,
                                           entries.rowIndex(), entries.columnIndex());
  Value value = getScalar() ? entries.scalar(getScalar()) : entries.atRow(getValues());
  return Entry{value, onDiagonal};
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

Facts OffsetOp::inferFacts(ArrayRef<Facts>) {
  Facts facts = pairFacts(getResult());
  facts.entryFlop = Poly(1);
  facts.form = "streamed(offset)";
  facts.reason = "position-difference";
  return facts;
}

FailureOr<Entry> OffsetOp::buildEntry(EntryBuilder &entries) {
  OpBuilder &b = entries.b;
  Location loc = entries.loc;
  Value difference = arith::SubIOp::create(b, loc, entries.rowIndex(), entries.columnIndex());
  Value integer = arith::IndexCastOp::create(b, loc, b.getI64Type(), difference);
  return Entry{arith::SIToFPOp::create(b, loc, b.getF32Type(), integer), {}};
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

Facts DenseOp::inferFacts(ArrayRef<Facts>) {
  Facts facts = pairFacts(getResult());
  facts.linear = true;
  facts.applyPerColumn = Poly(2) * facts.pairs;
  facts.form = "stored(" + facts.rows.str() + " x " + facts.columns.str() + ")";
  return facts;
}

FailureOr<Value> DenseOp::buildApply(SinkBuilder &sinks, const SinkRequest &request) {
  Mapped table = request.transposed ? headTable(getTable(), ColumnLoop, RowLoop)
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
  Mapped table = request.transposed ? headTable(getTable(), ColumnLoop, RowLoop)
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

FailureOr<Entry> DenseOp::buildEntry(EntryBuilder &entries) {
  return entries.tableEntry(getTable());
}

FailureOr<Value> DenseOp::buildSlice(SliceBuilder &slices) {
  int64_t rank = rankOf(getTable());
  Value rows = slices.sliceTensor(getTable(), rank - 2);
  return DenseOp::create(slices.b, slices.loc, slices.sliceTensor(rows, rank - 1)).getResult();
}

// blocks, hops

/// Heads and batch of the result are a static 1, since all share one table.
static LogicalResult verifySharedHeads(Operation *op, MatrixType type, StringRef label) {
  for (int64_t size : type.getShape().drop_back(2))
    if (size != 1)
      return op->emitOpError("result is ")
             << type << ", expected a static 1 in heads and batch (" << label << ")";
  return success();
}

static LogicalResult verifyOffsets(Operation *op, Value offsets, StringRef name, StringRef label) {
  auto type = cast<RankedTensorType>(offsets.getType());
  if (type.getRank() != 1 || !type.getElementType().isSignlessInteger(64) ||
      type.getDimSize(0) == 0)
    return op->emitOpError("`") << name << "` is " << type
                                << ", expected i64 of rank 1 that is not empty (" << label << ")";
  return success();
}

/// Pairs inside segments: their number has no polynomial in N; it stands as a symbol of its own.
static Facts segmentFacts(Value matrix, StringRef form) {
  Facts facts = pairFacts(matrix);
  facts.support = Support::Segments;
  facts.pairs = Poly::symbol("P");
  facts.entryFlop = Poly(1);
  facts.form = ("streamed(" + form + ")").str();
  facts.reason = "stored-blocks";
  return facts;
}

LogicalResult BlocksOp::verify() {
  auto table = cast<RankedTensorType>(getTable().getType());
  Type element = table.getElementType();
  bool compact = element.isSignlessInteger(8);
  bool isInteger = compact || element.isSignlessInteger(32) || element.isSignlessInteger(64);
  if (table.getRank() != 1 || (!isInteger && !element.isF32()))
    return emitOpError("`table` is ") << table << ", expected i8, i32, i64 or f32 of rank 1 (C1)";
  if (failed(verifyOffsets(*this, getOffsets(), "offsets", "C2")))
    return failure();
  if (compact != static_cast<bool>(getStarts()))
    return emitOpError("`starts` comes with a table of i8, and only with that (C3)");
  if (compact && failed(verifyOffsets(*this, getStarts(), "starts", "C3")))
    return failure();
  if (failed(verifySharedHeads(*this, getType(), "C4")))
    return failure();
  if (compact && !getNumClasses())
    return emitOpError("has a table of i8 without `num_classes` (C5)");
  int64_t classes = getNumClasses().value_or(1);
  if (getNumClasses() && (!isInteger || classes < 1 || classes > kMostClasses))
    return emitOpError("`num_classes` is ")
           << classes << " with a table of " << element << ", expected 1 to " << kMostClasses
           << " and whole numbers (C5)";
  return success();
}

DimSource BlocksOp::getDimSource(unsigned, int64_t) {
  return DimSource::of(OpFoldResult(getSize()));
}

Facts BlocksOp::inferFacts(ArrayRef<Facts>) { return segmentFacts(getResult(), "blocks"); }

/// Where each block begins in a table of whole blocks: sums of squared lengths.
static Value blockStarts(BlocksOp op, OpBuilder &b) {
  Location loc = op.getLoc();
  SmallVector<OpFoldResult> sizes = mixedSizes(b, loc, op.getOffsets());
  Value empty = buildEmpty(b, loc, sizes, b.getI64Type());
  auto index = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  Value zero = arith::ConstantOp::create(b, loc, b.getI64IntegerAttr(0));
  Value first = tensor::InsertOp::create(b, loc, zero, empty, index(0));
  Value last = arith::SubIOp::create(b, loc, dimValue(b, loc, op.getOffsets(), 0), index(1));
  auto loop = scf::ForOp::create(b, loc, index(0), last, index(1), ValueRange{first, zero});
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value next = arith::AddIOp::create(b, loc, loop.getInductionVar(), index(1));
  Value begin = tensor::ExtractOp::create(b, loc, op.getOffsets(), loop.getInductionVar());
  Value end = tensor::ExtractOp::create(b, loc, op.getOffsets(), next);
  Value length = arith::SubIOp::create(b, loc, end, begin);
  Value sum = arith::AddIOp::create(b, loc, loop.getRegionIterArgs()[1],
                                    arith::MulIOp::create(b, loc, length, length));
  Value table = tensor::InsertOp::create(b, loc, sum, loop.getRegionIterArgs()[0], next);
  scf::YieldOp::create(b, loc, ValueRange{table, sum});
  return loop.getResult(0);
}

FailureOr<Entry> BlocksOp::buildEntry(EntryBuilder &entries) {
  Value starts = getStarts() ? getStarts() : blockStarts(*this, entries.outer().b);
  return entries.blockEntry(getTable(), getOffsets(), starts, getNumClasses().value_or(0));
}

LogicalResult HopsOp::verify() {
  if (failed(verifyOffsets(*this, getOffsets(), "offsets", "C1")) ||
      failed(verifyOffsets(*this, getGraphOffsets(), "graph_offsets", "C1")))
    return failure();
  auto columns = cast<RankedTensorType>(getColumns().getType());
  if (columns.getRank() != 1 || !columns.getElementType().isSignlessInteger(32))
    return emitOpError("`columns` is ") << columns << ", expected i32 of rank 1 (C2)";
  return verifySharedHeads(*this, getType(), "C3");
}

DimSource HopsOp::getDimSource(unsigned, int64_t) { return DimSource::of(getOffsets(), 0, -1); }

Facts HopsOp::inferFacts(ArrayRef<Facts>) { return segmentFacts(getResult(), "hops"); }
