// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Traces a dimension back to the named sizes of the entry arguments, through our own ops
// (getDimSource), tensor, memref, linalg and scf. What can't be traced is the symbol "?". A slice
// of unknown length counts as long as its source, so results are upper bounds where data decides.
#include "attune/Sizes/DimSource.h"
#include "attune/Sizes/EntryAttrs.h"
#include "attune/Sizes/Sizes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace attune {

static SizePoly unknown() { return SizePoly::symbol("?"); }

/// The size of a value that is one of two.
static SizePoly either(const SizePoly &a, const SizePoly &b) { return a == b ? a : unknown(); }

/// a - b; two unknown sizes do not cancel.
static SizePoly difference(const SizePoly &a, const SizePoly &b) {
  return a.hasSymbol("?") || b.hasSymbol("?") ? unknown() : a - b;
}

static SizePoly sizeOfMixed(OpFoldResult size) {
  if (std::optional<int64_t> constant = getConstantIntValue(size))
    return SizePoly(*constant);
  return sizeOfIndex(cast<Value>(size));
}

/// Size from a list with one entry for each dimension (static or the next dynamic operand).
static SizePoly sizeFromOperands(ShapedType type, ValueRange dynamicSizes, int64_t dim) {
  return sizeOfIndex(dynamicSizes[type.getDynamicDimIndex(dim)]);
}

static SizePoly sizeOfSlice(OffsetSizeAndStrideOpInterface op, Value source,
                            llvm::SmallBitVector dropped, int64_t dim) {
  SmallVector<OpFoldResult> sizes = op.getMixedSizes();
  for (unsigned i = 0, kept = 0; i < sizes.size(); ++i) {
    if (dropped.test(i))
      continue;
    if (kept++ != dim)
      continue;
    SizePoly size = sizeOfMixed(sizes[i]);
    return size.hasSymbol("?") ? sizeOf(source, i) : size;
  }
  return unknown();
}

template <typename OpTy> static SizePoly sizeOfCollapse(OpTy op, int64_t dim) {
  SizePoly product(1);
  SmallVector<ReassociationIndices> groups = op.getReassociationIndices();
  for (int64_t source : groups[dim])
    product = product * sizeOf(op.getSrc(), source);
  return product;
}

static SizePoly sizeOfArgument(BlockArgument arg, int64_t dim) {
  Operation *parent = arg.getOwner()->getParentOp();
  if (auto function = dyn_cast<FunctionOpInterface>(parent)) {
    auto dims = function.getArgAttrOfType<ArrayAttr>(arg.getArgNumber(), kDimsAttr);
    if (!dims || dim >= static_cast<int64_t>(dims.size()))
      return unknown();
    auto text = dyn_cast<StringAttr>(dims[dim]);
    runtime::ParsedSize parsed = runtime::SizeSum::parse(text ? text.getValue() : "");
    return parsed.size ? polyOf(*parsed.size) : unknown();
  }
  if (auto loop = dyn_cast<LoopLikeOpInterface>(parent))
    if (OpOperand *init = loop.getTiedLoopInit(arg))
      return sizeOf(init->get(), dim);
  return unknown();
}

static SizePoly sizeOfResult(OpResult result, int64_t dim) {
  Operation *op = result.getOwner();
  auto type = cast<ShapedType>(result.getType());
  return TypeSwitch<Operation *, SizePoly>(op)
      .Case<DimSourceOpInterface>([&](auto source) {
        DimSource from = source.getDimSource(result.getResultNumber(), dim);
        SizePoly size = from.shaped ? sizeOf(from.shaped, from.dim) : sizeOfMixed(from.index);
        return size + SizePoly(from.offset);
      })
      .Case<tensor::EmptyOp, memref::AllocOp, memref::AllocaOp>(
          [&](auto empty) { return sizeFromOperands(type, empty->getOperands(), dim); })
      .Case<tensor::SplatOp>(
          [&](auto splat) { return sizeFromOperands(type, splat.getDynamicSizes(), dim); })
      .Case<tensor::ExtractSliceOp, memref::SubViewOp>([&](auto slice) {
        return sizeOfSlice(slice, slice.getSource(), slice.getDroppedDims(), dim);
      })
      .Case<tensor::ExpandShapeOp, memref::ExpandShapeOp>(
          [&](auto expand) { return sizeOfMixed(expand.getMixedOutputShape()[dim]); })
      .Case<tensor::CollapseShapeOp, memref::CollapseShapeOp>(
          [&](auto collapse) { return sizeOfCollapse(collapse, dim); })
      .Case<tensor::InsertSliceOp>([&](auto insert) { return sizeOf(insert.getDest(), dim); })
      .Case<memref::ReinterpretCastOp>(
          [&](auto cast) { return sizeOfMixed(cast.getMixedSizes()[dim]); })
      .Case<CastOpInterface>([&](auto) { return sizeOf(op->getOperand(0), dim); })
      .Case<bufferization::ToTensorOp, bufferization::ToBufferOp, bufferization::CloneOp>(
          [&](auto) { return sizeOf(op->getOperand(0), dim); })
      .Case<scf::IfOp>([&](auto branch) {
        unsigned number = result.getResultNumber();
        return either(sizeOf(branch.thenYield()->getOperand(number), dim),
                      sizeOf(branch.elseYield()->getOperand(number), dim));
      })
      .Case<arith::SelectOp>([&](auto select) {
        return either(sizeOf(select.getTrueValue(), dim), sizeOf(select.getFalseValue(), dim));
      })
      .Default([&](Operation *) {
        if (auto loop = dyn_cast<LoopLikeOpInterface>(op))
          if (OpOperand *init = loop.getTiedLoopInit(result))
            return sizeOf(init->get(), dim);
        if (auto destination = dyn_cast<DestinationStyleOpInterface>(op))
          return sizeOf(destination.getTiedOpOperand(result)->get(), dim);
        if (op->hasTrait<OpTrait::Elementwise>())
          for (Value operand : op->getOperands())
            if (isa<ShapedType>(operand.getType()))
              return sizeOf(operand, dim);
        return unknown();
      });
}

SizePoly sizeOf(Value value, int64_t dim) {
  auto type = cast<ShapedType>(value.getType());
  if (!type.hasRank())
    return unknown();
  if (!type.isDynamicDim(dim))
    return SizePoly(type.getDimSize(dim));
  if (auto arg = dyn_cast<BlockArgument>(value))
    return sizeOfArgument(arg, dim);
  return sizeOfResult(cast<OpResult>(value), dim);
}

/// The offsets tensor that `index` is read from, through casts.
static Value offsetsOf(Value index) {
  while (Operation *op = index.getDefiningOp()) {
    if (isa<arith::IndexCastOp, arith::IndexCastUIOp>(op)) {
      index = op->getOperand(0);
      continue;
    }
    if (isa<tensor::ExtractOp, memref::LoadOp>(op))
      return op->getOperand(0);
    break;
  }
  return {};
}

/// Length of a segment, offsets[g + 1] - offsets[g]: at most what the offsets are offsets of.
static SizePoly sizeOfSegment(arith::SubIOp op) {
  Value upper = offsetsOf(op.getLhs());
  auto arg = dyn_cast_if_present<BlockArgument>(upper);
  if (!arg || upper != offsetsOf(op.getRhs()))
    return unknown();
  auto function = dyn_cast<FunctionOpInterface>(arg.getOwner()->getParentOp());
  if (!function)
    return unknown();
  auto name = function.getArgAttrOfType<StringAttr>(arg.getArgNumber(), kOffsetsOfAttr);
  return name ? SizePoly::symbol(name.getValue()) : unknown();
}

std::optional<std::string> segmentsOf(scf::ForOp loop) {
  for (Operation *user : loop.getInductionVar().getUsers()) {
    auto extract = dyn_cast<tensor::ExtractOp>(user);
    auto arg = extract ? dyn_cast<BlockArgument>(extract.getTensor()) : BlockArgument();
    auto function =
        arg ? dyn_cast_if_present<FunctionOpInterface>(arg.getOwner()->getParentOp()) : nullptr;
    if (!function)
      continue;
    if (auto name = function.getArgAttrOfType<StringAttr>(arg.getArgNumber(), kOffsetsOfAttr))
      return name.str();
  }
  return std::nullopt;
}

static SizePoly sizeOfAffine(AffineExpr expr, ValueRange operands, unsigned numDims) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return SizePoly(constant.getValue());
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return sizeOfIndex(operands[dim.getPosition()]);
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return sizeOfIndex(operands[numDims + symbol.getPosition()]);
  auto binary = cast<AffineBinaryOpExpr>(expr);
  SizePoly lhs = sizeOfAffine(binary.getLHS(), operands, numDims);
  SizePoly rhs = sizeOfAffine(binary.getRHS(), operands, numDims);
  // A term may be negative, and unknown sizes do not cancel.
  if (lhs.hasSymbol("?") || rhs.hasSymbol("?"))
    return unknown();
  if (expr.getKind() == AffineExprKind::Add)
    return lhs + rhs;
  if (expr.getKind() == AffineExprKind::Mul)
    return lhs * rhs;
  return unknown();
}

SizePoly sizeOfIndex(Value index) {
  APInt constant;
  if (matchPattern(index, m_ConstantInt(&constant)))
    return SizePoly(constant.getSExtValue());
  Operation *op = index.getDefiningOp();
  if (!op)
    return unknown();
  return TypeSwitch<Operation *, SizePoly>(op)
      .Case<tensor::DimOp, memref::DimOp>([&](auto dim) {
        std::optional<int64_t> position = dim.getConstantIndex();
        auto type = cast<ShapedType>(dim.getSource().getType());
        if (!position || !type.hasRank() || *position < 0 || *position >= type.getRank())
          return unknown();
        return sizeOf(dim.getSource(), *position);
      })
      .Case<IndexSizeOpInterface>([](auto size) { return size.getIndexSize(); })
      .Case<arith::AddIOp>(
          [&](auto add) { return sizeOfIndex(add.getLhs()) + sizeOfIndex(add.getRhs()); })
      .Case<arith::MulIOp>(
          [&](auto mul) { return sizeOfIndex(mul.getLhs()) * sizeOfIndex(mul.getRhs()); })
      .Case<arith::SubIOp>([&](auto sub) {
        SizePoly segment = sizeOfSegment(sub);
        return segment.hasSymbol("?")
                   ? difference(sizeOfIndex(sub.getLhs()), sizeOfIndex(sub.getRhs()))
                   : segment;
      })
      .Case<arith::IndexCastOp, arith::IndexCastUIOp>(
          [&](auto cast) { return sizeOfIndex(cast.getIn()); })
      .Case<affine::AffineApplyOp>([&](auto apply) {
        AffineMap map = apply.getAffineMap();
        return sizeOfAffine(map.getResult(0), apply.getMapOperands(), map.getNumDims());
      })
      .Default([](Operation *) { return unknown(); });
}

SizePoly elementCount(Value value) {
  SizePoly count(1);
  for (int64_t dim = 0, rank = cast<ShapedType>(value.getType()).getRank(); dim < rank; ++dim)
    count = count * sizeOf(value, dim);
  return count;
}

} // namespace attune
