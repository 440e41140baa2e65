// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sugar of attn that is made of layers, which the attn dialect does not know.
#include "Rules.h"
#include "attune/Dialect/Attn/Algebra.h"
#include "attune/Dialect/Attn/Entrywise.h"
#include "attune/Dialect/Attn/Sinks.h"
#include "attune/Dialect/Attn/SizeOps.h"
#include "attune/Dialect/Attn/Sources.h"
#include "attune/Dialect/NN/Graph.h"
#include "attune/Dialect/NN/Layers.h"

using namespace mlir;
using namespace attune;
using namespace attune::nn;

// normalize_symmetric A  ->  scale A rows(r) cols(r), r_i = 1/sqrt(s_i), s the row sums of A. An
// empty row has s_i = 0; in a linear form its factor meets a sum that is 0, and inf * 0 would be
// NaN where the row must stay empty, so the factor of such a row is made 0. The factor of a column
// is left as it is: it multiplies present entries only.

/// 1/sqrt(sums), with `guard` 0 where the sum is 0.
static Value reciprocalRoots(OpBuilder &b, Location loc, Value sums, bool guard) {
  auto map = MapOp::create(b, loc, sums.getType(), ValueRange{sums}, ValueRange{});
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

namespace {
struct SymmetricDecomposition
    : attn::SugarOpInterface::ExternalModel<SymmetricDecomposition, attn::NormalizeSymmetricOp> {
  FailureOr<SmallVector<Value>> decompose(Operation *operation, OpBuilder &b) const {
    auto op = cast<attn::NormalizeSymmetricOp>(operation);
    Location loc = op.getLoc();
    Value input = op.getInput();
    Value sums = attn::RowSumsOp::create(b, loc, input, Value());
    Value columns = reciprocalRoots(b, loc, sums, /*guard=*/false);
    Value rows = columns;
    if (!attn::factsOf(input).rowsNonEmpty)
      rows = reciprocalRoots(b, loc, sums, /*guard=*/true);
    return SmallVector<Value>{
        attn::ScaleOp::create(b, loc, op.getType(), input, rows, columns, Value(), Value())};
  }
};
} // namespace

/// hops -> blocks of the table that breadth-first search fills.
namespace {
struct HopsDecomposition : attn::SugarOpInterface::ExternalModel<HopsDecomposition, attn::HopsOp> {
  FailureOr<SmallVector<Value>> decompose(Operation *operation, OpBuilder &b) const {
    auto op = cast<attn::HopsOp>(operation);
    Location loc = op.getLoc();
    Value graphs = op.getGraphOffsets();
    Value layout = buildEmpty(b, loc, mixedSizes(b, loc, graphs), b.getI64Type());
    Value starts = HopLayoutOp::create(b, loc, TypeRange(layout.getType()), op.getOffsets(),
                                       op.getColumns(), graphs, layout)
                       .getResult(0);
    Value last = arith::SubIOp::create(b, loc, dimValue(b, loc, graphs, 0),
                                       arith::ConstantIndexOp::create(b, loc, 1));
    Value bytes = arith::IndexCastOp::create(b, loc, b.getIndexType(),
                                             tensor::ExtractOp::create(b, loc, starts, last));
    bytes = attn::DataSizeOp::create(b, loc, bytes, "P", 2);
    Value table = buildEmpty(b, loc, {bytes}, b.getI8Type());
    table = HopTableOp::create(b, loc, TypeRange(table.getType()), op.getOffsets(), op.getColumns(),
                               graphs, starts, table)
                .getResult(0);
    Value rows = dimValue(b, loc, op.getResult(), attn::MatrixType(op.getType()).getRank() - 1);
    return SmallVector<Value>{attn::BlocksOp::create(b, loc, op.getType(), table, graphs, starts,
                                                     rows,
                                                     b.getI64IntegerAttr(attn::HopsOp::kClasses))};
  }
};
} // namespace

void nn::detail::attachSugar(MLIRContext *context) {
  attn::NormalizeSymmetricOp::attachInterface<SymmetricDecomposition>(*context);
  attn::HopsOp::attachInterface<HopsDecomposition>(*context);
}
