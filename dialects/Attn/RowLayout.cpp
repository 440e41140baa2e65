// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shapes, broadcasting and scalings that the op families share.
#include "attune/Dialect/Attn/RowLayout.h"
#include "attune/Dialect/Attn/Algebra.h"
#include "attune/Dialect/Attn/Sources.h"
#include "attune/Sizes/DimSource.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/LinalgBuilders.h"

using namespace mlir;

namespace attune::attn::detail {

/// `loop`, or its complement where the static 1 of an input may broadcast.
static int64_t broadcastLoop(Value v, int64_t dim, int64_t loop, bool isOutput) {
  return !isOutput && cast<ShapedType>(v.getType()).getDimSize(dim) == 1 ? ~loop : loop;
}

static LoopOperand mapped(Value v, int64_t numBatch, ArrayRef<int64_t> tail, bool isOutput) {
  LoopOperand m{v, {}};
  for (int64_t i = 0; i < numBatch; ++i)
    m.loops.push_back(broadcastLoop(v, i, i, isOutput));
  for (int64_t loop : tail)
    m.loops.push_back(loop == HeadLoop ? broadcastLoop(v, m.loops.size(), loop, isOutput) : loop);
  return m;
}

LoopOperand rowTensor(Value v, int64_t rows, int64_t width, bool isOutput) {
  int64_t rank = rankOf(v);
  if (rank == 2)
    return {v, {rows, width}};
  return mapped(v, rank - 3, {rows, HeadLoop, width}, isOutput);
}

LoopOperand rowVector(Value v, int64_t matrixRank, int64_t rows, bool isOutput) {
  if (matrixRank == 2)
    return {v, {rows}};
  return mapped(v, matrixRank - 3, {rows, HeadLoop}, isOutput);
}

LoopOperand headTable(Value v, int64_t first, int64_t second, bool isOutput) {
  int64_t rank = rankOf(v);
  if (rank == 2)
    return {v, {first, second}};
  return mapped(v, rank - 3, {HeadLoop, first, second}, isOutput);
}

LoopOperand headVector(Value v, int64_t matrixRank, int64_t width, bool isOutput) {
  if (matrixRank == 2)
    return {v, {width}};
  return mapped(v, matrixRank - 3, {HeadLoop, width}, isOutput);
}

DimSource broadcastSource(Value a, int64_t dimA, Value c, int64_t dimC) {
  bool useC = cast<ShapedType>(a.getType()).getDimSize(dimA) == 1;
  return useC ? DimSource::of(c, dimC) : DimSource::of(a, dimA);
}

OpFoldResult broadcastSize(OpBuilder &b, Location loc, Value a, int64_t dimA, Value c,
                           int64_t dimC) {
  DimSource source = broadcastSource(a, dimA, c, dimC);
  auto type = cast<ShapedType>(source.shaped.getType());
  if (!type.isDynamicDim(source.dim))
    return b.getIndexAttr(type.getDimSize(source.dim));
  return dimValue(b, loc, source.shaped, source.dim);
}

FailureOr<int64_t> mergeSizes(int64_t a, int64_t c, bool broadcast) {
  if (broadcast && a == 1)
    return c;
  if (broadcast && c == 1)
    return a;
  if (ShapedType::isDynamic(a))
    return c;
  if (ShapedType::isDynamic(c) || a == c)
    return a;
  return failure();
}

FailureOr<SmallVector<int64_t>> pairShape(std::optional<Location> loc, RankedTensorType rows,
                                          RankedTensorType columns, StringRef rowName,
                                          StringRef columnName) {
  if (!rows || !columns || rows.getRank() < 2 || rows.getRank() != columns.getRank())
    return emitOptionalError(loc, "`", rowName, "` and `", columnName,
                             "` must have equal rank of at least 2 (C1)");
  int64_t rank = rows.getRank();
  if (failed(mergeSizes(rows.getShape().back(), columns.getShape().back(), false)))
    return emitOptionalError(loc, "`", columnName, "` has width ", columns.getShape().back(),
                             ", expected ", rows.getShape().back(), ", the width of `", rowName,
                             "` (C2)");
  SmallVector<int64_t> shape;
  for (int64_t i = 0; i < rank - 1; ++i) {
    if (i == rowDim(rank))
      continue;
    FailureOr<int64_t> size = mergeSizes(rows.getDimSize(i), columns.getDimSize(i), true);
    if (failed(size))
      return emitOptionalError(loc, "`", columnName, "` has size ", columns.getDimSize(i),
                               " in dim ", i, ", expected ", rows.getDimSize(i), " as `", rowName,
                               "` or 1 (C3)");
    shape.push_back(*size);
  }
  shape.push_back(rows.getDimSize(rowDim(rank)));
  shape.push_back(columns.getDimSize(rowDim(rank)));
  return shape;
}

MatrixFacts pairFacts(Value matrix) {
  int64_t rank = rankOf(matrix);
  MatrixFacts facts;
  facts.rows = sizeOf(matrix, rank - 2);
  facts.columns = sizeOf(matrix, rank - 1);
  return facts;
}

DimSource pairDimSource(Value rows, Value columns, int64_t dim) {
  int64_t rank = rankOf(rows);
  if (dim == rank - 2)
    return DimSource::of(rows, rowDim(rank));
  if (dim == rank - 1)
    return DimSource::of(columns, rowDim(rank));
  int64_t position = dim == rank - 3 ? rank - 2 : dim; // heads stand after the rows in a row tensor
  return broadcastSource(rows, position, columns, position);
}

FailureOr<SmallVector<int64_t>> entrywiseShape(std::optional<Location> loc, MatrixType lhs,
                                               MatrixType rhs) {
  if (lhs.getRank() != rhs.getRank())
    return emitOptionalError(loc, "`rhs` has rank ", rhs.getRank(), ", expected ", lhs.getRank(),
                             ", that of `lhs` (C1)");
  SmallVector<int64_t> shape;
  for (int64_t i = 0; i < lhs.getRank(); ++i) {
    bool broadcasts = i < lhs.getRank() - 2;
    FailureOr<int64_t> size = mergeSizes(lhs.getDimSize(i), rhs.getDimSize(i), broadcasts);
    if (failed(size))
      return emitOptionalError(loc, "`rhs` has size ", rhs.getDimSize(i), " in dim ", i,
                               ", expected ", lhs.getDimSize(i), " as `lhs`",
                               broadcasts ? " or 1" : "", " (C2)");
    shape.push_back(*size);
  }
  return shape;
}

DimSource entrywiseDimSource(Value a, Value c, int64_t dim) {
  if (dim >= rankOf(a) - 2)
    return DimSource::of(cast<ShapedType>(a.getType()).isDynamicDim(dim) ? c : a, dim);
  return broadcastSource(a, dim, c, dim);
}

LogicalResult verifyRowVector(Operation *op, Value factor, MatrixType matrix, bool columns,
                              StringRef name, StringRef label) {
  auto type = dyn_cast<RankedTensorType>(factor.getType());
  if (!type || type.getRank() != matrix.getRank() - 1 || !type.getElementType().isF32())
    return op->emitOpError("`") << name << "` is " << factor.getType()
                                << ", expected an f32 tensor of rank " << matrix.getRank() - 1
                                << " (" << label << ")";
  int64_t rank = matrix.getRank(), rows = rowDim(rank);
  for (int64_t i = 0; i < type.getRank(); ++i) {
    int64_t expected = i == rows ? (columns ? matrix.getNumColumns() : matrix.getNumRows())
                                 : matrix.getDimSize(i > rows ? i - 1 : i);
    if (failed(mergeSizes(type.getDimSize(i), expected, false)) &&
        (i == rows || type.getDimSize(i) != 1))
      return op->emitOpError("`") << name << "` has size " << type.getDimSize(i) << " in dim " << i
                                  << ", expected " << expected << " (" << label << ")";
  }
  return success();
}

LogicalResult verifyHeadVector(Operation *op, Value factor, MatrixType matrix, StringRef label) {
  auto type = dyn_cast<RankedTensorType>(factor.getType());
  if (!type || type.getRank() != 1 || !type.getElementType().isF32())
    return op->emitOpError("`heads` is ")
           << factor.getType() << ", expected an f32 tensor of rank 1 (" << label << ")";
  if (matrix.getRank() < 3)
    return op->emitOpError("`heads` needs a matrix with heads, got rank 2 (") << label << ")";
  if (type.getDimSize(0) != 1 &&
      failed(mergeSizes(type.getDimSize(0), matrix.getNumHeads(), false)))
    return op->emitOpError("`heads` has ") << type.getDimSize(0) << " elements, expected "
                                           << matrix.getNumHeads() << " (" << label << ")";
  return success();
}

LogicalResult verifySizes(Operation *op, ShapedType type, ValueRange sizes, StringRef label) {
  if (static_cast<int64_t>(sizes.size()) == static_cast<int64_t>(type.getNumDynamicDims()))
    return success();
  return op->emitOpError("has ") << sizes.size() << " sizes, expected " << type.getNumDynamicDims()
                                 << ", one for each dynamic dimension (" << label << ")";
}

LogicalResult verifyMask(Operation *op, MatrixType matrix, MaskKind kind, Value mask,
                         StringRef typeLabel, StringRef shapeLabel) {
  bool isSegments = kind == MaskKind::Segments, isKeyMask = kind == MaskKind::KeyMask;
  StringRef name = stringifyMaskKind(kind);
  if ((isSegments || isKeyMask) != static_cast<bool>(mask))
    return op->emitOpError("`") << name << "` takes " << (mask ? "no" : "one") << " tensor ("
                                << typeLabel << ")";
  if (!isKeyMask && failed(mergeSizes(matrix.getNumRows(), matrix.getNumColumns(), false)))
    return op->emitOpError("`") << name << "` is on " << matrix.getNumRows() << " rows and "
                                << matrix.getNumColumns() << " columns, expected a square matrix ("
                                << shapeLabel << ")";
  if (!mask)
    return success();
  auto type = cast<RankedTensorType>(mask.getType());
  if (isSegments) {
    if (type.getRank() != 1 || !type.getElementType().isSignlessInteger(64) ||
        type.getDimSize(0) == 0)
      return op->emitOpError("`segments` is ")
             << type << ", expected i64 of rank 1, one more than segments (" << typeLabel << ")";
    return success();
  }
  int64_t rank = std::max<int64_t>(matrix.getRank() - 2, 1);
  Type element = type.getElementType();
  if (type.getRank() != rank || !(element.isSignlessInteger(8) || element.isSignlessInteger(1)))
    return op->emitOpError("`key_mask` is ")
           << type << ", expected i8 or i1 of rank " << rank << " (" << typeLabel << ")";
  for (int64_t i = 0; i < rank; ++i) {
    int64_t size = type.getDimSize(i),
            expected = i == rank - 1 ? matrix.getNumColumns() : matrix.getDimSize(i);
    if (failed(mergeSizes(size, expected, false)) && (i == rank - 1 || size != 1))
      return op->emitOpError("`key_mask` has size ")
             << size << " in dim " << i << ", expected " << expected << " (" << shapeLabel << ")";
  }
  return success();
}

bool mayRepeatEdges(Value matrix) {
  SmallVector<Value> pending{matrix};
  llvm::SmallPtrSet<Operation *, 8> visited;
  while (!pending.empty()) {
    Operation *op = pending.pop_back_val().getDefiningOp();
    // The entries of a product of matrices are sums anyway.
    if (!isa_and_present<MatrixOpInterface>(op) || isa<ComposeOp>(op) || !visited.insert(op).second)
      continue;
    if (auto adjacency = dyn_cast<AdjacencyOp>(op); adjacency && !adjacency.getUnique())
      return true;
    llvm::copy_if(op->getOperands(), std::back_inserter(pending),
                  [](Value operand) { return isa<MatrixType>(operand.getType()); });
  }
  return false;
}

DimSource sizedDimSource(ShapedType type, ValueRange sizes, int64_t dim) {
  if (!type.isDynamicDim(dim))
    return DimSource::of(
        OpFoldResult(Builder(type.getContext()).getIndexAttr(type.getDimSize(dim))));
  return DimSource::of(OpFoldResult(sizes[type.getDynamicDimIndex(dim)]));
}

SmallVector<OpFoldResult> applySizes(OpBuilder &b, Location loc, Value matrix, Value v,
                                     bool transposed) {
  int64_t rank = rankOf(matrix);
  SmallVector<OpFoldResult> sizes;
  for (int64_t i = 0; i < rank - 3; ++i)
    sizes.push_back(broadcastSize(b, loc, matrix, i, v, i));
  sizes.push_back(mixedSizes(b, loc, matrix)[transposed ? rank - 1 : rank - 2]);
  if (rank > 2)
    sizes.push_back(broadcastSize(b, loc, matrix, rank - 3, v, rank - 2));
  sizes.push_back(mixedSizes(b, loc, v).back());
  return sizes;
}

SmallVector<OpFoldResult> rowSumSizes(OpBuilder &b, Location loc, Value matrix, bool transposed) {
  SmallVector<OpFoldResult> all = mixedSizes(b, loc, matrix), sizes;
  int64_t rank = all.size();
  for (int64_t i = 0; i < rank - 3; ++i)
    sizes.push_back(all[i]);
  sizes.push_back(all[transposed ? rank - 1 : rank - 2]);
  if (rank > 2)
    sizes.push_back(all[rank - 3]);
  return sizes;
}

Value initFor(SinkBuilder &sinks, Value matrix, const SinkRequest &request) {
  if (request.init)
    return request.init;
  return buildFilled(sinks.b, sinks.loc,
                     request.v
                         ? applySizes(sinks.b, sinks.loc, matrix, request.v, request.transposed)
                         : rowSumSizes(sinks.b, sinks.loc, matrix, request.transposed));
}

MatrixType slicedType(MatrixType type) {
  SmallVector<int64_t> shape(type.getShape());
  shape[shape.size() - 1] = shape[shape.size() - 2] = ShapedType::kDynamic;
  return MatrixType::get(type.getContext(), shape, type.getElementType());
}

Value insertUnitDim(OpBuilder &b, Location loc, Value v, int64_t at) {
  auto type = cast<RankedTensorType>(v.getType());
  int64_t rank = type.getRank();
  SmallVector<int64_t> shape(type.getShape());
  shape.insert(shape.begin() + at, 1);
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, v);
  sizes.insert(sizes.begin() + at, b.getIndexAttr(1));
  // The new dimension joins its left neighbour (its right one where it comes first).
  SmallVector<ReassociationIndices> groups;
  for (int64_t i = 0, position = 0; i < rank; ++i) {
    ReassociationIndices group;
    if (at == 0 && i == 0)
      group.push_back(position++);
    group.push_back(position++);
    if (at > 0 && i == at - 1)
      group.push_back(position++);
    groups.push_back(group);
  }
  return tensor::ExpandShapeOp::create(b, loc, RankedTensorType::get(shape, type.getElementType()),
                                       v, groups, sizes);
}

Value removeUnitDim(OpBuilder &b, Location loc, Value v, int64_t at) {
  int64_t rank = rankOf(v);
  SmallVector<ReassociationIndices> groups;
  for (int64_t i = 0; i < rank; ++i) {
    bool joinsLeft = at > 0 ? i == at : i == 1;
    if (joinsLeft)
      groups.back().push_back(i);
    else
      groups.push_back({i});
  }
  return tensor::CollapseShapeOp::create(b, loc, v, groups);
}

Value withUnitWidth(SinkBuilder &sinks, Value vector) {
  return insertUnitDim(sinks.b, sinks.loc, vector, rankOf(vector));
}

Value withoutUnitWidth(SinkBuilder &sinks, Value tensor) {
  return removeUnitDim(sinks.b, sinks.loc, tensor, rankOf(tensor) - 1);
}

Value mulScalar(SinkBuilder &sinks, Value tensor, Value scalar) {
  if (!scalar)
    return tensor;
  SmallVector<int64_t> loops(llvm::to_vector(llvm::seq<int64_t>(0, rankOf(tensor))));
  Value out =
      buildEmpty(sinks.b, sinks.loc, mixedSizes(sinks.b, sinks.loc, tensor), sinks.b.getF32Type());
  return buildGeneric(sinks.b, sinks.loc, {{tensor, loops}}, {out, loops},
                      [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
                        return arith::MulFOp::create(b, loc, args[0], scalar);
                      });
}

Value scaleRows(SinkBuilder &sinks, Value x, Value factor, Value init, bool divide, bool hasWidth,
                Value matrix) {
  int64_t rank = rankOf(matrix);
  auto operand = [&](Value v, bool isOutput) {
    return hasWidth ? rowTensor(v, RowLoop, WidthLoop, isOutput)
                    : rowVector(v, rank, RowLoop, isOutput);
  };
  LoopOperand by = rankOf(factor) == 1 && rank > 2 ? LoopOperand{factor, {HeadLoop}}
                                                   : rowVector(factor, rank, RowLoop);
  if (rankOf(factor) == 1 && rank > 2 && cast<ShapedType>(factor.getType()).getDimSize(0) == 1)
    by.loops[0] = ~HeadLoop;
  Value out = init;
  if (!out) {
    SmallVector<OpFoldResult> sizes = mixedSizes(sinks.b, sinks.loc, x);
    // A factor with heads widens a result without.
    int64_t heads = rank - 2;
    if (rank > 2)
      sizes[heads] = broadcastSize(sinks.b, sinks.loc, x, heads, factor, rankOf(factor) - 1);
    out = buildEmpty(sinks.b, sinks.loc, sizes, sinks.b.getF32Type());
  }
  return buildGeneric(
      sinks.b, sinks.loc, {operand(x, false), by}, operand(out, true),
      [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
        Value scaled = divide ? arith::DivFOp::create(b, loc, args[0], args[1]).getResult()
                              : arith::MulFOp::create(b, loc, args[0], args[1]).getResult();
        return init ? arith::AddFOp::create(b, loc, args[2], scaled).getResult() : scaled;
      });
}

Value scaleValues(SinkBuilder &sinks, Value v, Value factor) {
  int64_t rank = rankOf(v);
  SmallVector<OpFoldResult> sizes = mixedSizes(sinks.b, sinks.loc, v);
  for (int64_t i = 0; i < rank - 1; ++i)
    if (i != rowDim(rank))
      sizes[i] = broadcastSize(sinks.b, sinks.loc, v, i, factor, i);
  Value out = buildEmpty(sinks.b, sinks.loc, sizes, sinks.b.getF32Type());
  return buildGeneric(sinks.b, sinks.loc,
                      {rowTensor(v, RowLoop, WidthLoop), rowVector(factor, rank, RowLoop)},
                      rowTensor(out, RowLoop, WidthLoop, true),
                      [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
                        return arith::MulFOp::create(b, loc, args[0], args[1]);
                      });
}

} // namespace attune::attn::detail
