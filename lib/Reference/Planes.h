// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How matrices [B.., H, N, M] and row tensors [B.., N, H, width] line up, and the arithmetic of
// matrices that several ops share.
#ifndef ATTUNE_LIB_REFERENCE_PLANES_H
#define ATTUNE_LIB_REFERENCE_PLANES_H

#include "Frame.h"

namespace attune::reference {

/// Sizes of batch and heads [B.., H] of two operands; a 1 gives way. Fails with a message of `op`.
mlir::FailureOr<Shape> broadcast(mlir::Operation *op, Frame &frame, const Shape &a, const Shape &b);

/// For each plane of `outer` the plane of an operand whose batch and heads are `operandOuter`.
std::vector<int64_t> planeMap(const Shape &operandOuter, const Shape &outer);

/// Walks a row tensor [B.., N, H, width] plane by plane: element (i, w) of plane p stands at
/// base[p] + i * stride + w.
struct RowAccess {
  std::vector<int64_t> base;
  int64_t rows = 0, stride = 0, width = 1;
  int64_t at(int64_t plane, int64_t row) const { return base[plane] + row * stride; }
};

/// [B.., H] of a row tensor; `hasWidth` says whether its last dimension is a width.
Shape outerOf(const Tensor &tensor, bool hasWidth, bool hasHeads);

/// Fails where the tensor does not line up with [B.., H] `outer` (a 1 broadcasts) or has not `rows`
/// rows.
mlir::FailureOr<RowAccess> accessRows(mlir::Operation *op, Frame &frame, llvm::StringRef name,
                                      const Tensor &tensor, const Shape &outer, int64_t rows,
                                      bool hasWidth);

/// Shape of a row tensor with batch and heads `outer`.
Shape rowShape(const Shape &outer, int64_t rows, int64_t width, bool hasWidth);
/// [B.., H, N, M].
Shape matrixShape(const Shape &outer, int64_t rows, int64_t columns);

/// q_i . k_j, or |q_i - k_j|^2.
mlir::FailureOr<Matrix> pairwise(mlir::Operation *op, Frame &frame, const Tensor &q,
                                 const Tensor &k, bool distance);
/// Absent where `keep(plane, i, j)` is false.
void restrictEntries(Matrix &matrix, llvm::function_ref<bool(int64_t, int64_t, int64_t)> keep);
void restrictToSegments(Matrix &matrix, const Tensor &offsets);
void restrictToCausal(Matrix &matrix);
mlir::LogicalResult restrictToKeys(mlir::Operation *op, Frame &frame, Matrix &matrix,
                                   const Tensor &mask);
/// Sums over present entries, plane by plane.
std::vector<double> sumRows(const Matrix &matrix);
void normalizeRows(Matrix &matrix);
void softmaxRows(Matrix &matrix);
/// out += A v; `out` and `v` are row tensors with a width.
mlir::LogicalResult applyMatrix(mlir::Operation *op, Frame &frame, const Matrix &matrix,
                                const Tensor &v, Tensor &out);
/// Element `at` of a block that takes [start, end) of a table of blocks and has `pairs` elements; a
/// compact table is that of nn.hop_table.
double blockElement(const Tensor &table, bool compact, int64_t start, int64_t end, int64_t pairs,
                    int64_t at);
/// The zero tensor that A v is added to.
mlir::FailureOr<Tensor> zeroForApply(mlir::Operation *op, Frame &frame, const Matrix &matrix,
                                     const Tensor &v);

} // namespace attune::reference

#endif
