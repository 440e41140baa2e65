// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `arith` and `math` outside of regions: constants, and every scalar op on scalars and elementwise
// on tensors (a scalar operand, such as a select's condition, counts for all elements);
// affine.apply, min and max.

#include "ScalarProgram.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace attune::reference {

static int64_t toInteger(const APInt &value) {
  return value.getBitWidth() == 1 ? int64_t(value.getZExtValue()) : value.getSExtValue();
}

static double toDouble(APFloat value) {
  bool losesInfo;
  value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &losesInfo);
  return value.convertToDouble();
}

static LogicalResult evaluateConstant(Operation *op, Frame &frame) {
  arith::ConstantOp constant = cast<arith::ConstantOp>(op);
  Attribute attribute = constant.getValue();
  Tensor tensor;
  if (FloatAttr number = dyn_cast<FloatAttr>(attribute)) {
    tensor = Tensor::number(toDouble(number.getValue()));
  } else if (IntegerAttr integer = dyn_cast<IntegerAttr>(attribute)) {
    tensor = Tensor::integer(toInteger(integer.getValue()));
  } else if (ElementsAttr elements = dyn_cast<ElementsAttr>(attribute)) {
    ShapedType type = elements.getShapedType();
    Shape shape(type.getShape());
    if (holdsFloats(type)) {
      auto values = elements.tryGetValues<APFloat>();
      if (!values)
        return frame.fail(op, "a constant without readable elements");
      tensor = Tensor::floats(shape);
      for (auto [element, value] : llvm::enumerate(*values))
        tensor.f[element] = toDouble(value);
    } else {
      auto values = elements.tryGetValues<APInt>();
      if (!values)
        return frame.fail(op, "a constant without readable elements");
      tensor = Tensor::integers(shape);
      for (auto [element, value] : llvm::enumerate(*values))
        tensor.i[element] = toInteger(value);
    }
  } else {
    return frame.fail(op, "a constant that is neither a number nor a tensor");
  }
  frame.set(constant.getResult(), std::move(tensor));
  return success();
}

static LogicalResult evaluateElementwise(Operation *op, Frame &frame) {
  Instruction instruction = *scalarInstruction(op);
  SmallVector<const Tensor *> operands;
  const Tensor *widest = nullptr;
  for (Value operand : op->getOperands()) {
    instruction.operands.push_back(operands.size());
    operands.push_back(&frame.tensor(operand));
    if (!widest || isa<ShapedType>(operand.getType()))
      widest = operands.back();
  }
  for (auto [operand, tensor] : llvm::zip_equal(op->getOperands(), operands))
    if (isa<ShapedType>(operand.getType()) && tensor->shape != widest->shape)
      return frame.fail(op, "operands of shapes " + shapeText(widest->shape) + " and " +
                                shapeText(tensor->shape) + " differ");
  instruction.result = operands.size();
  std::vector<Slot> registers((operands.size() + 1) * kLanes);
  Tensor out = holdsFloats(op->getResult(0).getType()) ? Tensor::floats(widest->shape)
                                                       : Tensor::integers(widest->shape);
  for (int64_t begin = 0, count = out.elements(); begin < count; begin += kLanes) {
    int64_t lanes = std::min(kLanes, count - begin);
    for (auto [number, operand] : llvm::enumerate(operands))
      for (int64_t lane = 0; lane < lanes; ++lane)
        registers[number * kLanes + lane] =
            slotOf(*operand, operand->shape == widest->shape ? begin + lane : 0);
    instruction.function(instruction, registers.data(), lanes);
    for (int64_t lane = 0; lane < lanes; ++lane)
      setSlot(out, begin + lane, registers[instruction.result * kLanes + lane]);
  }
  frame.set(op->getResult(0), std::move(out));
  return success();
}

static LogicalResult evaluateAffineOp(Operation *op, Frame &frame) {
  AffineMap map;
  enum { First, Least, Greatest } wanted = First;
  if (affine::AffineApplyOp apply = dyn_cast<affine::AffineApplyOp>(op)) {
    map = apply.getAffineMap();
  } else if (affine::AffineMinOp least = dyn_cast<affine::AffineMinOp>(op)) {
    map = least.getMap();
    wanted = Least;
  } else {
    map = cast<affine::AffineMaxOp>(op).getMap();
    wanted = Greatest;
  }
  SmallVector<int64_t> operands, values;
  for (Value operand : op->getOperands())
    operands.push_back(frame.integer(operand));
  if (!evaluateAffineMap(map, operands, values))
    return frame.fail(op, "an affine map divides by 0");
  int64_t value = wanted == First   ? values.front()
                  : wanted == Least ? *llvm::min_element(values)
                                    : *llvm::max_element(values);
  frame.set(op->getResult(0), Tensor::integer(value));
  return success();
}

void registerUpstreamScalars(Registry &registry) {
  forEachScalarOp([&](StringRef name) { registry.add(name, evaluateElementwise); });
  registry.add("arith.constant", evaluateConstant);
  registry.add("affine.apply", evaluateAffineOp);
  registry.add("affine.min", evaluateAffineOp);
  registry.add("affine.max", evaluateAffineOp);
}

} // namespace attune::reference
