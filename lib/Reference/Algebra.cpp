// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// attn.add, hadamard, scale, transpose, compose and the three normalisations, entry by entry:
//   add        a + b of those present       hadamard   a b where both are
//   compose    sum_k a_ik b_kj over the k where both are
//   normalize_symmetric   a_ij / (sqrt(s_i) sqrt(s_j)), s = row sums

#include "attune/Dialect/Attn/Algebra.h"
#include "Planes.h"

#include <cmath>

using namespace mlir;

namespace attune::reference {

/// Calls `combine(out, lhs entry, rhs entry)` for each entry of the broadcast result.
static FailureOr<Matrix> combineEntries(Operation *op, Frame &frame,
                                        void (*combine)(Matrix &, int64_t, const Matrix &, int64_t,
                                                        const Matrix &, int64_t)) {
  const Matrix &lhs = frame.matrix(op->getOperand(0)), &rhs = frame.matrix(op->getOperand(1));
  if (lhs.rows() != rhs.rows() || lhs.columns() != rhs.columns())
    return frame.fail(op, "matrices of shapes " + shapeText(lhs.shape) + " and " +
                              shapeText(rhs.shape) + " do not go together");
  FailureOr<Shape> outer = broadcast(op, frame, lhs.outer(), rhs.outer());
  if (failed(outer))
    return failure();
  Matrix out = Matrix::absent(matrixShape(*outer, lhs.rows(), lhs.columns()));
  std::vector<int64_t> left = planeMap(lhs.outer(), *outer), right = planeMap(rhs.outer(), *outer);
  int64_t size = lhs.rows() * lhs.columns();
  for (size_t plane = 0; plane < left.size(); ++plane)
    for (int64_t e = 0; e < size; ++e)
      combine(out, plane * size + e, lhs, left[plane] * size + e, rhs, right[plane] * size + e);
  return out;
}

static LogicalResult evaluateAdd(Operation *op, Frame &frame) {
  FailureOr<Matrix> out = combineEntries(
      op, frame,
      [](Matrix &out, int64_t e, const Matrix &lhs, int64_t l, const Matrix &rhs, int64_t r) {
        out.present[e] = lhs.present[l] | rhs.present[r];
        out.values[e] = (lhs.present[l] ? lhs.values[l] : 0) + (rhs.present[r] ? rhs.values[r] : 0);
      });
  if (failed(out))
    return failure();
  frame.set(op->getResult(0), std::move(*out));
  return success();
}

static LogicalResult evaluateHadamard(Operation *op, Frame &frame) {
  FailureOr<Matrix> out = combineEntries(
      op, frame,
      [](Matrix &out, int64_t e, const Matrix &lhs, int64_t l, const Matrix &rhs, int64_t r) {
        out.present[e] = lhs.present[l] & rhs.present[r];
        out.values[e] = lhs.values[l] * rhs.values[r];
      });
  if (failed(out))
    return failure();
  frame.set(op->getResult(0), std::move(*out));
  return success();
}

static LogicalResult evaluateScale(Operation *op, Frame &frame) {
  attn::ScaleOp scale = cast<attn::ScaleOp>(op);
  double scalar = scale.getScalar() ? frame.number(scale.getScalar()) : 1;
  Matrix matrix = frame.takeMatrix(op, scale.getInput());
  Shape outer = matrix.outer();
  int64_t rows = matrix.rows(), columns = matrix.columns(), planes = matrix.planes();
  int64_t headCount = outer.empty() ? 1 : outer.back();

  const Tensor *rowFactors = nullptr, *columnFactors = nullptr, *headFactors = nullptr;
  RowAccess rowAccess, columnAccess;
  auto access = [&](StringRef name, Value value, int64_t size, const Tensor *&tensor,
                    RowAccess &access) -> LogicalResult {
    tensor = &frame.tensor(value);
    FailureOr<RowAccess> found = accessRows(op, frame, name, *tensor, outer, size, false);
    if (succeeded(found))
      access = std::move(*found);
    return found;
  };
  if (scale.getRows() && failed(access("rows", scale.getRows(), rows, rowFactors, rowAccess)))
    return failure();
  if (scale.getCols() &&
      failed(access("cols", scale.getCols(), columns, columnFactors, columnAccess)))
    return failure();
  if (scale.getHeads()) {
    headFactors = &frame.tensor(scale.getHeads());
    if (headFactors->elements() != 1 && headFactors->elements() != headCount)
      return frame.fail(op, "`heads` has shape " + shapeText(headFactors->shape) + ", expected [" +
                                Twine(headCount) + "]");
  }

  for (int64_t plane = 0; plane < planes; ++plane) {
    double ofHead = scalar;
    if (headFactors)
      ofHead *= headFactors->f[headFactors->elements() == 1 ? 0 : plane % headCount];
    for (int64_t i = 0; i < rows; ++i) {
      double ofRow = rowFactors ? rowFactors->f[rowAccess.at(plane, i)] : 1;
      double *entries = matrix.values.data() + (plane * rows + i) * columns;
      for (int64_t j = 0; j < columns; ++j) {
        entries[j] *= ofHead * ofRow;
        if (columnFactors)
          entries[j] *= columnFactors->f[columnAccess.at(plane, j)];
      }
    }
  }
  frame.set(scale.getResult(), std::move(matrix));
  return success();
}

static LogicalResult evaluateTranspose(Operation *op, Frame &frame) {
  const Matrix &in = frame.matrix(op->getOperand(0));
  int64_t rows = in.rows(), columns = in.columns();
  Matrix out = Matrix::absent(matrixShape(in.outer(), columns, rows));
  for (int64_t plane = 0, planes = in.planes(); plane < planes; ++plane) {
    int64_t base = plane * rows * columns;
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns; ++j) {
        out.values[base + j * rows + i] = in.values[base + i * columns + j];
        out.present[base + j * rows + i] = in.present[base + i * columns + j];
      }
    }
  }
  frame.set(op->getResult(0), std::move(out));
  return success();
}

static LogicalResult evaluateCompose(Operation *op, Frame &frame) {
  const Matrix &lhs = frame.matrix(op->getOperand(0)), &rhs = frame.matrix(op->getOperand(1));
  if (lhs.columns() != rhs.rows())
    return frame.fail(op, "matrices of shapes " + shapeText(lhs.shape) + " and " +
                              shapeText(rhs.shape) + " do not go together");
  FailureOr<Shape> outer = broadcast(op, frame, lhs.outer(), rhs.outer());
  if (failed(outer))
    return failure();
  int64_t rows = lhs.rows(), inner = lhs.columns(), columns = rhs.columns();
  Matrix out = Matrix::absent(matrixShape(*outer, rows, columns));
  std::vector<int64_t> left = planeMap(lhs.outer(), *outer), right = planeMap(rhs.outer(), *outer);
  for (size_t plane = 0; plane < left.size(); ++plane) {
    for (int64_t i = 0; i < rows; ++i) {
      int64_t target = (plane * rows + i) * columns;
      for (int64_t k = 0; k < inner; ++k) {
        int64_t l = (left[plane] * rows + i) * inner + k, r = (right[plane] * inner + k) * columns;
        if (!lhs.present[l])
          continue;
        for (int64_t j = 0; j < columns; ++j) {
          if (!rhs.present[r + j])
            continue;
          out.values[target + j] += lhs.values[l] * rhs.values[r + j];
          out.present[target + j] = 1;
        }
      }
    }
  }
  frame.set(op->getResult(0), std::move(out));
  return success();
}

static LogicalResult evaluateNormalizeRows(Operation *op, Frame &frame) {
  Matrix matrix = frame.takeMatrix(op, op->getOperand(0));
  normalizeRows(matrix);
  frame.set(op->getResult(0), std::move(matrix));
  return success();
}

static LogicalResult evaluateSoftmax(Operation *op, Frame &frame) {
  Matrix matrix = frame.takeMatrix(op, op->getOperand(0));
  softmaxRows(matrix);
  frame.set(op->getResult(0), std::move(matrix));
  return success();
}

static LogicalResult evaluateNormalizeSymmetric(Operation *op, Frame &frame) {
  Matrix matrix = frame.takeMatrix(op, op->getOperand(0));
  int64_t size = matrix.rows();
  if (size != matrix.columns())
    return frame.fail(op, "a matrix of shape " + shapeText(matrix.shape) +
                              ", expected as many rows as columns");
  std::vector<double> sums = sumRows(matrix);
  for (int64_t plane = 0, planes = matrix.planes(); plane < planes; ++plane)
    for (int64_t i = 0; i < size; ++i)
      for (int64_t j = 0; j < size; ++j)
        matrix.values[(plane * size + i) * size + j] /=
            std::sqrt(sums[plane * size + i]) * std::sqrt(sums[plane * size + j]);
  frame.set(op->getResult(0), std::move(matrix));
  return success();
}

void registerAlgebra(Registry &registry) {
  registry.add("attn.add", evaluateAdd);
  registry.add("attn.hadamard", evaluateHadamard);
  registry.add("attn.scale", evaluateScale);
  registry.add("attn.transpose", evaluateTranspose);
  registry.add("attn.compose", evaluateCompose);
  registry.add("attn.normalize_rows", evaluateNormalizeRows);
  registry.add("attn.softmax", evaluateSoftmax);
  registry.add("attn.normalize_symmetric", evaluateNormalizeSymmetric);
}

} // namespace attune::reference
