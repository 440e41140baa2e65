// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiles the region of attn.map, nn.map, attn.stream and of linalg ops into a list of
// instructions, which then run over strips of up to 256 entries: one look-up for each op and strip,
// not for each entry.

#include "ScalarProgram.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <algorithm>

using namespace mlir;

namespace attune::reference {

unsigned integerWidth(Type type) {
  Type element = getElementTypeOrSelf(type);
  return isa<IntegerType>(element) ? element.getIntOrFloatBitWidth() : 64;
}

static std::optional<Slot> constantSlot(Attribute attribute) {
  Slot slot;
  if (FloatAttr number = dyn_cast<FloatAttr>(attribute)) {
    slot.f = number.getValueAsDouble();
    return slot;
  }
  if (IntegerAttr integer = dyn_cast<IntegerAttr>(attribute)) {
    const APInt value = integer.getValue();
    slot.i = value.getBitWidth() == 1 ? int64_t(value.getZExtValue()) : value.getSExtValue();
    return slot;
  }
  return std::nullopt;
}

unsigned ScalarProgram::newRegister() {
  unsigned reg = registers.size() / kLanes;
  registers.resize(registers.size() + kLanes, Slot{});
  return reg;
}

unsigned ScalarProgram::newConstant(Slot slot) {
  unsigned reg = newRegister();
  std::fill_n(lanesOf(reg), kLanes, slot);
  return reg;
}

FailureOr<unsigned> ScalarProgram::use(Operation *op, Value value, Frame &frame) {
  auto it = places.find(value);
  if (it != places.end())
    return it->second;
  if (!frame.has(value) || !frame.datum(value).tensor || isa<ShapedType>(value.getType()))
    return frame.fail(op, "`" + op->getName().getStringRef() +
                              "` reads a value that is not a scalar in the region");
  unsigned reg = newConstant(slotOf(frame.tensor(value), 0));
  places[value] = reg;
  return reg;
}

static bool extractElements(const Instruction &in, Slot *registers, int64_t lanes) {
  const Tensor &table = *in.table;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    int64_t element = 0;
    for (auto [dim, operand] : llvm::enumerate(in.operands)) {
      int64_t index = registers[operand * kLanes + lane].i;
      if (index < 0 || index >= table.shape[dim])
        return false;
      element = element * table.shape[dim] + index;
    }
    registers[in.result * kLanes + lane] = slotOf(table, element);
  }
  return true;
}

static bool evaluateAffine(AffineExpr expr, ArrayRef<int64_t> dims, ArrayRef<int64_t> symbols,
                           int64_t &value) {
  if (AffineConstantExpr constant = dyn_cast<AffineConstantExpr>(expr)) {
    value = constant.getValue();
    return true;
  }
  if (AffineDimExpr dim = dyn_cast<AffineDimExpr>(expr)) {
    value = dims[dim.getPosition()];
    return true;
  }
  if (AffineSymbolExpr symbol = dyn_cast<AffineSymbolExpr>(expr)) {
    value = symbols[symbol.getPosition()];
    return true;
  }
  AffineBinaryOpExpr binary = cast<AffineBinaryOpExpr>(expr);
  int64_t lhs, rhs;
  if (!evaluateAffine(binary.getLHS(), dims, symbols, lhs) ||
      !evaluateAffine(binary.getRHS(), dims, symbols, rhs))
    return false;
  switch (binary.getKind()) {
  case AffineExprKind::Add:
    value = lhs + rhs;
    return true;
  case AffineExprKind::Mul:
    value = lhs * rhs;
    return true;
  default:
    break;
  }
  if (rhs == 0)
    return false;
  int64_t floor = lhs / rhs - (lhs % rhs != 0 && (lhs < 0) != (rhs < 0));
  value = binary.getKind() == AffineExprKind::FloorDiv  ? floor
          : binary.getKind() == AffineExprKind::CeilDiv ? floor + (floor * rhs != lhs)
                                                        : lhs - floor * rhs;
  return true;
}

bool evaluateAffineMap(AffineMap map, ArrayRef<int64_t> operands,
                       SmallVectorImpl<int64_t> &values) {
  values.clear();
  for (AffineExpr expr : map.getResults()) {
    int64_t value;
    if (!evaluateAffine(expr, operands.take_front(map.getNumDims()),
                        operands.drop_front(map.getNumDims()), value))
      return false;
    values.push_back(value);
  }
  return true;
}

LogicalResult ScalarProgram::add(Operation *op, Frame &frame) {
  if (arith::ConstantOp constant = dyn_cast<arith::ConstantOp>(op)) {
    std::optional<Slot> slot = constantSlot(constant.getValue());
    if (!slot)
      return frame.fail(op, "a constant in a scalar region is not a number");
    places[constant.getResult()] = newConstant(*slot);
    return success();
  }
  if (linalg::IndexOp index = dyn_cast<linalg::IndexOp>(op)) {
    unsigned reg = newRegister();
    indices.push_back({unsigned(index.getDim()), reg});
    places[index.getResult()] = reg;
    return success();
  }
  Instruction instruction;
  ValueRange scalars = op->getOperands();
  if (tensor::ExtractOp extract = dyn_cast<tensor::ExtractOp>(op)) {
    if (!frame.has(extract.getTensor()))
      return frame.fail(op, "`tensor.extract` reads a tensor of its own region");
    instruction.function = extractElements;
    instruction.table = frame.datum(extract.getTensor()).tensor;
    scalars = extract.getIndices();
  } else if (std::optional<Instruction> known = scalarInstruction(op)) {
    instruction = std::move(*known);
  } else {
    return frame.failUnsupported(op, "op `" + op->getName().getStringRef() +
                                         "` has no reference evaluation in a scalar region");
  }
  for (Value operand : scalars) {
    FailureOr<unsigned> reg = use(op, operand, frame);
    if (failed(reg))
      return failure();
    instruction.operands.push_back(*reg);
  }
  instruction.result = newRegister();
  places[op->getResult(0)] = instruction.result;
  instructions.push_back(std::move(instruction));
  return success();
}

FailureOr<ScalarProgram> ScalarProgram::compile(Block &block, Frame &frame) {
  ScalarProgram program;
  for (BlockArgument argument : block.getArguments())
    program.places[argument] = program.newRegister();
  for (Operation &op : block.without_terminator())
    if (failed(program.add(&op, frame)))
      return failure();
  for (Value operand : block.getTerminator()->getOperands()) {
    FailureOr<unsigned> reg = program.use(block.getTerminator(), operand, frame);
    if (failed(reg))
      return failure();
    program.results.push_back(*reg);
  }
  return program;
}

LogicalResult ScalarProgram::run(int64_t lanes) {
  for (const Instruction &instruction : instructions)
    if (!instruction.function(instruction, registers.data(), lanes))
      return failure();
  return success();
}

} // namespace attune::reference
