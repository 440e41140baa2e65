// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tensors from matrices: attn.apply (A V + init), row_sums, materialize, dim; and attn.attention by
// its own definition, out = N(mask(f(s))) v, not through the algebra it decomposes to.

#include "Planes.h"

#include "dialects/Attn/Attn.h"

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
  registry.add("attn.attention", evaluateAttention);
}

} // namespace attune::reference
