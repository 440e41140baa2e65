// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shapes, rules and cost of the nn ops: what type a layer's result has, which inputs it refuses,
// where each dimension of the result comes from, and how many FLOP one evaluation takes. Rules are
// numbered (Cn) as in Layers.td. Two sizes disagree only where both are static; a dynamic one is
// trusted.
#include "attune/Dialect/NN/Layers.h"
#include "Rules.h"
#include "attune/Dialect/Attn/Entrywise.h"
#include "attune/Sizes/DimSource.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/Errors.h"
#include "attune/Support/LinalgBuilders.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

using namespace mlir;
using namespace attune;
using namespace attune::nn;
using namespace attune::nn::detail;

//===----------------------------------------------------------------------===//
// Shared rules
//===----------------------------------------------------------------------===//

std::string nn::detail::show(ArrayRef<int64_t> shape) {
  std::string text = "[";
  for (auto [number, size] : llvm::enumerate(shape)) {
    if (number != 0)
      text += ", ";
    text += ShapedType::isDynamic(size) ? "?" : std::to_string(size);
  }
  return text + "]";
}

LogicalResult nn::detail::verifyF32(Operation *op, Value value, StringRef name, StringRef label) {
  Type type = getElementTypeOrSelf(value.getType());
  if (type.isF32())
    return success();
  return op->emitOpError() << "`" << name << "` has element type " << type << ", expected f32 ("
                           << label << ")";
}

LogicalResult nn::detail::verifyOperand(Operation *op, Value value, StringRef name, int64_t rank,
                                        Type element, StringRef label) {
  ShapedType type = cast<ShapedType>(value.getType());
  if (!isa<RankedTensorType, MemRefType>(type) || type.getRank() != rank)
    return op->emitOpError() << "`" << name << "` is " << type << ", expected rank " << rank << " ("
                             << label << ")";
  if (type.getElementType() != element)
    return op->emitOpError() << "`" << name << "` has element type " << type.getElementType()
                             << ", expected " << element << " (" << label << ")";
  return success();
}

RankedTensorType nn::detail::inferableType(std::optional<Location> loc, StringRef op,
                                           StringRef name, Value value, StringRef label,
                                           int64_t minimum, int64_t exact) {
  RankedTensorType type = dyn_cast<RankedTensorType>(value.getType());
  if (!type) {
    (void)emitOptionalError(loc, "'", op, "' op `", name, "` has type ", value.getType(),
                            ", expected a ranked tensor");
    return {};
  }
  if (exact >= 0 ? type.getRank() == exact : type.getRank() >= minimum)
    return type;
  (void)emitOptionalError(loc, "'", op, "' op `", name, "` has rank ", type.getRank(),
                          ", expected ", exact >= 0 ? "rank " : "at least ",
                          exact >= 0 ? exact : minimum, " (", label, ")");
  return {};
}

LogicalResult nn::detail::verifyVector(Operation *op, Value vector, StringRef name, int64_t length,
                                       SizeOf of, StringRef label) {
  ShapedType type = cast<ShapedType>(vector.getType());
  if (type.getRank() != 1)
    return op->emitOpError() << "`" << name << "` has shape " << show(type.getShape())
                             << ", expected rank 1 (" << label << ")";
  if (!mayBeEqual(type.getDimSize(0), length))
    return noteOrigin(op->emitOpError()
                          << "`" << name << "` has length " << type.getDimSize(0) << ", expected "
                          << length << ", " << of.what << " (" << label << ")",
                      of.operand, of.name);
  return success();
}

LogicalResult nn::detail::verifyNorm(Operation *op, Value x,
                                     ArrayRef<std::pair<Value, StringRef>> vectors,
                                     double epsilon) {
  ShapedType type = cast<ShapedType>(x.getType());
  if (type.getRank() < 1)
    return op->emitOpError("`x` has rank 0, expected at least 1 (C1)");
  for (auto [vector, name] : vectors)
    if (failed(verifyVector(op, vector, name, type.getShape().back(),
                            {x, "x", "the last dimension of `x`"}, "C2")))
      return failure();
  // Written so that a NaN fails.
  if (!(epsilon > 0))
    return op->emitOpError() << "`epsilon` is " << epsilon << ", must be above 0 (C3)";
  if (failed(verifyF32(op, x, "x", "C4")))
    return failure();
  for (auto [vector, name] : vectors)
    if (failed(verifyF32(op, vector, name, "C4")))
      return failure();
  return success();
}

LogicalResult nn::detail::verifyOneKind(Operation *op, StringRef label) {
  auto all = [&](auto isKind) { return llvm::all_of(op->getOperandTypes(), isKind); };
  if (all(llvm::IsaPred<RankedTensorType>) || all(llvm::IsaPred<MemRefType>))
    return success();
  return op->emitOpError() << "operands must be ranked tensors only, or memrefs only (" << label
                           << ")";
}

void nn::detail::overwritingEffects(
    Operation *op, SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  auto destination = cast<DestinationStyleOpInterface>(op);
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<BaseMemRefType>(operand.get().getType()))
      continue;
    if (destination.isDpsInit(&operand))
      effects.emplace_back(MemoryEffects::Write::get(), &operand,
                           SideEffects::DefaultResource::get());
    else
      effects.emplace_back(MemoryEffects::Read::get(), &operand,
                           SideEffects::DefaultResource::get());
  }
}

//===----------------------------------------------------------------------===//
// linear
//===----------------------------------------------------------------------===//

LogicalResult LinearOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  ValueRange operands = adaptor.getOperands();
  RankedTensorType x = inferableType(loc, getOperationName(), "x", operands[0], "C1", 1);
  if (!x)
    return failure();
  RankedTensorType weight =
      inferableType(loc, getOperationName(), "weight", operands[1], "C2", 2, 2);
  if (!weight)
    return failure();
  SmallVector<int64_t> shape(x.getShape());
  shape.back() = weight.getDimSize(0);
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  return success();
}

LogicalResult LinearOp::verify() {
  if (failed(verifyInferable(*this)))
    return failure();
  RankedTensorType x = getX().getType(), weight = getWeight().getType();
  if (!mayBeEqual(weight.getDimSize(1), x.getShape().back()))
    return noteOrigin(emitOpError()
                          << "`weight` has " << weight.getDimSize(1) << " columns, expected "
                          << x.getShape().back() << ", the last dimension of `x` (C2)",
                      getX(), "x");
  if (failed(verifyF32(*this, getX(), "x", "C4")) ||
      failed(verifyF32(*this, getWeight(), "weight", "C4")))
    return failure();
  if (!getBias())
    return success();
  if (failed(verifyVector(*this, getBias(), "bias", weight.getDimSize(0),
                          {getWeight(), "weight", "the rows of `weight`"}, "C3")))
    return failure();
  return verifyF32(*this, getBias(), "bias", "C4");
}

DimSource LinearOp::getDimSource(unsigned, int64_t dim) {
  if (dim + 1 == getX().getType().getRank())
    return DimSource::of(getWeight(), 0);
  return DimSource::of(getX(), dim);
}

SizePoly LinearOp::getFlop() { return SizePoly(2) * elementCount(getX()) * sizeOf(getWeight(), 0); }

//===----------------------------------------------------------------------===//
// layer_norm
//===----------------------------------------------------------------------===//

LogicalResult LayerNormOp::verify() {
  return verifyNorm(*this, getX(), {{getWeight(), "weight"}, {getBias(), "bias"}},
                    getEpsilon().convertToDouble());
}

DimSource LayerNormOp::getDimSource(unsigned, int64_t dim) { return DimSource::of(getX(), dim); }

SizePoly LayerNormOp::getFlop() { return SizePoly(8) * elementCount(getX()); }

//===----------------------------------------------------------------------===//
// relu
//===----------------------------------------------------------------------===//

LogicalResult ReluOp::verify() { return verifyF32(*this, getX(), "x", "C1"); }

OpFoldResult ReluOp::fold(FoldAdaptor) {
  return getX().getDefiningOp<ReluOp>() ? getX() : OpFoldResult();
}

DimSource ReluOp::getDimSource(unsigned, int64_t dim) { return DimSource::of(getX(), dim); }

SizePoly ReluOp::getFlop() { return elementCount(getX()); }

//===----------------------------------------------------------------------===//
// map
//===----------------------------------------------------------------------===//

LogicalResult MapOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                      Adaptor adaptor, SmallVectorImpl<Type> &types) {
  ValueRange inputs = adaptor.getInputs();
  if (inputs.empty())
    return emitOptionalError(loc, "'", getOperationName(),
                             "' op has no input, expected at least one (C1)");
  RankedTensorType first =
      inferableType(loc, getOperationName(), "inputs", inputs.front(), "C1", 0);
  if (!first)
    return failure();
  types.push_back(RankedTensorType::get(first.getShape(), Float32Type::get(context)));
  return success();
}

LogicalResult MapOp::verify() {
  if (failed(verifyInferable(*this)))
    return failure();
  // (C2)
  ArrayRef<int64_t> shape = cast<ShapedType>(getInputs().front().getType()).getShape();
  for (auto [number, input] : llvm::enumerate(getInputs())) {
    ArrayRef<int64_t> other = cast<ShapedType>(input.getType()).getShape();
    if (other != shape)
      return noteOrigin(emitOpError() << "input " << number << " has shape " << show(other)
                                      << ", expected " << show(shape) << " as input 0 has (C2)",
                        getInputs().front(), "input 0");
  }
  // (C3)
  SmallVector<Type> expected;
  for (Value input : getInputs())
    expected.push_back(getElementTypeOrSelf(input.getType()));
  llvm::append_range(expected, getScalars().getTypes());
  Block &block = getBody().front();
  if (block.getNumArguments() != expected.size())
    return emitOpError() << "region has " << block.getNumArguments() << " arguments, expected "
                         << expected.size() << ", one for each input and scalar (C3)";
  for (auto [number, type] : llvm::enumerate(expected))
    if (block.getArgument(number).getType() != type)
      return emitOpError() << "region argument " << number << " has type "
                           << block.getArgument(number).getType() << ", expected " << type
                           << " (C3)";
  // (C5)
  Operation &last = block.back();
  if (!isa<attn::YieldOp>(last) || last.getNumOperands() != 1 ||
      !last.getOperand(0).getType().isF32()) {
    InFlightDiagnostic diag = emitOpError("region must end in `attn.yield` of one f32 (C5)");
    diag.attachNote(last.getLoc()) << "it ends here";
    return diag;
  }
  return verifyElementwiseRegion(*this, getBody(), "C4");
}

DimSource MapOp::getDimSource(unsigned, int64_t dim) {
  return DimSource::of(getInputs().front(), dim);
}

SizePoly MapOp::getFlop() {
  int64_t perElement = llvm::count_if(getBody().front().without_terminator(), [](Operation &op) {
    return !op.hasTrait<OpTrait::ConstantLike>();
  });
  return SizePoly(perElement) * elementCount(getInputs().front());
}

//===----------------------------------------------------------------------===//
// mean
//===----------------------------------------------------------------------===//

LogicalResult MeanOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  RankedTensorType x =
      inferableType(loc, getOperationName(), "x", adaptor.getOperands()[0], "C1", 0);
  if (!x)
    return failure();
  int64_t dim = adaptor.getDim();
  if (dim < 0 || dim >= x.getRank())
    return emitOptionalError(loc, "'", getOperationName(), "' op `dim` is ", dim,
                             ", expected 0 <= dim < ", x.getRank(), ", the rank of `x` (C1)");
  SmallVector<int64_t> shape(x.getShape());
  shape.erase(shape.begin() + dim);
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  return success();
}

LogicalResult MeanOp::verify() { return verifyF32(*this, getX(), "x", "C2"); }

DimSource MeanOp::getDimSource(unsigned, int64_t dim) {
  return DimSource::of(getX(), dim < int64_t(getDim()) ? dim : dim + 1);
}

SizePoly MeanOp::getFlop() { return elementCount(getX()); }

//===----------------------------------------------------------------------===//
// frobenius_norm, frobenius_normalize
//===----------------------------------------------------------------------===//

LogicalResult FrobeniusNormOp::verify() { return verifyF32(*this, getX(), "x", "C1"); }

DimSource FrobeniusNormOp::getDimSource(unsigned, int64_t) {
  llvm_unreachable("the result is a scalar");
}

SizePoly FrobeniusNormOp::getFlop() { return SizePoly(2) * elementCount(getX()); }

LogicalResult FrobeniusNormalizeOp::verify() { return verifyF32(*this, getX(), "x", "C1"); }

DimSource FrobeniusNormalizeOp::getDimSource(unsigned, int64_t dim) {
  return DimSource::of(getX(), dim);
}

SizePoly FrobeniusNormalizeOp::getFlop() { return SizePoly(3) * elementCount(getX()); }

//===----------------------------------------------------------------------===//
// gather
//===----------------------------------------------------------------------===//

LogicalResult GatherOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  ValueRange operands = adaptor.getOperands();
  RankedTensorType indices =
      inferableType(loc, getOperationName(), "indices", operands[1], "C1", 1, 1);
  if (!indices)
    return failure();
  RankedTensorType table = inferableType(loc, getOperationName(), "table", operands[0], "C2", 1);
  if (!table)
    return failure();
  SmallVector<int64_t> shape(table.getShape());
  shape.front() = indices.getDimSize(0);
  types.push_back(RankedTensorType::get(shape, table.getElementType()));
  return success();
}

LogicalResult GatherOp::verify() {
  if (failed(verifyInferable(*this)))
    return failure();
  Type type = getIndices().getType().getElementType();
  if (!type.isSignlessInteger(32) && !type.isSignlessInteger(64))
    return emitOpError() << "`indices` has element type " << type << ", expected i32 or i64 (C1)";
  return success();
}

DimSource GatherOp::getDimSource(unsigned, int64_t dim) {
  return dim == 0 ? DimSource::of(getIndices(), 0) : DimSource::of(getTable(), dim);
}

SizePoly GatherOp::getFlop() { return SizePoly(); }

#define GET_OP_CLASSES
#include "attune/Dialect/NN/Layers.cpp.inc"
