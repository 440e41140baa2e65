// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Elementwise fusion, upstream's patterns under a stricter rule. Upstream's own pass fuses a relu
// into the contraction that follows: relu is then computed once for each output column, and the
// contraction is no longer recognised as one.

#include "attune/Pipeline/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace attune {
#define GEN_PASS_DEF_FUSEELEMENTWISEPASS
#include "attune/Pipeline/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

/// Each element is read once, by its only reader.
static bool isReadOnce(OpOperand *operand) {
  Operation *producer = operand->get().getDefiningOp();
  auto consumer = dyn_cast<linalg::LinalgOp>(operand->getOwner());
  return producer && consumer && producer->hasOneUse() &&
         consumer.getMatchingIndexingMap(operand).isPermutation();
}

namespace {
struct FuseElementwisePass : attune::impl::FuseElementwisePassBase<FuseElementwisePass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, isReadOnce);
    linalg::GenericOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
