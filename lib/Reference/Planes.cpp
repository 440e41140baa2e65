// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loops over stored matrices. Absent entries are skipped everywhere: they are neither multiplied
// nor counted, so that nothing of a masked pair can reach a result.

#include "Planes.h"

#include <cmath>

using namespace mlir;

namespace attune::reference {

FailureOr<Shape> broadcast(Operation *op, Frame &frame, const Shape &a, const Shape &b) {
  if (a.size() != b.size())
    return frame.fail(op, "batch and heads " + shapeText(a) + " and " + shapeText(b) +
                              " have different ranks");
  Shape both(a.size());
  for (size_t d = 0; d < a.size(); ++d) {
    if (a[d] != b[d] && a[d] != 1 && b[d] != 1)
      return frame.fail(op, "batch and heads " + shapeText(a) + " and " + shapeText(b) + " differ");
    both[d] = a[d] == 1 ? b[d] : a[d];
  }
  return both;
}

std::vector<int64_t> planeMap(const Shape &operandOuter, const Shape &outer) {
  std::vector<int64_t> map(countElements(outer));
  for (int64_t plane = 0; plane < int64_t(map.size()); ++plane) {
    int64_t rest = plane, stride = 1, place = 0;
    for (size_t d = outer.size(); d-- > 0;) {
      if (operandOuter[d] != 1)
        place += rest % outer[d] * stride;
      stride *= operandOuter[d];
      rest /= outer[d];
    }
    map[plane] = place;
  }
  return map;
}

Shape outerOf(const Tensor &tensor, bool hasWidth, bool hasHeads) {
  Shape outer = tensor.shape;
  if (hasWidth)
    outer.pop_back();
  if (!hasHeads)
    return {};
  outer.erase(outer.end() - 2);
  return outer;
}

FailureOr<RowAccess> accessRows(Operation *op, Frame &frame, StringRef name, const Tensor &tensor,
                                const Shape &outer, int64_t rows, bool hasWidth) {
  Shape expected = rowShape(outer, rows, hasWidth ? tensor.shape.back() : 1, hasWidth);
  bool fits = tensor.shape.size() == expected.size();
  size_t rowDim = outer.empty() ? 0 : outer.size() - 1;
  for (size_t d = 0; fits && d < expected.size(); ++d)
    fits = tensor.shape[d] == expected[d] || (d != rowDim && tensor.shape[d] == 1);
  if (!fits)
    return frame.fail(op, "`" + name + "` has shape " + shapeText(tensor.shape) + ", expected " +
                              shapeText(expected));

  RowAccess access;
  access.rows = rows;
  access.width = hasWidth ? tensor.shape.back() : 1;
  Shape ownOuter = outerOf(tensor, hasWidth, !outer.empty());
  int64_t heads = outer.empty() ? 1 : ownOuter.back();
  access.stride = heads * access.width;
  for (int64_t plane : planeMap(ownOuter, outer))
    access.base.push_back(
        heads == 0 ? 0 : (plane / heads * rows * heads + plane % heads) * access.width);
  return access;
}

Shape rowShape(const Shape &outer, int64_t rows, int64_t width, bool hasWidth) {
  Shape shape = outer;
  shape.insert(outer.empty() ? shape.end() : shape.end() - 1, rows);
  if (hasWidth)
    shape.push_back(width);
  return shape;
}

Shape matrixShape(const Shape &outer, int64_t rows, int64_t columns) {
  Shape shape = outer;
  shape.push_back(rows);
  shape.push_back(columns);
  return shape;
}

FailureOr<Matrix> pairwise(Operation *op, Frame &frame, const Tensor &q, const Tensor &k,
                           bool distance) {
  bool hasHeads = q.shape.size() > 2;
  if (q.shape.size() != k.shape.size() || q.shape.back() != k.shape.back())
    return frame.fail(op, "`q` " + shapeText(q.shape) + " and `k` " + shapeText(k.shape) +
                              " do not go together");
  FailureOr<Shape> outer =
      broadcast(op, frame, outerOf(q, true, hasHeads), outerOf(k, true, hasHeads));
  if (failed(outer))
    return failure();
  size_t rowDim = q.shape.size() == 2 ? 0 : q.shape.size() - 3;
  int64_t rows = q.shape[rowDim], columns = k.shape[rowDim], width = q.shape.back();
  FailureOr<RowAccess> left = accessRows(op, frame, "q", q, *outer, rows, true);
  FailureOr<RowAccess> right = accessRows(op, frame, "k", k, *outer, columns, true);
  if (failed(left) || failed(right))
    return failure();

  Matrix matrix = Matrix::filled(matrixShape(*outer, rows, columns), 0);
  double *out = matrix.values.data();
  for (int64_t plane = 0, planes = matrix.planes(); plane < planes; ++plane) {
    for (int64_t i = 0; i < rows; ++i) {
      const double *a = q.f.data() + left->at(plane, i);
      for (int64_t j = 0; j < columns; ++j) {
        const double *b = k.f.data() + right->at(plane, j);
        double sum = 0;
        if (distance)
          for (int64_t d = 0; d < width; ++d)
            sum += (a[d] - b[d]) * (a[d] - b[d]);
        else
          for (int64_t d = 0; d < width; ++d)
            sum += a[d] * b[d];
        *out++ = sum;
      }
    }
  }
  return matrix;
}

void restrictEntries(Matrix &matrix, llvm::function_ref<bool(int64_t, int64_t, int64_t)> keep) {
  uint8_t *present = matrix.present.data();
  for (int64_t plane = 0, planes = matrix.planes(); plane < planes; ++plane)
    for (int64_t i = 0; i < matrix.rows(); ++i)
      for (int64_t j = 0; j < matrix.columns(); ++j, ++present)
        *present = *present && keep(plane, i, j);
}

void restrictToSegments(Matrix &matrix, const Tensor &offsets) {
  // The segment of each position; -1 outside of all.
  std::vector<int64_t> segment(std::max(matrix.rows(), matrix.columns()), -1);
  for (size_t g = 0; g + 1 < offsets.i.size(); ++g)
    for (int64_t i = std::max<int64_t>(offsets.i[g], 0);
         i < std::min<int64_t>(offsets.i[g + 1], segment.size()); ++i)
      segment[i] = g;
  restrictEntries(matrix, [&](int64_t, int64_t i, int64_t j) {
    return segment[i] >= 0 && segment[i] == segment[j];
  });
}

void restrictToCausal(Matrix &matrix) {
  restrictEntries(matrix, [](int64_t, int64_t i, int64_t j) { return j <= i; });
}

LogicalResult restrictToKeys(Operation *op, Frame &frame, Matrix &matrix, const Tensor &mask) {
  int64_t batches = mask.shape.size() > 1 ? mask.shape[0] : 1, columns = matrix.columns();
  bool perBatch = mask.shape.size() > 1;
  if (mask.shape.back() != columns || (perBatch && matrix.shape.size() < 4) ||
      (perBatch && batches != 1 && batches != matrix.shape[0]))
    return frame.fail(op, "key mask of shape " + shapeText(mask.shape) +
                              " does not cover a matrix of shape " + shapeText(matrix.shape));
  int64_t planesPerBatch =
      perBatch && batches > 1 ? matrix.planes() / batches : matrix.planes() + 1;
  restrictEntries(matrix, [&](int64_t plane, int64_t, int64_t j) {
    return mask.i[plane / planesPerBatch * columns + j] != 0;
  });
  return success();
}

std::vector<double> sumRows(const Matrix &matrix) {
  int64_t columns = matrix.columns();
  std::vector<double> sums(matrix.planes() * matrix.rows());
  for (size_t row = 0; row < sums.size(); ++row)
    for (int64_t e = row * columns, end = e + columns; e < end; ++e)
      if (matrix.present[e])
        sums[row] += matrix.values[e];
  return sums;
}

void normalizeRows(Matrix &matrix) {
  std::vector<double> sums = sumRows(matrix);
  int64_t columns = matrix.columns();
  for (size_t row = 0; row < sums.size(); ++row)
    for (int64_t e = row * columns, end = e + columns; e < end; ++e)
      matrix.values[e] /= sums[row];
}

void softmaxRows(Matrix &matrix) {
  int64_t columns = matrix.columns(), rows = matrix.planes() * matrix.rows();
  for (int64_t row = 0; row < rows; ++row) {
    double *values = matrix.values.data() + row * columns;
    const uint8_t *present = matrix.present.data() + row * columns;
    double largest = -INFINITY;
    for (int64_t j = 0; j < columns; ++j)
      if (present[j])
        largest = std::isnan(values[j]) || values[j] > largest ? values[j] : largest;
    double sum = 0;
    for (int64_t j = 0; j < columns; ++j)
      if (present[j])
        sum += values[j] = std::exp(values[j] - largest);
    for (int64_t j = 0; j < columns; ++j)
      values[j] /= sum;
  }
}

FailureOr<Tensor> zeroForApply(Operation *op, Frame &frame, const Matrix &matrix, const Tensor &v) {
  if (v.shape.size() != matrix.shape.size())
    return frame.fail(op, "`v` has shape " + shapeText(v.shape) + ", the matrix " +
                              shapeText(matrix.shape));
  FailureOr<Shape> outer =
      broadcast(op, frame, matrix.outer(), outerOf(v, true, matrix.shape.size() > 2));
  if (failed(outer))
    return failure();
  return Tensor::floats(rowShape(*outer, matrix.rows(), v.shape.back(), true));
}

LogicalResult applyMatrix(Operation *op, Frame &frame, const Matrix &matrix, const Tensor &v,
                          Tensor &out) {
  Shape outer = outerOf(out, true, matrix.shape.size() > 2);
  FailureOr<RowAccess> source = accessRows(op, frame, "v", v, outer, matrix.columns(), true);
  FailureOr<RowAccess> target = accessRows(op, frame, "init", out, outer, matrix.rows(), true);
  if (failed(source) || failed(target))
    return failure();
  if (source->width != target->width)
    return frame.fail(op, "`v` has " + Twine(source->width) + " columns, the result " +
                              Twine(target->width));
  std::vector<int64_t> planes = planeMap(matrix.outer(), outer);
  int64_t rows = matrix.rows(), columns = matrix.columns(), width = source->width;
  for (size_t plane = 0; plane < planes.size(); ++plane) {
    for (int64_t i = 0; i < rows; ++i) {
      int64_t entry = (planes[plane] * rows + i) * columns;
      double *to = out.f.data() + target->at(plane, i);
      for (int64_t j = 0; j < columns; ++j) {
        if (!matrix.present[entry + j])
          continue;
        double value = matrix.values[entry + j];
        const double *from = v.f.data() + source->at(plane, j);
        for (int64_t e = 0; e < width; ++e)
          to[e] += value * from[e];
      }
    }
  }
  return success();
}

} // namespace attune::reference
