// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the op families share: where rows, heads and widths stand in tensors and matrices, type
// inference with a broadcasting static 1, and the linalg operands of row tensors.
#ifndef ATTUNE_DIALECT_ATTN_ROWLAYOUT_H
#define ATTUNE_DIALECT_ATTN_ROWLAYOUT_H

#include "attune/Dialect/Attn/AttnBase.h"

namespace attune::attn::detail {

/// Position of the rows in a row tensor [B.., N, H, width] ([N, width] for rank 2).
inline int64_t rowDim(int64_t rank) { return rank < 3 ? 0 : rank - 3; }
/// Row tensors have the rank of the matrix they go with, row vectors one less.
inline int64_t rankOf(mlir::Value v) { return llvm::cast<mlir::ShapedType>(v.getType()).getRank(); }
/// Loop numbers for buildGeneric; batch dimension i walks loop i.
enum Loop : int64_t { HeadLoop = 100, RowLoop, ColumnLoop, WidthLoop, KeyLoop };

/// A row tensor [B.., rows, H, width], a row vector [B.., rows, H], a table [B.., H, a, b] and a
/// vector [B.., H, a] as linalg operands. A static 1 in batch or heads of an input is pinned
/// (broadcast).
LoopOperand rowTensor(mlir::Value v, int64_t rows, int64_t width, bool isOutput = false);
LoopOperand rowVector(mlir::Value v, int64_t matrixRank, int64_t rows, bool isOutput = false);
LoopOperand headTable(mlir::Value v, int64_t first, int64_t second, bool isOutput = false);
LoopOperand headVector(mlir::Value v, int64_t matrixRank, int64_t width, bool isOutput = false);

/// Sizes where `a` and `c` meet in a broadcasting dimension.
mlir::OpFoldResult broadcastSize(mlir::OpBuilder &b, mlir::Location loc, mlir::Value a,
                                 int64_t dimA, mlir::Value c, int64_t dimC);
/// Static size of two that must agree: fails on a mismatch, `broadcast` lets a static 1 give way.
mlir::FailureOr<int64_t> mergeSizes(int64_t a, int64_t c, bool broadcast);
/// Source of a broadcasting dimension.
DimSource broadcastSource(mlir::Value a, int64_t dimA, mlir::Value c, int64_t dimC);

/// Shape of a matrix whose rows come from `rows` and columns from `columns` (row tensors).
mlir::FailureOr<llvm::SmallVector<int64_t>>
pairShape(std::optional<mlir::Location> loc, mlir::RankedTensorType rows,
          mlir::RankedTensorType columns, llvm::StringRef rowName, llvm::StringRef columnName);
DimSource pairDimSource(mlir::Value rows, mlir::Value columns, int64_t dim);
/// MatrixFacts of a matrix of all pairs.
MatrixFacts pairFacts(mlir::Value matrix);

/// Result shape of two matrices that meet entry by entry.
mlir::FailureOr<llvm::SmallVector<int64_t>> entrywiseShape(std::optional<mlir::Location> loc,
                                                           MatrixType lhs, MatrixType rhs);
DimSource entrywiseDimSource(mlir::Value a, mlir::Value c, int64_t dim);

/// Checks that `factor` is [B.., n, H] for the rows (or columns) of `matrix`.
mlir::LogicalResult verifyRowVector(mlir::Operation *op, mlir::Value factor, MatrixType matrix,
                                    bool columns, llvm::StringRef name, llvm::StringRef label);
mlir::LogicalResult verifyHeadVector(mlir::Operation *op, mlir::Value factor, MatrixType matrix,
                                     llvm::StringRef label);
mlir::LogicalResult verifySizes(mlir::Operation *op, mlir::ShapedType type, mlir::ValueRange sizes,
                                llvm::StringRef label);
/// Source of a dimension of an op with one `sizes` operand for each dynamic dimension.
DimSource sizedDimSource(mlir::ShapedType type, mlir::ValueRange sizes, int64_t dim);
/// Checks the tensor of a mask (null for none) on `matrix`: `typeLabel` stands for its kind and
/// type, `shapeLabel` for its shape.
mlir::LogicalResult verifyMask(mlir::Operation *op, MatrixType matrix, MaskKind kind,
                               mlir::Value mask, llvm::StringRef typeLabel,
                               llvm::StringRef shapeLabel);
/// Whether an entry of `matrix` may be the sum of several edges of a CSR matrix without `unique`.
/// Unlike `factsOf` it also holds for IR that is not verified yet.
bool mayRepeatEdges(mlir::Value matrix);

/// Sizes of A V: rows of the matrix (columns where transposed), heads and batch broadcast, width of
/// v.
llvm::SmallVector<mlir::OpFoldResult> applySizes(mlir::OpBuilder &b, mlir::Location loc,
                                                 mlir::Value matrix, mlir::Value v,
                                                 bool transposed);
/// Sizes of the row sums (column sums where transposed).
llvm::SmallVector<mlir::OpFoldResult> rowSumSizes(mlir::OpBuilder &b, mlir::Location loc,
                                                  mlir::Value matrix, bool transposed);
/// `request.init`, or zeros of the result's size.
mlir::Value initFor(SinkBuilder &sinks, mlir::Value matrix, const SinkRequest &request);

/// The type of `type` with dynamic rows and columns: what a slice has.
MatrixType slicedType(MatrixType type);
/// Inserts a static 1 in front of dimension `at` (or at the end), and removes it, as reshapes.
mlir::Value insertUnitDim(mlir::OpBuilder &b, mlir::Location loc, mlir::Value v, int64_t at);
mlir::Value removeUnitDim(mlir::OpBuilder &b, mlir::Location loc, mlir::Value v, int64_t at);
/// A row vector as a row tensor of width 1, and back (reshapes).
mlir::Value withUnitWidth(SinkBuilder &sinks, mlir::Value vector);
mlir::Value withoutUnitWidth(SinkBuilder &sinks, mlir::Value tensor);
/// Every element times `scalar`; the tensor itself where there is no scalar.
mlir::Value mulScalar(SinkBuilder &sinks, mlir::Value tensor, mlir::Value scalar);
/// out = init + factor * x (or factor * x), with the factor indexed by row and head.
mlir::Value scaleRows(SinkBuilder &sinks, mlir::Value x, mlir::Value factor, mlir::Value init,
                      bool divide, bool hasWidth, mlir::Value matrix);
/// factor[j, h] * v[j, h, e]; a factor with more heads than v widens it.
mlir::Value scaleValues(SinkBuilder &sinks, mlir::Value v, mlir::Value factor);

} // namespace attune::attn::detail

#endif
