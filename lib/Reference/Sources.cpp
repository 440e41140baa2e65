// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Matrices from tensors and numbers: attn.dot, distance, adjacency, splat, diagonal, offset, dense.

#include "attune/Dialect/Attn/Sources.h"
#include "Planes.h"

using namespace mlir;

namespace attune::reference {

static LogicalResult evaluateDot(Operation *op, Frame &frame) {
  attn::DotOp dot = cast<attn::DotOp>(op);
  FailureOr<Matrix> matrix =
      pairwise(op, frame, frame.tensor(dot.getQ()), frame.tensor(dot.getK()), /*distance=*/false);
  if (failed(matrix))
    return failure();
  frame.set(dot.getResult(), std::move(*matrix));
  return success();
}

static LogicalResult evaluateDistance(Operation *op, Frame &frame) {
  attn::DistanceOp distance = cast<attn::DistanceOp>(op);
  FailureOr<Matrix> matrix = pairwise(op, frame, frame.tensor(distance.getQ()),
                                      frame.tensor(distance.getK()), /*distance=*/true);
  if (failed(matrix))
    return failure();
  frame.set(distance.getResult(), std::move(*matrix));
  return success();
}

/// Edges of one pair add up; a pair without an edge is absent.
static LogicalResult evaluateAdjacency(Operation *op, Frame &frame) {
  attn::AdjacencyOp adjacency = cast<attn::AdjacencyOp>(op);
  const Tensor &offsets = frame.tensor(adjacency.getOffsets());
  const Tensor &columns = frame.tensor(adjacency.getColumns());
  const Tensor *values = adjacency.getValues() ? &frame.tensor(adjacency.getValues()) : nullptr;
  int64_t numRows = offsets.elements() - 1, numColumns = frame.integer(adjacency.getNumColumns());
  int64_t edges = columns.elements();
  if (numRows < 0)
    return frame.fail(op, "`offsets` is empty, expected at least one element");
  if (values && values->shape[0] != edges)
    return frame.fail(op, "`values` has shape " + shapeText(values->shape) + ", expected " +
                              Twine(edges) + " rows");
  bool hasHeads = values && values->shape.size() == 2;
  int64_t heads = hasHeads ? values->shape[1] : 1;
  Matrix matrix =
      Matrix::absent(hasHeads ? Shape{heads, numRows, numColumns} : Shape{numRows, numColumns});
  for (int64_t i = 0; i < numRows; ++i) {
    int64_t begin = offsets.i[i], end = offsets.i[i + 1];
    if (begin < 0 || begin > end || end > edges)
      return frame.fail(op, "row " + Twine(i) + " has edges " + Twine(begin) + " to " + Twine(end) +
                                ", expected an increasing range up to " + Twine(edges));
    for (int64_t edge = begin; edge < end; ++edge) {
      int64_t j = columns.i[edge];
      if (j < 0 || j >= numColumns)
        return frame.fail(op, "edge " + Twine(edge) + " has column " + Twine(j) +
                                  ", expected below " + Twine(numColumns));
      for (int64_t h = 0; h < heads; ++h) {
        int64_t entry = (h * numRows + i) * numColumns + j;
        if (adjacency.getUnique() && matrix.present[entry])
          return frame.fail(op, "a `unique` adjacency has edge (" + Twine(i) + ", " + Twine(j) +
                                    ") twice");
        matrix.present[entry] = 1;
        matrix.values[entry] += values ? values->f[edge * heads + h] : 1;
      }
    }
  }
  frame.set(adjacency.getResult(), std::move(matrix));
  return success();
}

/// The result's shape, its dynamic sizes taken from `sizes` in order.
static Shape shapeOf(Value result, ValueRange sizes, Frame &frame) {
  Shape shape;
  unsigned next = 0;
  for (int64_t size : cast<ShapedType>(result.getType()).getShape())
    shape.push_back(ShapedType::isDynamic(size) ? frame.integer(sizes[next++]) : size);
  return shape;
}

static LogicalResult evaluateSplat(Operation *op, Frame &frame) {
  attn::SplatOp splat = cast<attn::SplatOp>(op);
  frame.set(splat.getResult(), Matrix::filled(shapeOf(splat.getResult(), splat.getSizes(), frame),
                                              frame.number(splat.getValue())));
  return success();
}

static LogicalResult evaluateDiagonal(Operation *op, Frame &frame) {
  attn::DiagonalOp diagonal = cast<attn::DiagonalOp>(op);
  Shape shape;
  const Tensor *values = nullptr;
  if (diagonal.getValues()) {
    values = &frame.tensor(diagonal.getValues());
    shape = {values->shape[0], values->shape[0]};
    if (values->shape.size() == 2)
      shape.insert(shape.begin(), values->shape[1]);
  } else {
    shape = shapeOf(diagonal.getResult(), diagonal.getSizes(), frame);
  }
  Matrix matrix = Matrix::absent(shape);
  int64_t size = matrix.rows(), planes = matrix.planes();
  if (size != matrix.columns())
    return frame.fail(op, "a diagonal of shape " + shapeText(shape) + ", expected it to be square");
  for (int64_t plane = 0; plane < planes; ++plane) {
    for (int64_t i = 0; i < size; ++i) {
      int64_t entry = (plane * size + i) * size + i;
      matrix.present[entry] = 1;
      matrix.values[entry] =
          values ? values->f[i * planes + plane] : frame.number(diagonal.getScalar());
    }
  }
  frame.set(diagonal.getResult(), std::move(matrix));
  return success();
}

static LogicalResult evaluateOffset(Operation *op, Frame &frame) {
  attn::OffsetOp offset = cast<attn::OffsetOp>(op);
  Matrix matrix = Matrix::filled(shapeOf(offset.getResult(), offset.getSizes(), frame), 0);
  double *out = matrix.values.data();
  for (int64_t plane = 0, planes = matrix.planes(); plane < planes; ++plane)
    for (int64_t i = 0; i < matrix.rows(); ++i)
      for (int64_t j = 0; j < matrix.columns(); ++j)
        *out++ = double(i - j);
  frame.set(offset.getResult(), std::move(matrix));
  return success();
}

static LogicalResult evaluateDense(Operation *op, Frame &frame) {
  attn::DenseOp dense = cast<attn::DenseOp>(op);
  Tensor table = frame.takeTensor(op, dense.getTable());
  Matrix matrix;
  matrix.shape = std::move(table.shape);
  matrix.values = std::move(table.f);
  matrix.present.assign(matrix.values.size(), 1);
  frame.set(dense.getResult(), std::move(matrix));
  return success();
}

void registerSources(Registry &registry) {
  registry.add("attn.dot", evaluateDot);
  registry.add("attn.distance", evaluateDistance);
  registry.add("attn.adjacency", evaluateAdjacency);
  registry.add("attn.splat", evaluateSplat);
  registry.add("attn.diagonal", evaluateDiagonal);
  registry.add("attn.offset", evaluateOffset);
  registry.add("attn.dense", evaluateDense);
}

} // namespace attune::reference
