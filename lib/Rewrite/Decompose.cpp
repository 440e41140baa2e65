// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sugar to algebra. normalize_symmetric A  ->  scale A rows(r) cols(r), r_i = 1/sqrt(s_i), s the
// row sums of A. An empty row has s_i = 0; in a linear form its factor meets a sum that is 0, and
// inf * 0 would be NaN where the row must stay empty, so the factor of such a row is made 0. The
// factor of a column is left as it is: it multiplies present entries only.

#include "attune/Dialect/Attn/Algebra.h"
#include "attune/Dialect/Attn/Entrywise.h"
#include "attune/Dialect/Attn/Sinks.h"
#include "attune/Dialect/Attn/SizeOps.h"
#include "attune/Dialect/Attn/Sources.h"
#include "attune/Dialect/Attn/Surface.h"
#include "attune/Dialect/NN/Graph.h"
#include "attune/Dialect/NN/Layers.h"
#include "attune/Rewrite/Passes.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/LinalgBuilders.h"

#include "llvm/ADT/TypeSwitch.h"

namespace attune {
#define GEN_PASS_DEF_DECOMPOSEPASS
#include "attune/Rewrite/Passes.h.inc"
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
    Value zero = f32Constant(b, loc, 0.0);
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
  if (!attn::factsOf(input).rowsNonEmpty)
    rows = reciprocalRoots(b, loc, sums, /*guard=*/true);
  return attn::ScaleOp::create(b, loc, op.getType(), input, rows, columns, Value(), Value());
}

/// nystrom C X  ->  C (X C^T)
static Value decompose(attn::NystromOp op, OpBuilder &b) {
  Location loc = op.getLoc();
  Value table = attn::DenseOp::create(b, loc, op.getX());
  Value right = attn::TransposeOp::create(b, loc, op.getC());
  right = attn::ComposeOp::create(b, loc, table, right);
  return attn::ComposeOp::create(b, loc, op.getC(), right);
}

/// nystrom_residual C X  ->  diagonal - sum over b of (C X)_ib C_ib, on the stored C.
static Value decompose(attn::NystromResidualOp op, OpBuilder &b) {
  Location loc = op.getLoc();
  Value c = attn::MaterializeOp::create(b, loc, op.getMatrix());
  auto type = cast<RankedTensorType>(c.getType());
  int64_t rank = type.getRank();
  // Loops: batch and heads, row, column b of X; then row a of X, which is summed over.
  int64_t outer = rank - 2, row = outer, columnB = outer + 1, columnA = outer + 2;
  auto isOne = [](Value v, int64_t d) { return cast<ShapedType>(v.getType()).getDimSize(d) == 1; };
  auto mapped = [&](Value v, int64_t first, int64_t second) {
    LoopOperand operand{v, {}};
    for (int64_t d = 0; d < outer; ++d)
      operand.loops.push_back(isOne(v, d) ? ~d : d);
    operand.loops.append({first, second});
    return operand;
  };
  SmallVector<OpFoldResult> sizes = mixedSizes(b, loc, c),
                            tableSizes = mixedSizes(b, loc, op.getX());
  for (int64_t d = 0; d < outer; ++d)
    if (isOne(c, d))
      sizes[d] = tableSizes[d];
  SmallVector<int64_t> all = llvm::to_vector(llvm::seq<int64_t>(0, outer));
  LoopOperand product{buildFilled(b, loc, sizes), all};
  product.loops.append({row, columnB});
  product.value =
      buildGeneric(b, loc, {mapped(c, row, columnA), mapped(op.getX(), columnA, columnB)}, product,
                   [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                     Value term = arith::MulFOp::create(b, loc, args[0], args[1]);
                     return arith::AddFOp::create(b, loc, args[2], term);
                   });
  // Rows come before heads in the result.
  SmallVector<int64_t> resultLoops = all;
  SmallVector<OpFoldResult> resultSizes(sizes.begin(), sizes.end() - 2);
  int64_t place = outer == 0 ? 0 : outer - 1;
  resultLoops.insert(resultLoops.begin() + place, row);
  resultSizes.insert(resultSizes.begin() + place, sizes[rank - 2]);
  LoopOperand result{buildFilled(b, loc, resultSizes, op.getDiagonal().convertToDouble()),
                     resultLoops};
  return buildGeneric(b, loc, {product, mapped(c, row, columnB)}, result,
                      [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                        Value term = arith::MulFOp::create(b, loc, args[0], args[1]);
                        return arith::SubFOp::create(b, loc, args[2], term);
                      });
}

/// hops -> blocks of the table that breadth-first search fills.
static Value decompose(attn::HopsOp op, OpBuilder &b) {
  Location loc = op.getLoc();
  Value graphs = op.getGraphOffsets();
  Value layout = buildEmpty(b, loc, mixedSizes(b, loc, graphs), b.getI64Type());
  Value starts = nn::HopLayoutOp::create(b, loc, TypeRange(layout.getType()), op.getOffsets(),
                                         op.getColumns(), graphs, layout)
                     .getResult(0);
  Value last = arith::SubIOp::create(b, loc, dimValue(b, loc, graphs, 0),
                                     arith::ConstantIndexOp::create(b, loc, 1));
  Value bytes = arith::IndexCastOp::create(b, loc, b.getIndexType(),
                                           tensor::ExtractOp::create(b, loc, starts, last));
  bytes = attn::DataSizeOp::create(b, loc, bytes, "P", 2);
  Value table = buildEmpty(b, loc, {bytes}, b.getI8Type());
  table = nn::HopTableOp::create(b, loc, TypeRange(table.getType()), op.getOffsets(),
                                 op.getColumns(), graphs, starts, table)
              .getResult(0);
  Value rows = dimValue(b, loc, op.getResult(), attn::MatrixType(op.getType()).getRank() - 1);
  return attn::BlocksOp::create(b, loc, op.getType(), table, graphs, starts, rows,
                                b.getI64IntegerAttr(attn::HopsOp::kClasses));
}

static Value decompose(attn::AttentionOp op, OpBuilder &b) { return op.decompose(b); }

namespace {
struct DecomposePass : attune::impl::DecomposePassBase<DecomposePass> {
  void runOnOperation() override {
    SmallVector<Operation *> sugar;
    getOperation().walk([&](Operation *op) {
      if (isa<attn::AttentionOp, attn::NormalizeSymmetricOp, attn::NystromOp,
              attn::NystromResidualOp, attn::HopsOp>(op))
        sugar.push_back(op);
    });
    for (Operation *op : sugar) {
      OpBuilder b(op);
      Value value = llvm::TypeSwitch<Operation *, Value>(op)
                        .Case<attn::AttentionOp, attn::NormalizeSymmetricOp, attn::NystromOp,
                              attn::NystromResidualOp, attn::HopsOp>(
                            [&](auto sugared) { return decompose(sugared, b); });
      op->getResult(0).replaceAllUsesWith(value);
      op->erase();
    }
  }
};
} // namespace
