// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sugar to algebra. normalize_symmetric A  ->  scale A rows(r) cols(r), r_i = 1/sqrt(s_i), s the row
// sums of A. An empty row has s_i = 0; in a linear form its factor meets a sum that is 0, and
// inf * 0 would be NaN where the row must stay empty, so the factor of such a row is made 0. The
// factor of a column is left as it is: it multiplies present entries only.

#include "attune/Pipeline/Passes.h"

#include "dialects/Attn/Attn.h"
#include "dialects/NN/NN.h"

namespace attune {
#define GEN_PASS_DEF_SIMPLIFYPASS
#include "attune/Pipeline/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

/// 1/sqrt(sums), with `guard` 0 where the sum is 0.
static Value reciprocalRoots(OpBuilder &b, Location loc, Value sums, bool guard) {
  auto map = nn::MapOp::create(b, loc, sums.getType(), ValueRange{sums}, ValueRange{});
  OpBuilder::InsertionGuard insertion(b);
  Block *body = b.createBlock(&map.getBody(), {}, {b.getF32Type()}, {loc});
  Value sum = body->getArgument(0);
  Value root = math::RsqrtOp::create(b, loc, sum);
  if (guard) {
    Value zero = attn::f32Constant(b, loc, 0.0);
    Value empty = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, sum, zero);
    root = arith::SelectOp::create(b, loc, empty, zero, root);
  }
  attn::YieldOp::create(b, loc, root);
  return map.getResult();
}

static Value decompose(attn::NormalizeSymmetricOp op, OpBuilder &b) {
  Location loc = op.getLoc();
  Value input = op.getInput();
  Value sums = attn::RowSumsOp::create(b, loc, input, Value());
  Value columns = reciprocalRoots(b, loc, sums, /*guard=*/false);
  Value rows = columns;
  if (!attn::analyze(input).rowsNonEmpty)
    rows = reciprocalRoots(b, loc, sums, /*guard=*/true);
  return attn::ScaleOp::create(b, loc, op.getType(), input, rows, columns, Value(), Value());
}

namespace {
struct SimplifyPass : attune::impl::SimplifyPassBase<SimplifyPass> {
  void runOnOperation() override {
    SmallVector<Operation *> sugar;
    getOperation().walk([&](Operation *op) {
      if (isa<attn::AttentionOp, attn::NormalizeSymmetricOp>(op))
        sugar.push_back(op);
    });
    for (Operation *op : sugar) {
      OpBuilder b(op);
      Value value;
      if (auto attention = dyn_cast<attn::AttentionOp>(op))
        value = attention.decompose(b);
      else
        value = decompose(cast<attn::NormalizeSymmetricOp>(op), b);
      op->getResult(0).replaceAllUsesWith(value);
      op->erase();
    }
  }
};
} // namespace
