// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// (Q / |Q|_F) (K / |K|_F)^T -> 1 / (|Q|_F |K|_F) Q K^T where only linear forms use it: there the
// number goes to the small product K^T V, and neither Q nor K is divided or stored again.
#include "Remarks.h"
#include "attune/Dialect/Attn/Algebra.h"
#include "attune/Dialect/Attn/Entrywise.h"
#include "attune/Dialect/Attn/Sinks.h"
#include "attune/Dialect/Attn/Sources.h"
#include "attune/Dialect/NN/Layers.h"
#include "attune/Rewrite/Passes.h"
#include "attune/Sizes/Sizes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace attune::attn;

namespace attune {
#define GEN_PASS_DEF_MOVENORMSPASS
#include "attune/Rewrite/Passes.h.inc"

namespace {

/// Whether every sink of the matrix has a linear form that takes a scaling inside.
bool staysLinear(Value matrix) {
  return llvm::all_of(matrix.getUsers(), [](Operation *user) {
    if (auto apply = dyn_cast<ApplyOp>(user))
      return factsOf(apply.getMatrix()).hasCheapForm;
    if (auto sums = dyn_cast<RowSumsOp>(user))
      return factsOf(sums.getMatrix()).hasCheapForm;
    return isa<AddOp, MapOp, NormalizeRowsOp, ScaleOp, TransposeOp>(user) &&
           staysLinear(user->getResult(0));
  });
}

/// 1 / |x|; 1 where x is empty, so that a sum over nothing stays 0.
Value inverseNorm(OpBuilder &b, Location loc, Value x) {
  Value one = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(1.0f));
  Value norm = nn::FrobeniusNormOp::create(b, loc, b.getF32Type(), x);
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  auto type = cast<RankedTensorType>(x.getType());
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    if (!type.isDynamicDim(dim))
      continue;
    Value size = tensor::DimOp::create(b, loc, x, dim);
    Value isEmpty = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, size, zero);
    norm = arith::SelectOp::create(b, loc, isEmpty, one, norm);
  }
  return arith::DivFOp::create(b, loc, one, norm);
}

void moveNorms(DotOp dot, bool isDisabled) {
  Value operands[] = {dot.getQ(), dot.getK()};
  auto normalized = [](Value x) { return x.getDefiningOp<nn::FrobeniusNormalizeOp>(); };
  if ((!normalized(operands[0]) && !normalized(operands[1])) || dot->use_empty() ||
      !staysLinear(dot))
    return;
  Location loc = dot.getLoc();
  SizePoly saved;
  for (Value x : operands)
    if (normalized(x))
      saved += elementCount(x);
  StringRef function = dot->getParentOfType<func::FuncOp>().getName();
  rewrite::CostChange cost{saved, SizePoly()};
  if (isDisabled)
    return rewrite::remarkMissed(loc, function, "norm", "disabled", cost);
  OpBuilder b(dot);
  Value factor;
  for (Value &x : operands) {
    nn::FrobeniusNormalizeOp op = normalized(x);
    if (!op)
      continue;
    Value inverse = inverseNorm(b, op.getLoc(), op.getX());
    factor = factor ? arith::MulFOp::create(b, loc, factor, inverse).getResult() : inverse;
    x = op.getX();
  }
  Value product = DotOp::create(b, loc, operands[0], operands[1]);
  Value result =
      ScaleOp::create(b, loc, product.getType(), product, Value(), Value(), Value(), factor);
  dot.replaceAllUsesWith(result);
  // A polynomial may have had a form for dot products that it has not for multiples of them.
  if (!staysLinear(result))
    return result.replaceAllUsesWith(dot);
  rewrite::remarkPassed(loc, function, "norm",
                        "the norms of whole tensors divide the product, not the tensors", cost);
  dot.erase();
}

struct MoveNorms : impl::MoveNormsPassBase<MoveNorms> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<DotOp> dots;
    getOperation().walk([&](DotOp dot) { dots.push_back(dot); });
    for (DotOp dot : dots)
      moveNorms(dot, llvm::is_contained(disabled, "norm"));
  }
};

} // namespace
} // namespace attune
