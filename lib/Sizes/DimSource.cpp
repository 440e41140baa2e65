// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shape reification, value bounds and dimensions as IR, all from getDimSource.
#include "attune/Sizes/DimSource.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

#include "attune/Sizes/DimSource.cpp.inc"
#include "attune/Sizes/UnstoredType.cpp.inc"

namespace attune {

/// The size that `source` stands for, resolved through chains of implicit matrices at once, so that
/// no op of theirs is left behind.
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
  auto unstored = dyn_cast<UnstoredTypeInterface>(v.getType());
  if (!unstored)
    return tensor::DimOp::create(b, loc, v, dim);
  auto source = v.getDefiningOp<DimSourceOpInterface>();
  if (!source) // an argument or the result of a call
    return unstored.buildDim(b, loc, v, dim);
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

} // namespace attune
