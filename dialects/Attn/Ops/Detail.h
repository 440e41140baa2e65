// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the op families share: where rows, heads and widths stand in tensors and matrices, type
// inference with a broadcasting static 1, and the linalg operands of row tensors.
#ifndef ATTUNE_DIALECTS_ATTN_OPS_DETAIL_H
#define ATTUNE_DIALECTS_ATTN_OPS_DETAIL_H

#include "dialects/Attn/Attn.h"

namespace attune::attn::detail {

using namespace mlir;

/// Position of the rows in a row tensor [B.., N, H, width] ([N, width] for rank 2).
inline int64_t rowDim(int64_t rank) { return rank < 3 ? 0 : rank - 3; }
/// Row tensors have the rank of the matrix they go with, row vectors one less.
inline int64_t rankOf(Value v) { return cast<ShapedType>(v.getType()).getRank(); }
/// Loop numbers for buildGeneric; batch dimension i walks loop i.
enum Loop : int64_t { HeadLoop = 100, RowLoop, ColumnLoop, WidthLoop, KeyLoop };

/// A row tensor [B.., rows, H, width], a row vector [B.., rows, H], a table [B.., H, a, b] and a
/// vector [B.., H, a] as linalg operands. A static 1 in batch or heads of an input is pinned
/// (broadcast).
Mapped rowTensor(Value v, int64_t rows, int64_t width, bool isOutput = false);
Mapped rowVector(Value v, int64_t matrixRank, int64_t rows, bool isOutput = false);
Mapped headTable(Value v, int64_t first, int64_t second, bool isOutput = false);
Mapped headVector(Value v, int64_t matrixRank, int64_t width, bool isOutput = false);

/// Sizes where `a` and `c` meet in a broadcasting dimension.
OpFoldResult broadcastSize(OpBuilder &b, Location loc, Value a, int64_t dimA, Value c,
                           int64_t dimC);
/// Static size of two that must agree: fails on a mismatch, `broadcast` lets a static 1 give way.
FailureOr<int64_t> mergeSizes(int64_t a, int64_t c, bool broadcast);
/// Source of a broadcasting dimension.
DimSource broadcastSource(Value a, int64_t dimA, Value c, int64_t dimC);

/// Shape of a matrix whose rows come from `rows` and columns from `columns` (row tensors).
FailureOr<SmallVector<int64_t>> pairShape(std::optional<Location> loc, RankedTensorType rows,
                                          RankedTensorType columns, StringRef rowName,
                                          StringRef columnName);
DimSource pairDimSource(Value rows, Value columns, int64_t dim);
/// Facts of a matrix of all pairs: sizes, heads times batch, and the number of pairs.
Facts pairFacts(Value matrix);

/// Result shape of two matrices that meet entry by entry.
FailureOr<SmallVector<int64_t>> entrywiseShape(std::optional<Location> loc, MatrixType lhs,
                                               MatrixType rhs);
DimSource entrywiseDimSource(Value a, Value c, int64_t dim);

/// Checks that `factor` is [B.., n, H] for the rows (or columns) of `matrix`.
LogicalResult verifyRowVector(Operation *op, Value factor, MatrixType matrix, bool columns,
                              StringRef name, StringRef label);
LogicalResult verifyHeadVector(Operation *op, Value factor, MatrixType matrix, StringRef label);
LogicalResult verifySizes(Operation *op, ShapedType type, ValueRange sizes, StringRef label);
/// Source of a dimension of an op with one `sizes` operand for each dynamic dimension.
DimSource sizedDimSource(ShapedType type, ValueRange sizes, int64_t dim);
/// Checks the tensor of a mask (null for none) on `matrix`: `typeLabel` stands for its kind and
/// type, `shapeLabel` for its shape.
LogicalResult verifyMask(Operation *op, MatrixType matrix, MaskKind kind, Value mask,
                         StringRef typeLabel, StringRef shapeLabel);
/// Whether an entry of `matrix` may be the sum of several edges of a CSR matrix without `unique`.
/// Unlike `analyze` it also holds for IR that is not verified yet.
bool mayRepeatEdges(Value matrix);

/// Sizes of A V: rows of the matrix (columns where transposed), heads and batch broadcast, width of
/// v.
SmallVector<OpFoldResult> applySizes(OpBuilder &b, Location loc, Value matrix, Value v,
                                     bool transposed);
/// Sizes of the row sums (column sums where transposed).
SmallVector<OpFoldResult> rowSumSizes(OpBuilder &b, Location loc, Value matrix, bool transposed);
/// `request.init`, or zeros of the result's size.
Value initFor(SinkBuilder &sinks, Value matrix, const SinkRequest &request);

/// The type of `type` with dynamic rows and columns: what a slice has.
MatrixType slicedType(MatrixType type);
/// Inserts a static 1 in front of dimension `at` (or at the end), and removes it, as reshapes.
Value insertUnitDim(OpBuilder &b, Location loc, Value v, int64_t at);
Value removeUnitDim(OpBuilder &b, Location loc, Value v, int64_t at);
/// A row vector as a row tensor of width 1, and back (reshapes).
Value withUnitWidth(SinkBuilder &sinks, Value vector);
Value withoutUnitWidth(SinkBuilder &sinks, Value tensor);
/// Every element times `scalar`; the tensor itself where there is no scalar.
Value mulScalar(SinkBuilder &sinks, Value tensor, Value scalar);
/// out = init + factor * x (or factor * x), with the factor indexed by row and head.
Value scaleRows(SinkBuilder &sinks, Value x, Value factor, Value init, bool divide, bool hasWidth,
                Value matrix);
/// factor[j, h] * v[j, h, e]; a factor with more heads than v widens it.
Value scaleValues(SinkBuilder &sinks, Value v, Value factor);

} // namespace attune::attn::detail

#endif
