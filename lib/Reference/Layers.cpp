// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The nn dialect, each layer by its formula in dialects/NN.

#include "attune/Dialect/NN/Layers.h"
#include "ScalarProgram.h"
#include "attune/Dialect/NN/Graph.h"

#include <cmath>

using namespace mlir;

namespace attune::reference {

static LogicalResult evaluateLinear(Operation *op, Frame &frame) {
  nn::LinearOp linear = cast<nn::LinearOp>(op);
  const Tensor &x = frame.tensor(linear.getX()), &weight = frame.tensor(linear.getWeight());
  const Tensor *bias = linear.getBias() ? &frame.tensor(linear.getBias()) : nullptr;
  int64_t in = x.shape.back(), out = weight.shape[0];
  if (weight.shape[1] != in || (bias && bias->elements() != out))
    return frame.fail(op, "`x` has shape " + shapeText(x.shape) + ", `weight` " +
                              shapeText(weight.shape));
  Shape shape = x.shape;
  shape.back() = out;
  Tensor result = Tensor::floats(shape);
  int64_t rows = countElements(shape.data(), shape.size() - 1);
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t o = 0; o < out; ++o) {
      const double *a = x.f.data() + row * in, *w = weight.f.data() + o * in;
      double sum = 0;
      for (int64_t i = 0; i < in; ++i)
        sum += a[i] * w[i];
      result.f[row * out + o] = bias ? sum + bias->f[o] : sum;
    }
  }
  frame.set(linear.getResult(), std::move(result));
  return success();
}

static LogicalResult evaluateLayerNorm(Operation *op, Frame &frame) {
  nn::LayerNormOp norm = cast<nn::LayerNormOp>(op);
  const Tensor &weight = frame.tensor(norm.getWeight()), &bias = frame.tensor(norm.getBias());
  Tensor x = frame.takeTensor(op, norm.getX());
  int64_t width = x.shape.back(), rows = countElements(x.shape.data(), x.shape.size() - 1);
  if (weight.elements() != width || bias.elements() != width)
    return frame.fail(op, "`x` has shape " + shapeText(x.shape) + ", `weight` " +
                              shapeText(weight.shape) + ", `bias` " + shapeText(bias.shape));
  double epsilon = norm.getEpsilon().convertToDouble();
  for (int64_t row = 0; row < rows; ++row) {
    double *values = x.f.data() + row * width, mean = 0, variance = 0;
    for (int64_t c = 0; c < width; ++c)
      mean += values[c];
    mean /= double(width);
    for (int64_t c = 0; c < width; ++c)
      variance += (values[c] - mean) * (values[c] - mean);
    variance /= double(width);
    for (int64_t c = 0; c < width; ++c)
      values[c] = (values[c] - mean) / std::sqrt(variance + epsilon) * weight.f[c] + bias.f[c];
  }
  frame.set(norm.getResult(), std::move(x));
  return success();
}

static LogicalResult evaluateRelu(Operation *op, Frame &frame) {
  nn::ReluOp relu = cast<nn::ReluOp>(op);
  Tensor x = frame.takeTensor(op, relu.getX());
  for (double &value : x.f)
    value = std::isnan(value) || value > 0 ? value : 0;
  frame.set(relu.getResult(), std::move(x));
  return success();
}

static LogicalResult evaluateMap(Operation *op, Frame &frame) {
  nn::MapOp map = cast<nn::MapOp>(op);
  FailureOr<ScalarProgram> program = ScalarProgram::compile(map.getBody().front(), frame);
  if (failed(program))
    return failure();
  SmallVector<const Tensor *> inputs;
  for (Value input : map.getInputs())
    inputs.push_back(&frame.tensor(input));
  for (const Tensor *input : inputs)
    if (input->shape != inputs.front()->shape)
      return frame.fail(op, "inputs of shapes " + shapeText(inputs.front()->shape) + " and " +
                                shapeText(input->shape) + " differ");
  for (auto [number, scalar] : llvm::enumerate(map.getScalars()))
    program->splatArgument(inputs.size() + number, slotOf(frame.tensor(scalar), 0));

  Tensor out = Tensor::floats(inputs.front()->shape);
  for (int64_t begin = 0, count = out.elements(); begin < count; begin += kLanes) {
    int64_t lanes = std::min(kLanes, count - begin);
    for (auto [number, input] : llvm::enumerate(inputs))
      for (int64_t lane = 0; lane < lanes; ++lane)
        program->argument(number)[lane] = slotOf(*input, begin + lane);
    if (failed(program->run(lanes)))
      return frame.fail(op, "an index in the region is out of range");
    for (int64_t lane = 0; lane < lanes; ++lane)
      setSlot(out, begin + lane, program->result(0)[lane]);
  }
  frame.set(map.getResult(), std::move(out));
  return success();
}

static LogicalResult evaluateMean(Operation *op, Frame &frame) {
  nn::MeanOp mean = cast<nn::MeanOp>(op);
  const Tensor &x = frame.tensor(mean.getX());
  size_t dim = mean.getDim();
  int64_t size = x.shape[dim];
  int64_t before = countElements(x.shape.data(), dim);
  int64_t after = countElements(x.shape.data() + dim + 1, x.shape.size() - dim - 1);
  Shape shape = x.shape;
  shape.erase(shape.begin() + dim);
  Tensor out = Tensor::floats(shape);
  for (int64_t i = 0; i < before; ++i)
    for (int64_t k = 0; k < size; ++k)
      for (int64_t j = 0; j < after; ++j)
        out.f[i * after + j] += x.f[(i * size + k) * after + j];
  for (double &value : out.f)
    value /= double(size);
  frame.set(mean.getResult(), std::move(out));
  return success();
}

static double frobeniusNorm(const Tensor &x) {
  double sum = 0;
  for (double value : x.f)
    sum += value * value;
  return std::sqrt(sum);
}

static LogicalResult evaluateFrobeniusNorm(Operation *op, Frame &frame) {
  nn::FrobeniusNormOp norm = cast<nn::FrobeniusNormOp>(op);
  frame.set(norm.getResult(), Tensor::number(frobeniusNorm(frame.tensor(norm.getX()))));
  return success();
}

static LogicalResult evaluateFrobeniusNormalize(Operation *op, Frame &frame) {
  nn::FrobeniusNormalizeOp normalize = cast<nn::FrobeniusNormalizeOp>(op);
  Tensor x = frame.takeTensor(op, normalize.getX());
  double norm = frobeniusNorm(x);
  for (double &value : x.f)
    value /= norm;
  frame.set(normalize.getResult(), std::move(x));
  return success();
}

static LogicalResult evaluateGather(Operation *op, Frame &frame) {
  nn::GatherOp gather = cast<nn::GatherOp>(op);
  const Tensor &table = frame.tensor(gather.getTable()),
               &indices = frame.tensor(gather.getIndices());
  Shape shape = table.shape;
  shape[0] = indices.elements();
  int64_t width = countElements(table.shape.data() + 1, table.shape.size() - 1);
  Tensor out = table.isFloat ? Tensor::floats(shape) : Tensor::integers(shape);
  for (int64_t e = 0; e < indices.elements(); ++e) {
    int64_t index = indices.i[e];
    if (index < 0 || index >= table.shape[0])
      return frame.fail(op, "`indices` holds " + Twine(index) + ", expected below " +
                                Twine(table.shape[0]));
    for (int64_t c = 0; c < width; ++c)
      setSlot(out, e * width + c, slotOf(table, index * width + c));
  }
  frame.set(gather.getResult(), std::move(out));
  return success();
}

/// Rows are targets; edges of a row keep the order of the list; unused places hold 0.
static LogicalResult evaluateCsr(Operation *op, Frame &frame) {
  nn::CsrOp csr = cast<nn::CsrOp>(op);
  if (csr->getNumResults() != 3)
    return frame.failUnsupported(op, "`nn.csr` on memrefs has no reference evaluation");
  const Tensor &edgeIndex = frame.tensor(csr.getEdgeIndex());
  int64_t edges = edgeIndex.shape[1], rows = frame.tensor(csr.getOffsets()).elements() - 1;
  if (rows < 0 || frame.tensor(csr.getColumns()).elements() != edges ||
      frame.tensor(csr.getEdges()).elements() != edges)
    return frame.fail(op, "`outs` do not fit " + Twine(edges) + " edges");
  std::vector<std::vector<int64_t>> edgesOf(rows);
  for (int64_t e = 0; e < edges; ++e) {
    int64_t source = edgeIndex.i[e], target = edgeIndex.i[edges + e];
    if (csr.getBySource())
      std::swap(source, target);
    if (target < 0 || target >= rows)
      return frame.fail(op, "edge " + Twine(e) +
                                (csr.getBySource() ? " has source " : " has target ") +
                                Twine(target) + ", expected below " + Twine(rows));
    if (!csr.getDropSelfLoops() || source != target)
      edgesOf[target].push_back(e);
  }
  Tensor offsets = Tensor::integers({rows + 1}), columns = Tensor::integers({edges});
  Tensor numbers = Tensor::integers({edges});
  int64_t next = 0;
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t e : edgesOf[row]) {
      columns.i[next] = edgeIndex.i[csr.getBySource() ? edges + e : e];
      numbers.i[next++] = e;
    }
    offsets.i[row + 1] = next;
  }
  frame.set(csr.getResult(0), std::move(offsets));
  frame.set(csr.getResult(1), std::move(columns));
  frame.set(csr.getResult(2), std::move(numbers));
  return success();
}

void registerLayers(Registry &registry) {
  registry.add("nn.linear", evaluateLinear);
  registry.add("nn.layer_norm", evaluateLayerNorm);
  registry.add("nn.relu", evaluateRelu);
  registry.add("nn.map", evaluateMap);
  registry.add("nn.mean", evaluateMean);
  registry.add("nn.frobenius_norm", evaluateFrobeniusNorm);
  registry.add("nn.frobenius_normalize", evaluateFrobeniusNormalize);
  registry.add("nn.gather", evaluateGather);
  registry.add("nn.csr", evaluateCsr);
}

} // namespace attune::reference
