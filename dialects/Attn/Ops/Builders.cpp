// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Small builders of linalg ops, and shape reification from getDimSource.
#include "dialects/Attn/Attn.h"

using namespace mlir;

namespace attune::attn {

/// The size that `source` stands for, resolved through chains of implicit matrices at once, so that
/// no attn.dim is left behind.
static OpFoldResult resolve(OpBuilder &b, Location loc, const DimSource &source) {
  OpFoldResult size = source.index;
  if (source.shaped) {
    auto type = cast<ShapedType>(source.shaped.getType());
    if (!type.isDynamicDim(source.dim))
      size = b.getIndexAttr(type.getDimSize(source.dim));
    else
      size = dimValue(b, loc, source.shaped, source.dim);
  }
  if (source.offset == 0)
    return size;
  if (std::optional<int64_t> constant = getConstantIntValue(size))
    return b.getIndexAttr(*constant + source.offset);
  Value offset = arith::ConstantIndexOp::create(b, loc, source.offset);
  return arith::AddIOp::create(b, loc, cast<Value>(size), offset).getResult();
}

LogicalResult reifyFromDimSources(Operation *op, OpBuilder &b, ReifiedRankedShapedTypeDims &dims) {
  auto source = cast<DimSourceOpInterface>(op);
  for (OpResult result : op->getResults()) {
    auto type = dyn_cast<ShapedType>(result.getType());
    if (!type)
      return failure();
    SmallVector<OpFoldResult> sizes;
    for (int64_t dim = 0; dim < type.getRank(); ++dim) {
      if (!type.isDynamicDim(dim))
        sizes.push_back(b.getIndexAttr(type.getDimSize(dim)));
      else
        sizes.push_back(
            resolve(b, op->getLoc(), source.getDimSource(result.getResultNumber(), dim)));
    }
    dims.push_back(std::move(sizes));
  }
  return success();
}

void boundFromDimSources(Value value, int64_t dim, ValueBoundsConstraintSet &cstr) {
  auto result = cast<OpResult>(value);
  DimSource from =
      cast<DimSourceOpInterface>(result.getOwner()).getDimSource(result.getResultNumber(), dim);
  if (from.shaped)
    cstr.bound(value)[dim] == cstr.getExpr(from.shaped, from.dim) + from.offset;
  else
    cstr.bound(value)[dim] == cstr.getExpr(from.index) + from.offset;
}

Value dimValue(OpBuilder &b, Location loc, Value v, int64_t dim) {
  auto type = cast<ShapedType>(v.getType());
  if (!type.isDynamicDim(dim))
    return arith::ConstantIndexOp::create(b, loc, type.getDimSize(dim));
  if (!isa<MatrixType>(type))
    return tensor::DimOp::create(b, loc, v, dim);
  auto source = v.getDefiningOp<DimSourceOpInterface>();
  if (!source) // an argument or the result of a call
    return DimOp::create(b, loc, v, dim);
  unsigned number = cast<OpResult>(v).getResultNumber();
  return getValueOrCreateConstantIndexOp(b, loc, resolve(b, loc, source.getDimSource(number, dim)));
}

SmallVector<OpFoldResult> mixedSizes(OpBuilder &b, Location loc, Value v) {
  auto type = cast<ShapedType>(v.getType());
  SmallVector<OpFoldResult> sizes;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    sizes.push_back(type.isDynamicDim(dim) ? OpFoldResult(dimValue(b, loc, v, dim))
                                           : OpFoldResult(b.getIndexAttr(type.getDimSize(dim))));
  return sizes;
}

Value buildGeneric(OpBuilder &b, Location loc, ArrayRef<Mapped> inputs, Mapped out,
                   llvm::function_ref<Value(OpBuilder &, Location, ValueRange)> body) {
  // Number the loops in the order of the output, reductions after them.
  llvm::SmallVector<int64_t> order;
  auto collect = [&](const Mapped &operand) {
    for (int64_t loop : operand.loops)
      if (loop >= 0 && !llvm::is_contained(order, loop))
        order.push_back(loop);
  };
  collect(out);
  size_t numParallel = order.size();
  for (const Mapped &input : inputs)
    collect(input);
  // A broadcast along a loop of one step is the plain loop: the map stays a permutation.
  auto isUnitLoop = [&](int64_t loop) {
    auto position = llvm::find(out.loops, loop);
    return position != out.loops.end() &&
           cast<ShapedType>(out.value.getType()).getDimSize(position - out.loops.begin()) == 1;
  };
  auto mapOf = [&](const Mapped &operand) {
    SmallVector<AffineExpr> exprs;
    for (int64_t loop : operand.loops) {
      if (loop < 0 && isUnitLoop(~loop))
        loop = ~loop;
      exprs.push_back(loop < 0 ? b.getAffineConstantExpr(0)
                               : b.getAffineDimExpr(llvm::find(order, loop) - order.begin()));
    }
    return AffineMap::get(order.size(), 0, exprs, b.getContext());
  };
  SmallVector<AffineMap> maps;
  SmallVector<Value> values;
  for (const Mapped &input : inputs) {
    maps.push_back(mapOf(input));
    values.push_back(input.value);
  }
  maps.push_back(mapOf(out));
  SmallVector<utils::IteratorType> iterators(order.size(), utils::IteratorType::parallel);
  std::fill(iterators.begin() + numParallel, iterators.end(), utils::IteratorType::reduction);
  auto op =
      linalg::GenericOp::create(b, loc, out.value.getType(), values, out.value, maps, iterators,
                                [&](OpBuilder &nested, Location at, ValueRange args) {
                                  linalg::YieldOp::create(nested, at, body(nested, at, args));
                                });
  return op.getResult(0);
}

Value buildEmpty(OpBuilder &b, Location loc, ArrayRef<OpFoldResult> sizes, Type elementType) {
  return tensor::EmptyOp::create(b, loc, sizes, elementType);
}

Value buildFilled(OpBuilder &b, Location loc, ArrayRef<OpFoldResult> sizes, double fill) {
  Value empty = buildEmpty(b, loc, sizes, b.getF32Type());
  return linalg::FillOp::create(b, loc, f32Constant(b, loc, fill), empty).getResult(0);
}

Value f32Constant(OpBuilder &b, Location loc, double value) {
  return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(value));
}

Value realConstant(OpBuilder &b, Location loc, double value) {
  if (static_cast<double>(static_cast<float>(value)) == value)
    return f32Constant(b, loc, value);
  Value exact = arith::ConstantOp::create(b, loc, b.getF64FloatAttr(value));
  return arith::TruncFOp::create(b, loc, b.getF32Type(), exact);
}

Value indexToF32(OpBuilder &b, Location loc, Value index) {
  Value integer = arith::IndexCastOp::create(b, loc, b.getI64Type(), index);
  return arith::SIToFPOp::create(b, loc, b.getF32Type(), integer);
}

SmallVector<Value> inlineRegion(OpBuilder &b, Region &region, ValueRange arguments) {
  IRMapping mapping;
  Block &block = region.front();
  mapping.map(block.getArguments(), arguments);
  for (Operation &op : block.without_terminator())
    b.clone(op, mapping);
  SmallVector<Value> results;
  for (Value value : block.getTerminator()->getOperands())
    results.push_back(mapping.lookupOrDefault(value));
  return results;
}

LogicalResult verifyElementwiseRegion(Operation *op, Region &region, StringRef label) {
  for (Operation &nested : region.front().without_terminator()) {
    bool isScalar =
        llvm::none_of(nested.getResultTypes(), [](Type type) { return isa<ShapedType>(type); });
    bool isAllowed =
        nested.hasTrait<OpTrait::ConstantLike>() || OpTrait::hasElementwiseMappableTraits(&nested);
    if (isScalar && isAllowed)
      continue;
    InFlightDiagnostic diag =
        op->emitOpError("region must hold only constants and elementwise ops (") << label << ")";
    diag.attachNote(nested.getLoc())
        << "`" << nested.getName() << (isAllowed ? "` is not on scalars" : "` is neither");
    return diag;
  }
  return success();
}

FailureOr<Value> SliceBuilder::slice(Value matrix) {
  auto op = matrix.getDefiningOp<MatrixOpInterface>();
  return op ? op.buildSlice(*this) : FailureOr<Value>(failure());
}

Value SliceBuilder::sliceTensor(Value tensor, int64_t dim) {
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0)),
      strides(type.getRank(), b.getIndexAttr(1));
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, tensor);
  offsets[dim] = offset;
  sizes[dim] = size;
  return tensor::ExtractSliceOp::create(b, loc, tensor, offsets, sizes, strides);
}

} // namespace attune::attn
