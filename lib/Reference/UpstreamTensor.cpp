// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The tensor dialect: sizes, elements, slices and reshapes. What tensor.empty holds is undefined;
// here it is NaN (or a large negative integer), so that reading it shows.

#include "Slices.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace attune::reference {

static int64_t numberOf(OpFoldResult value, Frame &frame) {
  if (std::optional<int64_t> constant = getConstantIntValue(value))
    return *constant;
  return frame.integer(cast<Value>(value));
}

static Shape numbersOf(ArrayRef<OpFoldResult> values, Frame &frame) {
  Shape numbers;
  for (OpFoldResult value : values)
    numbers.push_back(numberOf(value, frame));
  return numbers;
}

Slice sliceOf(OffsetSizeAndStrideOpInterface op, Frame &frame) {
  return {numbersOf(op.getMixedOffsets(), frame), numbersOf(op.getMixedSizes(), frame),
          numbersOf(op.getMixedStrides(), frame)};
}

LogicalResult forEachOfSlice(Operation *op, Frame &frame, const Slice &slice, const Shape &shape,
                             llvm::function_ref<void(int64_t, int64_t)> visit) {
  for (size_t d = 0; d < shape.size(); ++d) {
    int64_t last = slice.offsets[d] + (slice.sizes[d] - 1) * slice.strides[d];
    if (slice.sizes[d] < 0 || slice.offsets[d] < 0 || (slice.sizes[d] > 0 && last >= shape[d]))
      return frame.fail(op, "slice of sizes " + shapeText(slice.sizes) + " at " +
                                shapeText(slice.offsets) + " leaves a tensor of shape " +
                                shapeText(shape));
  }
  Shape place(shape.size());
  for (int64_t element = 0, count = countElements(slice.sizes); element < count; ++element) {
    int64_t whole = 0;
    for (size_t d = 0; d < shape.size(); ++d)
      whole = whole * shape[d] + slice.offsets[d] + place[d] * slice.strides[d];
    visit(element, whole);
    for (size_t d = shape.size(); d-- > 0;) {
      if (++place[d] < slice.sizes[d])
        break;
      place[d] = 0;
    }
  }
  return success();
}

LogicalResult insertSlice(Operation *op, Frame &frame, const Slice &slice, const Tensor &source,
                          Tensor &target) {
  if (source.elements() != countElements(slice.sizes))
    return frame.fail(op, "source has shape " + shapeText(source.shape) + ", its place sizes " +
                              shapeText(slice.sizes));
  return forEachOfSlice(op, frame, slice, target.shape, [&](int64_t element, int64_t whole) {
    setSlot(target, whole, slotOf(source, element));
  });
}

static Tensor emptyOf(Type type, Shape shape) {
  if (holdsFloats(type))
    return Tensor::floats(std::move(shape), std::numeric_limits<double>::quiet_NaN());
  unsigned width = integerWidth(type);
  return Tensor::integers(std::move(shape),
                          width == 1 ? 1 : std::numeric_limits<int64_t>::min() >> (64 - width));
}

static LogicalResult evaluateDim(Operation *op, Frame &frame) {
  tensor::DimOp dim = cast<tensor::DimOp>(op);
  const Tensor &source = frame.tensor(dim.getSource());
  int64_t index = frame.integer(dim.getIndex());
  if (index < 0 || index >= int64_t(source.shape.size()))
    return frame.fail(op, "dimension " + Twine(index) + " of a tensor of rank " +
                              Twine(source.shape.size()));
  frame.set(dim.getResult(), Tensor::integer(source.shape[index]));
  return success();
}

static LogicalResult evaluateRank(Operation *op, Frame &frame) {
  frame.set(op->getResult(0), Tensor::integer(frame.tensor(op->getOperand(0)).shape.size()));
  return success();
}

static LogicalResult evaluateEmpty(Operation *op, Frame &frame) {
  tensor::EmptyOp empty = cast<tensor::EmptyOp>(op);
  Shape shape = numbersOf(empty.getMixedSizes(), frame);
  for (int64_t size : shape)
    if (size < 0)
      return frame.fail(op, "a tensor of shape " + shapeText(shape));
  frame.set(empty.getResult(), emptyOf(empty.getType(), shape));
  return success();
}

/// Row-major place of an element; fails where it is out of range.
static FailureOr<int64_t> placeOf(Operation *op, Frame &frame, const Tensor &tensor,
                                  ValueRange indices) {
  int64_t place = 0;
  for (auto [dim, value] : llvm::enumerate(indices)) {
    int64_t index = frame.integer(value);
    if (index < 0 || index >= tensor.shape[dim])
      return frame.fail(op, "index " + Twine(index) + " of dimension " + Twine(dim) +
                                " in a tensor of shape " + shapeText(tensor.shape));
    place = place * tensor.shape[dim] + index;
  }
  return place;
}

static LogicalResult evaluateExtract(Operation *op, Frame &frame) {
  tensor::ExtractOp extract = cast<tensor::ExtractOp>(op);
  const Tensor &source = frame.tensor(extract.getTensor());
  FailureOr<int64_t> place = placeOf(op, frame, source, extract.getIndices());
  if (failed(place))
    return failure();
  frame.set(extract.getResult(),
            source.isFloat ? Tensor::number(source.f[*place]) : Tensor::integer(source.i[*place]));
  return success();
}

static LogicalResult evaluateInsert(Operation *op, Frame &frame) {
  tensor::InsertOp insert = cast<tensor::InsertOp>(op);
  Tensor target = frame.takeTensor(op, insert.getDest());
  FailureOr<int64_t> place = placeOf(op, frame, target, insert.getIndices());
  if (failed(place))
    return failure();
  setSlot(target, *place, slotOf(frame.tensor(insert.getScalar()), 0));
  frame.set(insert.getResult(), std::move(target));
  return success();
}

static LogicalResult evaluateExtractSlice(Operation *op, Frame &frame) {
  tensor::ExtractSliceOp extract = cast<tensor::ExtractSliceOp>(op);
  const Tensor &source = frame.tensor(extract.getSource());
  Slice slice = sliceOf(extract, frame);
  llvm::SmallBitVector dropped = extract.getDroppedDims();
  Shape shape;
  for (size_t d = 0; d < slice.sizes.size(); ++d)
    if (!dropped.test(d))
      shape.push_back(std::max<int64_t>(slice.sizes[d], 0));
  Tensor out = source.isFloat ? Tensor::floats(shape) : Tensor::integers(shape);
  if (failed(forEachOfSlice(op, frame, slice, source.shape, [&](int64_t element, int64_t whole) {
        setSlot(out, element, slotOf(source, whole));
      })))
    return failure();
  frame.set(extract.getResult(), std::move(out));
  return success();
}

static LogicalResult evaluateInsertSlice(Operation *op, Frame &frame) {
  tensor::InsertSliceOp insert = cast<tensor::InsertSliceOp>(op);
  Slice slice = sliceOf(insert, frame);
  Tensor target = frame.takeTensor(op, insert.getDest());
  if (failed(insertSlice(op, frame, slice, frame.tensor(insert.getSource()), target)))
    return failure();
  frame.set(insert.getResult(), std::move(target));
  return success();
}

static LogicalResult reshape(Operation *op, Frame &frame, Value source, Shape shape) {
  Tensor tensor = frame.takeTensor(op, source);
  if (countElements(shape) != tensor.elements())
    return frame.fail(op, "a tensor of shape " + shapeText(tensor.shape) + " does not reshape to " +
                              shapeText(shape));
  tensor.shape = std::move(shape);
  frame.set(op->getResult(0), std::move(tensor));
  return success();
}

static LogicalResult evaluateExpandShape(Operation *op, Frame &frame) {
  tensor::ExpandShapeOp expand = cast<tensor::ExpandShapeOp>(op);
  return reshape(op, frame, expand.getSrc(), numbersOf(expand.getMixedOutputShape(), frame));
}

static LogicalResult evaluateCollapseShape(Operation *op, Frame &frame) {
  tensor::CollapseShapeOp collapse = cast<tensor::CollapseShapeOp>(op);
  const Tensor &source = frame.tensor(collapse.getSrc());
  Shape shape;
  for (const ReassociationIndices &group : collapse.getReassociationIndices()) {
    shape.push_back(1);
    for (int64_t dim : group)
      shape.back() *= source.shape[dim];
  }
  return reshape(op, frame, collapse.getSrc(), shape);
}

static LogicalResult evaluateReshape(Operation *op, Frame &frame) {
  tensor::ReshapeOp reshapeOp = cast<tensor::ReshapeOp>(op);
  return reshape(op, frame, reshapeOp.getSource(), Shape(frame.tensor(reshapeOp.getShape()).i));
}

static LogicalResult evaluateCast(Operation *op, Frame &frame) {
  frame.set(op->getResult(0), frame.consume(op, op->getOperand(0)));
  return success();
}

static LogicalResult evaluateFromElements(Operation *op, Frame &frame) {
  tensor::FromElementsOp from = cast<tensor::FromElementsOp>(op);
  Tensor out = emptyOf(from.getType(), Shape(from.getType().getShape()));
  for (auto [element, value] : llvm::enumerate(from.getElements()))
    setSlot(out, element, slotOf(frame.tensor(value), 0));
  frame.set(from.getResult(), std::move(out));
  return success();
}

static LogicalResult evaluateSplat(Operation *op, Frame &frame) {
  tensor::SplatOp splat = cast<tensor::SplatOp>(op);
  Shape shape;
  unsigned next = 0;
  for (int64_t size : splat.getType().getShape())
    shape.push_back(ShapedType::isDynamic(size) ? frame.integer(splat.getDynamicSizes()[next++])
                                                : size);
  const Tensor &value = frame.tensor(splat.getInput());
  frame.set(splat.getResult(), value.isFloat ? Tensor::floats(shape, value.f[0])
                                             : Tensor::integers(shape, value.i[0]));
  return success();
}

static LogicalResult evaluateGenerate(Operation *op, Frame &frame) {
  tensor::GenerateOp generate = cast<tensor::GenerateOp>(op);
  Shape shape;
  unsigned next = 0;
  for (int64_t size : generate.getType().getShape())
    shape.push_back(
        ShapedType::isDynamic(size) ? frame.integer(generate.getDynamicExtents()[next++]) : size);
  Tensor out = emptyOf(generate.getType(), shape);
  Block &body = generate.getBody().front();
  SmallVector<Datum> yielded;
  for (int64_t element = 0, count = out.elements(); element < count; ++element) {
    int64_t rest = element;
    for (size_t d = shape.size(); d-- > 0; rest /= shape[d])
      frame.set(body.getArgument(d), Tensor::integer(rest % shape[d]));
    if (failed(frame.run(body, yielded)))
      return failure();
    setSlot(out, element, slotOf(*yielded.front().tensor, 0));
  }
  frame.set(generate.getResult(), std::move(out));
  return success();
}

static LogicalResult evaluateConcat(Operation *op, Frame &frame) {
  tensor::ConcatOp concat = cast<tensor::ConcatOp>(op);
  size_t dim = concat.getDim();
  Shape shape = frame.tensor(concat.getInputs().front()).shape;
  shape[dim] = 0;
  for (Value input : concat.getInputs())
    shape[dim] += frame.tensor(input).shape[dim];
  Tensor out = emptyOf(concat.getType(), shape);
  Slice slice{Shape(shape.size(), 0), {}, Shape(shape.size(), 1)};
  for (Value input : concat.getInputs()) {
    const Tensor &part = frame.tensor(input);
    slice.sizes = part.shape;
    if (failed(insertSlice(op, frame, slice, part, out)))
      return failure();
    slice.offsets[dim] += part.shape[dim];
  }
  frame.set(concat.getResult(), std::move(out));
  return success();
}

void registerUpstreamTensor(Registry &registry) {
  registry.add("tensor.dim", evaluateDim);
  registry.add("tensor.rank", evaluateRank);
  registry.add("tensor.empty", evaluateEmpty);
  registry.add("tensor.extract", evaluateExtract);
  registry.add("tensor.insert", evaluateInsert);
  registry.add("tensor.extract_slice", evaluateExtractSlice);
  registry.add("tensor.insert_slice", evaluateInsertSlice);
  registry.add("tensor.expand_shape", evaluateExpandShape);
  registry.add("tensor.collapse_shape", evaluateCollapseShape);
  registry.add("tensor.reshape", evaluateReshape);
  registry.add("tensor.cast", evaluateCast);
  registry.add("tensor.from_elements", evaluateFromElements);
  registry.add("tensor.splat", evaluateSplat);
  registry.add("tensor.generate", evaluateGenerate);
  registry.add("tensor.concat", evaluateConcat);
}

} // namespace attune::reference
