// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The pass attune-lower-graph-ops, and pools: one task for each block of segments; a segment's rows
// are joined in order, one vector of columns at a time.
#include "LowerGraphOps.h"

#include "attune/Dialect/Attn/SizeOps.h"
#include "attune/Dialect/NN/Graph.h"
#include "attune/Dialect/NN/Inverse.h"
#include "attune/Tile/Passes.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_LOWERGRAPHOPSPASS
#include "attune/Tile/Passes.h.inc"

namespace {

using tile::Emitter;
using tile::Values;

/// Segments of a task.
constexpr int64_t kTaskSegments = 64;

void emitSegmentPool(Emitter &e, nn::SegmentPoolOp op) {
  Value x = op.getX(), offsets = op.getOffsets(), out = op.getInit();
  Value segments = e.dim(out, 0), width = e.dim(x, 1);
  nn::PoolKind kind = op.getKind();
  bool isMax = kind == nn::PoolKind::Max;
  auto emitColumns = [&](Value g, Value begin, Value end, Value count, Value column, bool vector) {
    auto wide = [&](Value v) { return vector ? e.splat(v) : v; };
    Value start = wide(isMax ? e.negativeInfinity() : e.f32(0.0));
    Value sum = e.fold(begin, end, 1, {start}, [&](Value row, ValueRange in) {
      Values at{row, column};
      Value element = vector ? e.loadVector(x, at) : e.load(x, at);
      return Values{isMax ? arith::MaximumFOp::create(e.b, e.loc, in[0], element).getResult()
                          : e.addf(in[0], element)};
    })[0];
    if (kind == nn::PoolKind::Mean)
      sum = e.divf(sum, wide(count));
    if (kind != nn::PoolKind::Sum)
      sum = e.select(e.less(begin, end), sum, wide(e.f32(0.0)));
    Values at{g, column};
    if (vector)
      e.storeVector(sum, out, at);
    else
      e.store(sum, out, at);
  };
  bool vectors = Emitter::hasUnitInnerStride(x) && Emitter::hasUnitInnerStride(out);
  Value whole = vectors ? e.roundDown(width, e.shape.lanes) : e.index(0);
  e.tasks(e.ceilDiv(segments, kTaskSegments), /*parallel=*/true, [&](Value task) {
    Value first = e.mul(task, kTaskSegments);
    e.forEach(first, e.min(e.add(first, kTaskSegments), segments), 1, [&](Value g) {
      Value begin = e.toIndex(e.load(offsets, g)), end = e.toIndex(e.load(offsets, e.add(g, 1)));
      Value length = arith::IndexCastOp::create(e.b, e.loc, e.b.getI64Type(), e.sub(end, begin));
      Value count = arith::SIToFPOp::create(e.b, e.loc, e.b.getF32Type(), length);
      e.forEach(e.index(0), whole, e.shape.lanes,
                [&](Value column) { emitColumns(g, begin, end, count, column, true); });
      e.forEach(whole, width, 1,
                [&](Value column) { emitColumns(g, begin, end, count, column, false); });
    });
  });
}

struct LowerGraphOpsPass : impl::LowerGraphOpsPassBase<LowerGraphOpsPass> {
  using LowerGraphOpsPassBase::LowerGraphOpsPassBase;

  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isa<attn::DataSizeOp, nn::SegmentPoolOp, nn::HopLayoutOp, nn::HopTableOp,
              nn::CholeskyInverseOp>(op))
        ops.push_back(op);
    });
    for (Operation *op : ops) {
      if (llvm::any_of(op->getOperandTypes(), [](Type type) { return isa<TensorType>(type); })) {
        op->emitOpError("has tensor operands, expected memrefs (bufferize first)");
        return signalPassFailure();
      }
      OpBuilder b(op);
      Emitter e(b, op->getLoc(), tile::VectorShape::forLanes(lanes, registers));
      llvm::TypeSwitch<Operation *>(op)
          .Case<attn::DataSizeOp>(
              [&](auto size) { size.getResult().replaceAllUsesWith(size.getValue()); })
          .Case<nn::SegmentPoolOp>([&](auto pool) { emitSegmentPool(e, pool); })
          .Case<nn::HopLayoutOp>([&](auto layout) { tile::emitHopLayout(e, layout); })
          .Case<nn::HopTableOp>([&](auto table) { tile::emitHopTable(e, table); })
          .Case<nn::CholeskyInverseOp>(
              [&](auto inverse) { tile::emitCholeskyInverse(e, inverse); });
      op->erase();
    }
  }
};

} // namespace
} // namespace attune
