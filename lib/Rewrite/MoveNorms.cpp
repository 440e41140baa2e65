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
#include "attune/Rewrite/Plan.h"
#include "attune/Sizes/Sizes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace attune::attn;

namespace attune {
#define GEN_PASS_DEF_MOVENORMSPASS
#include "attune/Rewrite/Passes.h.inc"

namespace {

/// The sinks that the matrix reaches through ops which take a scaling inside; none where it is used
/// otherwise.
std::optional<llvm::SetVector<Operation *>> linearUsers(Value matrix) {
  llvm::SetVector<Operation *> sinks;
  llvm::SetVector<Value> matrices;
  matrices.insert(matrix);
  for (unsigned i = 0; i < matrices.size(); ++i)
    for (Operation *user : matrices[i].getUsers()) {
      if (isa<ApplyOp, RowSumsOp>(user))
        sinks.insert(user);
      else if (isa<AddOp, MapOp, NormalizeRowsOp, ScaleOp, TransposeOp>(user))
        matrices.insert(user->getResult(0));
      else
        return std::nullopt;
    }
  return sinks;
}

/// Whether the plan has a linear form for every sink of the matrix, and no visit of its pairs.
bool staysLinear(Value matrix, func::FuncOp function, const llvm::StringSet<> &disabled) {
  std::optional<llvm::SetVector<Operation *>> sinks = linearUsers(matrix);
  if (!sinks)
    return false;
  // A matrix without a form is no error here: linearization says it.
  FailureOr<rewrite::Plan> plan = rewrite::planFunction(function, disabled, /*isQuiet=*/true);
  return succeeded(plan) && llvm::none_of(*sinks, [&](Operation *sink) {
           const rewrite::PlanNode *node = plan->of(sink);
           return !node || node->visitsPairs();
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

void moveNorms(DotOp dot, func::FuncOp function, const llvm::StringSet<> &disabled) {
  Value operands[] = {dot.getQ(), dot.getK()};
  auto normalized = [](Value x) { return x.getDefiningOp<nn::FrobeniusNormalizeOp>(); };
  if ((!normalized(operands[0]) && !normalized(operands[1])) || dot->use_empty() ||
      !staysLinear(dot, function, disabled))
    return;
  Location loc = dot.getLoc();
  SizePoly saved;
  for (Value x : operands)
    if (normalized(x))
      saved += elementCount(x);
  rewrite::CostChange cost{saved, SizePoly()};
  if (disabled.contains("norm"))
    return rewrite::remarkMissed(loc, function.getName(), "norm", "disabled", cost);
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
  if (!staysLinear(result, function, disabled))
    return result.replaceAllUsesWith(dot);
  rewrite::remarkPassed(loc, function.getName(), "norm",
                        rewrite::findRewrite("norm")->sentence.str(), cost);
  dot.erase();
}

struct MoveNorms : impl::MoveNormsPassBase<MoveNorms> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<DotOp> dots;
    getOperation().walk([&](DotOp dot) { dots.push_back(dot); });
    llvm::StringSet<> names;
    names.insert_range(disabled);
    for (DotOp dot : dots)
      moveNorms(dot, getOperation(), names);
  }
};

} // namespace
} // namespace attune
