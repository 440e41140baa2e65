// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The pass attune-tile-stream.
#include "../Lanes.h"
#include "../Stream.h"

#include "attune/Dialect/Attn/Stream.h"
#include "attune/Tile/CPU/Passes.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_TILESTREAMPASS
#include "attune/Tile/CPU/Passes.h.inc"

namespace {

using attn::StreamOp;

LogicalResult check(StreamOp op) {
  for (Value operand : op->getOperands())
    if (isa<TensorType>(operand.getType()))
      return op.emitOpError("has tensor operands, expected memrefs (bufferize first)");
  for (auto [s, out] : llvm::enumerate(op.getInits()))
    if (op.getSinkKind(s) == attn::SinkKind::Materialize && !op.getCsrOffsets() &&
        !tile::Emitter::hasUnitInnerStride(out))
      return op.emitOpError("stores entries to a memref whose last dimension is not contiguous");
  if (Operation *bad = tile::findNonElementwise(op.getBody().front()))
    return bad->emitOpError("in `attn.stream` is not elementwise");
  return success();
}

struct TileStreamPass : impl::TileStreamPassBase<TileStreamPass> {
  using TileStreamPassBase::TileStreamPassBase;

  void runOnOperation() override {
    SmallVector<StreamOp> streams;
    getOperation().walk([&](StreamOp op) { streams.push_back(op); });
    for (StreamOp op : streams) {
      if (failed(check(op)))
        return signalPassFailure();
      OpBuilder b(op);
      tile::Emitter e(b, op.getLoc(), tile::VectorShape::forLanes(lanes, registers));
      (op.getCsrOffsets() ? tile::makeCsrLowering(op, e) : tile::makeDenseLowering(op, e))->emit();
      op.erase();
    }
  }
};

} // namespace
} // namespace attune
