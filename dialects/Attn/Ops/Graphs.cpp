// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sources from graphs: adjacency, blocks (tables of the pairs inside graphs), hops.
#include "attune/Dialect/Attn/RowLayout.h"
#include "attune/Dialect/Attn/Sources.h"
#include "attune/Sizes/DimSource.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/LinalgBuilders.h"

using namespace mlir;
using namespace attune;
using namespace attune::attn;
using namespace attune::attn::detail;

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

MatrixFacts AdjacencyOp::inferFacts(ArrayRef<MatrixFacts>) {
  MatrixFacts facts = pairFacts(getResult());
  facts.support = Support::Sparse;
  facts.rowsNonEmpty = false;
  facts.uniqueEntries = getUnique();
  return facts;
}

StringRef AdjacencyOp::getDeclineReason() { return "sparse"; }

std::string AdjacencyOp::describeElement(ArrayRef<std::string>) {
  return sizeOf(getColumns(), 0).str() + " edges";
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

FailureOr<MatrixElement> AdjacencyOp::buildElement(ElementBuilder &entries) {
  return entries.edge(getOffsets(), getColumns(), getValues());
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

static MatrixFacts segmentFacts(Value matrix) {
  MatrixFacts facts = pairFacts(matrix);
  facts.support = Support::Segments;
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

MatrixFacts BlocksOp::inferFacts(ArrayRef<MatrixFacts>) { return segmentFacts(getResult()); }

StringRef BlocksOp::getDeclineReason() { return "stored-blocks"; }

Value BlocksOp::getSegmentOffsets() { return getOffsets(); }

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

FailureOr<MatrixElement> BlocksOp::buildElement(ElementBuilder &entries) {
  Value starts = getStarts() ? getStarts() : blockStarts(*this, entries.outer().b);
  return entries.blockElement(getTable(), getOffsets(), starts, getNumClasses().value_or(0));
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

MatrixFacts HopsOp::inferFacts(ArrayRef<MatrixFacts>) { return segmentFacts(getResult()); }
