// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Elementwise fusion, upstream's patterns under a stricter rule. Upstream's own pass fuses a relu
// into the contraction that follows: relu is then computed once for each output column, and the
// contraction is no longer recognised as one. Upstream's patterns also leave an init that a body
// reads as a second result, so such inits become inputs first (attune-reuse-inits works in place
// again).

#include "attune/Sizes/Passes.h"
#include "attune/Transforms/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace attune {
#define GEN_PASS_DEF_FUSEELEMENTWISEPASS
#include "attune/Transforms/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

/// Each element is read once, by its only reader: every loop of the consumer that runs more than
/// once walks the operand.
static bool isReadOnce(OpOperand *operand) {
  Operation *producer = operand->get().getDefiningOp();
  auto consumer = dyn_cast<linalg::LinalgOp>(operand->getOwner());
  if (!producer || !consumer || !producer->hasOneUse())
    return false;
  AffineMap map = consumer.getMatchingIndexingMap(operand);
  for (auto [loop, size] : llvm::enumerate(consumer.getStaticLoopRanges()))
    if (size != 1 && !map.isFunctionOfDim(loop))
      return false;
  return true;
}

/// A transposed weight whose rows are whole fours of numbers: a product reads them as they are.
static bool isReadableTransposed(OpOperand *operand) {
  auto producer = operand->get().getDefiningOp<linalg::GenericOp>();
  if (!producer || !producer->hasOneUse() || producer.getNumDpsInputs() != 1 ||
      producer.getNumLoops() != 2 || producer.getNumReductionLoops())
    return false;
  auto source = dyn_cast<RankedTensorType>(producer.getInputs()[0].getType());
  auto yield = cast<linalg::YieldOp>(producer.getBody()->getTerminator());
  return source && source.hasStaticShape() && source.getRank() == 2 &&
         source.getDimSize(1) % 4 == 0 && producer.getIndexingMapsArray()[0].isPermutation() &&
         producer.getIndexingMapsArray()[1].isPermutation() &&
         yield.getOperand(0) == producer.getBody()->getArgument(0);
}

static bool isOneElementwise(linalg::LinalgOp op) {
  return op.hasPureTensorSemantics() && op.getNumDpsInits() == 1 &&
         op.getNumLoops() == op.getNumParallelLoops();
}

/// Whether the value, seen through reshapes, is what a destination-style op of this function made.
static bool isOwn(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp, tensor::CastOp>(op))
      return isa<DestinationStyleOpInterface>(op);
    value = op->getOperand(0);
  }
  return false;
}

/// generic ins(%a) outs(%b), reading both  ->  generic ins(%a, %b) outs(tensor.empty). Where %b is
/// a slice or comes from outside, the op updates it and must keep doing so.
static void readInitAsInput(linalg::GenericOp op, IRRewriter &rewriter) {
  OpOperand *init = op.getDpsInitOperand(0);
  if (!op.payloadUsesValueFromOperand(init) || !isOwn(init->get()))
    return;
  rewriter.setInsertionPoint(op);
  auto type = cast<RankedTensorType>(init->get().getType());
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(rewriter, op.getLoc(), init->get());
  Value empty = tensor::EmptyOp::create(rewriter, op.getLoc(), sizes, type.getElementType());
  SmallVector<Value> inputs = op.getInputs();
  inputs.push_back(init->get());
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  maps.push_back(maps.back());
  auto pure = linalg::GenericOp::create(rewriter, op.getLoc(), type, inputs, ValueRange{empty},
                                        maps, op.getIteratorTypesArray());
  rewriter.inlineRegionBefore(op.getRegion(), pure.getRegion(), pure.getRegion().begin());
  // What was the argument of the init is now that of the last input.
  pure.getBody()->addArgument(type.getElementType(), op.getLoc());
  rewriter.replaceOp(op, pure);
}

/// Brings elementwise ops into the one form that the patterns understand.
static void normalize(func::FuncOp function) {
  IRRewriter rewriter(function.getContext());
  SmallVector<linalg::LinalgOp> ops;
  function.walk([&](linalg::LinalgOp op) {
    if (isOneElementwise(op) && !isa<linalg::FillOp>(op))
      ops.push_back(op);
  });
  for (linalg::LinalgOp op : ops) {
    rewriter.setInsertionPoint(op);
    auto generic = FailureOr<linalg::GenericOp>(dyn_cast<linalg::GenericOp>(op.getOperation()));
    if (!*generic)
      generic = linalg::generalizeNamedOp(rewriter, op);
    if (succeeded(generic))
      readInitAsInput(*generic, rewriter);
  }
}

namespace {
struct FuseElementwisePass : attune::impl::FuseElementwisePassBase<FuseElementwisePass> {
  using FuseElementwisePassBase::FuseElementwisePassBase;

  void runOnOperation() override {
    normalize(getOperation());
    // A tensor.dim counts as a use and would keep a producer from being fused.
    unifyDims(getOperation());
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, [this](OpOperand *operand) {
      return isReadOnce(operand) || (transposes && isReadableTransposed(operand));
    });
    linalg::GenericOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
