// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// mean_h((A_h + G) v_h) -> mean_h(A_h v_h) + G mean_h(v_h) where all heads share G: addition and a
// product with a fixed matrix commute with the mean. DIFFormer's graph term: one sparse product,
// not H.
#include "PlannedSinks.h"
#include "Remarks.h"
#include "attune/Dialect/Attn/Algebra.h"
#include "attune/Dialect/Attn/RowLayout.h"
#include "attune/Dialect/Attn/Sinks.h"
#include "attune/Dialect/NN/Layers.h"
#include "attune/Rewrite/Passes.h"
#include "attune/Rewrite/Plan.h"
#include "attune/Sizes/Sizes.h"

using namespace mlir;
using namespace attune::attn;

namespace attune {
#define GEN_PASS_DEF_MOVEHEADMEANPASS
#include "attune/Rewrite/Passes.h.inc"

namespace {

Value sumOf(OpBuilder &b, Location loc, ArrayRef<Value> terms) {
  Value sum = terms.front();
  for (Value term : terms.drop_front())
    sum = AddOp::create(b, loc, sum, term);
  return sum;
}

void rewriteMean(nn::MeanOp mean, IRRewriter &rewriter, const llvm::StringSet<> &disabled) {
  auto product = mean.getX().getDefiningOp<ApplyOp>();
  if (!product || product.getInit() || !product->hasOneUse())
    return;
  int64_t rank = attn::detail::rankOf(product.getResult());
  if (rank < 3 || static_cast<int64_t>(mean.getDim()) != rank - 2 ||
      cast<ShapedType>(product.getV().getType()).getDimSize(rank - 2) == 1)
    return;
  SmallVector<Value> shared, own;
  for (const rewrite::Term &term : rewrite::termsOf(product.getMatrix())) {
    if (term.count != 1)
      return;
    (cast<MatrixType>(term.matrix.getType()).getNumHeads() == 1 ? shared : own)
        .push_back(term.matrix);
  }
  if (shared.empty() || own.empty())
    return;
  Location loc = product.getLoc();
  auto function = mean->getParentOfType<func::FuncOp>();
  // Of the products: what the plan says before and after.
  auto flopOf = [&](Operation *sink) {
    FailureOr<rewrite::Plan> plan = rewrite::planFunction(function, disabled, /*isQuiet=*/true);
    const rewrite::PlanNode *node = succeeded(plan) ? plan->of(sink) : nullptr;
    return node ? node->flop.total() : SizePoly();
  };
  rewrite::CostChange cost;
  cost.before = cost.after = flopOf(product);
  if (disabled.contains("head-mean"))
    return rewrite::remarkMissed(loc, function.getName(), "head-mean", "disabled", cost);
  rewriter.setInsertionPoint(mean);
  Value ownMatrix = sumOf(rewriter, loc, own), sharedMatrix = sumOf(rewriter, loc, shared);
  Value v = product.getV();
  Value ownProduct = ApplyOp::create(rewriter, loc, ownMatrix, v, Value());
  Value ownMean = nn::MeanOp::create(rewriter, mean.getLoc(), ownProduct, mean.getDim());
  Value meanOfV = nn::MeanOp::create(rewriter, mean.getLoc(), v, mean.getDim());
  Value result = ApplyOp::create(rewriter, loc, sharedMatrix,
                                 attn::detail::insertUnitDim(rewriter, loc, meanOfV, rank - 2),
                                 attn::detail::insertUnitDim(rewriter, loc, ownMean, rank - 2));
  Value flat = attn::detail::removeUnitDim(rewriter, loc, result, rank - 2);
  cost.after = flopOf(ownProduct.getDefiningOp()) + flopOf(result.getDefiningOp());
  rewrite::remarkPassed(loc, function.getName(), "head-mean",
                        rewrite::findRewrite("head-mean")->sentence.str(), cost);
  if (flat.getType() != mean.getType())
    flat = tensor::CastOp::create(rewriter, loc, mean.getType(), flat);
  rewriter.replaceOp(mean, flat);
  rewriter.eraseOp(product);
}

struct MoveHeadMean : impl::MoveHeadMeanPassBase<MoveHeadMean> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<nn::MeanOp> means;
    getOperation().walk([&](nn::MeanOp mean) { means.push_back(mean); });
    IRRewriter rewriter(&getContext());
    llvm::StringSet<> names;
    names.insert_range(disabled);
    for (nn::MeanOp mean : means)
      rewriteMean(mean, rewriter, names);
  }
};

} // namespace
} // namespace attune
