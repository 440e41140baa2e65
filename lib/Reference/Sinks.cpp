// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tensors from matrices: attn.apply (A V + init), row_sums, materialize, dim; and attn.attention by
// its own definition, out = N(mask(f(s))) v, not through the algebra it decomposes to.

#include "attune/Dialect/Attn/Sinks.h"
#include "Planes.h"
#include "attune/Dialect/Attn/Algebra.h"
#include "attune/Dialect/Attn/SizeOps.h"
#include "attune/Dialect/Attn/Surface.h"

#include <cmath>

using namespace mlir;

namespace attune::reference {

static LogicalResult evaluateApply(Operation *op, Frame &frame) {
  attn::ApplyOp apply = cast<attn::ApplyOp>(op);
  const Matrix &matrix = frame.matrix(apply.getMatrix());
  const Tensor &v = frame.tensor(apply.getV());
  FailureOr<Tensor> zero = zeroForApply(op, frame, matrix, v);
  if (failed(zero))
    return failure();
  Tensor out = apply.getInit() ? frame.tensor(apply.getInit()) : *zero;
  if (out.shape != zero->shape)
    return frame.fail(op, "`init` has shape " + shapeText(out.shape) + ", expected " +
                              shapeText(zero->shape));
  if (failed(applyMatrix(op, frame, matrix, v, out)))
    return failure();
  frame.set(apply.getResult(), std::move(out));
  return success();
}

static LogicalResult evaluateRowSums(Operation *op, Frame &frame) {
  attn::RowSumsOp rowSums = cast<attn::RowSumsOp>(op);
  const Matrix &matrix = frame.matrix(rowSums.getMatrix());
  Shape outer = matrix.outer(), shape = rowShape(outer, matrix.rows(), 1, false);
  Tensor out = rowSums.getInit() ? frame.tensor(rowSums.getInit()) : Tensor::floats(shape);
  if (out.shape != shape)
    return frame.fail(op, "`init` has shape " + shapeText(out.shape) + ", expected " +
                              shapeText(shape));
  FailureOr<RowAccess> access = accessRows(op, frame, "init", out, outer, matrix.rows(), false);
  if (failed(access))
    return failure();
  std::vector<double> sums = sumRows(matrix);
  for (int64_t plane = 0, planes = matrix.planes(); plane < planes; ++plane)
    for (int64_t i = 0; i < matrix.rows(); ++i)
      out.f[access->at(plane, i)] += sums[plane * matrix.rows() + i];
  frame.set(rowSums.getResult(), std::move(out));
  return success();
}

static LogicalResult evaluateMaterialize(Operation *op, Frame &frame) {
  attn::MaterializeOp materialize = cast<attn::MaterializeOp>(op);
  Matrix matrix = frame.takeMatrix(op, materialize.getMatrix());
  for (size_t entry = 0; entry < matrix.values.size(); ++entry)
    if (!matrix.present[entry])
      matrix.values[entry] = 0;
  Tensor out;
  out.shape = std::move(matrix.shape);
  out.f = std::move(matrix.values);
  frame.set(materialize.getResult(), std::move(out));
  return success();
}

static LogicalResult evaluateDim(Operation *op, Frame &frame) {
  attn::DimOp dim = cast<attn::DimOp>(op);
  frame.set(dim.getResult(), Tensor::integer(frame.matrix(dim.getMatrix()).shape[dim.getDim()]));
  return success();
}

static LogicalResult evaluateDataSize(Operation *op, Frame &frame) {
  attn::DataSizeOp size = cast<attn::DataSizeOp>(op);
  frame.set(size.getResult(), Tensor::integer(frame.integer(size.getValue())));
  return success();
}

/// Planes of C and X that meet in each plane of the result.
struct Landmarks {
  Shape outer;
  std::vector<int64_t> left, right;
};

static FailureOr<Landmarks> meet(Operation *op, Frame &frame, const Matrix &c, const Tensor &x) {
  int64_t m = c.columns();
  size_t rank = x.shape.size();
  if (x.shape[rank - 2] != m || x.shape[rank - 1] != m)
    return frame.fail(op,
                      "`x` has shape " + shapeText(x.shape) + ", the matrix " + shapeText(c.shape));
  Shape tableOuter(x.shape.begin(), x.shape.end() - 2);
  FailureOr<Shape> outer = broadcast(op, frame, c.outer(), tableOuter);
  if (failed(outer))
    return failure();
  return Landmarks{*outer, planeMap(c.outer(), *outer), planeMap(tableOuter, *outer)};
}

/// Sum over a and b of C(i, a) X[a, b] C(j, b), absent entries as 0.
static double bilinear(const Matrix &c, int64_t leftPlane, const Tensor &x, int64_t rightPlane,
                       int64_t i, int64_t j) {
  int64_t m = c.columns();
  auto entry = [&](int64_t row, int64_t column) {
    int64_t at = (leftPlane * c.rows() + row) * m + column;
    return c.present[at] ? c.values[at] : 0.0;
  };
  double sum = 0;
  for (int64_t a = 0; a < m; ++a)
    for (int64_t b = 0; b < m; ++b)
      sum += entry(i, a) * x.f[(rightPlane * m + a) * m + b] * entry(j, b);
  return sum;
}

static LogicalResult evaluateNystrom(Operation *op, Frame &frame) {
  attn::NystromOp nystrom = cast<attn::NystromOp>(op);
  const Matrix &c = frame.matrix(nystrom.getC());
  const Tensor &x = frame.tensor(nystrom.getX());
  FailureOr<Landmarks> landmarks = meet(op, frame, c, x);
  if (failed(landmarks))
    return failure();
  int64_t rows = c.rows(), m = c.columns();
  Matrix out = Matrix::absent(matrixShape(landmarks->outer, rows, rows));
  for (size_t plane = 0; plane < landmarks->left.size(); ++plane) {
    int64_t left = landmarks->left[plane], right = landmarks->right[plane];
    // Rows with no entry have none in the product either.
    auto isPresent = [&](int64_t row) {
      const uint8_t *first = c.present.data() + (left * rows + row) * m;
      return std::any_of(first, first + m, [](uint8_t p) { return p; });
    };
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < rows; ++j) {
        int64_t at = (plane * rows + i) * rows + j;
        out.present[at] = isPresent(i) && isPresent(j);
        out.values[at] = bilinear(c, left, x, right, i, j);
      }
  }
  frame.set(nystrom.getResult(), std::move(out));
  return success();
}

static LogicalResult evaluateNystromResidual(Operation *op, Frame &frame) {
  attn::NystromResidualOp residual = cast<attn::NystromResidualOp>(op);
  const Matrix &c = frame.matrix(residual.getMatrix());
  const Tensor &x = frame.tensor(residual.getX());
  FailureOr<Landmarks> landmarks = meet(op, frame, c, x);
  if (failed(landmarks))
    return failure();
  int64_t rows = c.rows(), heads = landmarks->outer.empty() ? 1 : landmarks->outer.back();
  Shape shape = rowShape(landmarks->outer, rows, 1, /*hasWidth=*/false);
  Tensor out = Tensor::floats(shape);
  for (size_t plane = 0; plane < landmarks->left.size(); ++plane)
    for (int64_t i = 0; i < rows; ++i)
      out.f[(plane / heads * rows + i) * heads + plane % heads] =
          residual.getDiagonal().convertToDouble() -
          bilinear(c, landmarks->left[plane], x, landmarks->right[plane], i, i);
  frame.set(residual.getResult(), std::move(out));
  return success();
}

static LogicalResult evaluateAttention(Operation *op, Frame &frame) {
  attn::AttentionOp attention = cast<attn::AttentionOp>(op);
  StringRef kernel = attention.getKernel(), normalize = attention.getNormalize();
  bool gaussian = kernel == "gaussian", softmax = normalize == "softmax";
  const Tensor &v = frame.tensor(attention.getV());
  FailureOr<Matrix> matrix =
      pairwise(op, frame, frame.tensor(attention.getQ()), frame.tensor(attention.getK()), gaussian);
  if (failed(matrix))
    return failure();
  double scale = attention.getScale().convertToDouble();
  for (double &entry : matrix->values) {
    double s = scale * entry;
    if (kernel == "linear")
      entry = 1 + s;
    else if (kernel == "sigmoid")
      entry = 1 / (1 + std::exp(-s));
    else if (kernel == "exp")
      entry = softmax ? s : std::exp(s); // softmaxRows takes the exponential
    else if (kernel == "relu")
      entry = std::isnan(s) || s > 0 ? s : 0;
    else if (gaussian)
      entry = std::exp(-s / 2);
    else
      return frame.fail(op, "unknown kernel `" + kernel + "`");
  }
  if (attention.getCausal())
    restrictToCausal(*matrix);
  if (attention.getSegments())
    restrictToSegments(*matrix, frame.tensor(attention.getSegments()));
  if (attention.getKeyMask() &&
      failed(restrictToKeys(op, frame, *matrix, frame.tensor(attention.getKeyMask()))))
    return failure();
  if (softmax)
    softmaxRows(*matrix);
  else if (normalize == "rows")
    normalizeRows(*matrix);
  else if (normalize != "none")
    return frame.fail(op, "unknown normalisation `" + normalize + "`");

  FailureOr<Tensor> out = zeroForApply(op, frame, *matrix, v);
  if (failed(out) || failed(applyMatrix(op, frame, *matrix, v, *out)))
    return failure();
  frame.set(attention.getResult(), std::move(*out));
  return success();
}

void registerSinks(Registry &registry) {
  registry.add("attn.apply", evaluateApply);
  registry.add("attn.row_sums", evaluateRowSums);
  registry.add("attn.materialize", evaluateMaterialize);
  registry.add("attn.dim", evaluateDim);
  registry.add("attn.data_size", evaluateDataSize);
  registry.add("attn.nystrom", evaluateNystrom);
  registry.add("attn.nystrom_residual", evaluateNystromResidual);
  registry.add("attn.attention", evaluateAttention);
}

} // namespace attune::reference
