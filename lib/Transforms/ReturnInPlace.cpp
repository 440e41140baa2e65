// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// buffer-results-to-out-params turns the allocation that a function returns into the caller's
// buffer. It needs the function to return an allocation, not a view of one (a copy would be left),
// and each allocation once.
//
//   %e = empty [N,64]; %y = op outs(%e); return expand %y
//     ->  %e = empty [N,1,64]; %c = collapse %e; %y = op outs(%c); return expand %y

#include "attune/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace attune {
#define GEN_PASS_DEF_RETURNINPLACEPASS
#include "attune/Transforms/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

/// The tensor.empty that the destination of `value` begins with, or null.
static tensor::EmptyOp firstEmpty(Value value) {
  while (auto op = value.getDefiningOp<DestinationStyleOpInterface>())
    value = op.getTiedOpOperand(cast<OpResult>(value))->get();
  return value.getDefiningOp<tensor::EmptyOp>();
}

/// Sizes after collapsing `sizes` by `groups`.
static SmallVector<OpFoldResult> collapsedSizes(OpBuilder &b, Location loc,
                                                ArrayRef<OpFoldResult> sizes,
                                                ArrayRef<ReassociationIndices> groups) {
  SmallVector<OpFoldResult> collapsed;
  for (const ReassociationIndices &group : groups) {
    int64_t constant = 1;
    Value product;
    for (int64_t dim : group) {
      if (std::optional<int64_t> size = getConstantIntValue(sizes[dim]))
        constant *= *size;
      else
        product = product ? Value(arith::MulIOp::create(b, loc, product, cast<Value>(sizes[dim])))
                          : cast<Value>(sizes[dim]);
    }
    if (product && constant != 1)
      product =
          arith::MulIOp::create(b, loc, product, arith::ConstantIndexOp::create(b, loc, constant));
    collapsed.push_back(product ? OpFoldResult(product) : OpFoldResult(b.getIndexAttr(constant)));
  }
  return collapsed;
}

/// Makes the destination of a returned `reshape` in the returned shape.
template <typename ReshapeOp> static void returnReshaped(ReshapeOp reshape, IRRewriter &rewriter) {
  tensor::EmptyOp empty = firstEmpty(reshape.getSrc());
  if (!empty || empty->getBlock() != reshape->getBlock() || !empty.getResult().hasOneUse())
    return;
  Location loc = empty.getLoc();
  rewriter.setInsertionPoint(empty);
  SmallVector<ReassociationIndices> groups = reshape.getReassociationIndices();
  Type elementType = empty.getType().getElementType();
  if constexpr (std::is_same_v<ReshapeOp, tensor::ExpandShapeOp>) {
    for (Value size : reshape.getOutputShape())
      if (Operation *maker = size.getDefiningOp())
        if (maker->getBlock() != empty->getBlock() || empty->isBeforeInBlock(maker))
          return;
    auto shaped =
        tensor::EmptyOp::create(rewriter, loc, reshape.getMixedOutputShape(), elementType);
    if (shaped.getType() != reshape.getResultType())
      return rewriter.eraseOp(shaped);
    rewriter.replaceOpWithNewOp<tensor::CollapseShapeOp>(empty, empty.getType(), shaped, groups);
  } else {
    SmallVector<OpFoldResult> sizes = empty.getMixedSizes();
    auto shaped = tensor::EmptyOp::create(
        rewriter, loc, collapsedSizes(rewriter, loc, sizes, groups), elementType);
    if (shaped.getType() != reshape.getResultType())
      return rewriter.eraseOp(shaped);
    rewriter.replaceOpWithNewOp<tensor::ExpandShapeOp>(empty, empty.getType(), shaped, groups,
                                                       sizes);
  }
}

namespace {
struct ReturnInPlacePass : attune::impl::ReturnInPlacePassBase<ReturnInPlacePass> {
  void runOnOperation() override {
    if (getOperation().isExternal())
      return;
    IRRewriter rewriter(&getContext());
    Operation *end = getOperation().getBody().back().getTerminator();
    llvm::SmallPtrSet<Value, 4> returned;
    for (OpOperand &operand : end->getOpOperands()) {
      Value value = operand.get();
      if (!isa<RankedTensorType>(value.getType()))
        continue;
      if (!returned.insert(value).second) {
        rewriter.setInsertionPoint(end);
        Location loc = value.getLoc();
        Value empty =
            tensor::EmptyOp::create(rewriter, loc, tensor::getMixedSizes(rewriter, loc, value),
                                    getElementTypeOrSelf(value));
        operand.set(linalg::CopyOp::create(rewriter, loc, value, empty).getResult(0));
        continue;
      }
      if (auto expand = value.getDefiningOp<tensor::ExpandShapeOp>())
        returnReshaped(expand, rewriter);
      else if (auto collapse = value.getDefiningOp<tensor::CollapseShapeOp>())
        returnReshaped(collapse, rewriter);
    }
  }
};
} // namespace
