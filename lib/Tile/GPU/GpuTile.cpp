// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The pass attune-gpu-tile: one schedule after the other is asked for each op; what none serves
// becomes plain parallel loops, which attune-gpu-map-loops puts on threads.
#include "Launch.h"

#include "Loops.h"
#include "Streams.h"
#include "attune/Tile/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_GPUTILEPASS
#include "attune/Tile/Passes.h.inc"

namespace {

struct GpuTilePass : impl::GpuTilePassBase<GpuTilePass> {
  using GpuTilePassBase::GpuTilePassBase;

  LogicalResult lower(IRRewriter &rewriter, linalg::LinalgOp op, const tile::GpuShape &shape) {
    if (!op.hasPureBufferSemantics())
      return op.emitOpError("has tensor operands, expected memrefs (bufferize first)");
    rewriter.setInsertionPoint(op);
    if (!isa<linalg::GenericOp>(op.getOperation())) {
      FailureOr<linalg::GenericOp> generic = linalg::generalizeNamedOp(rewriter, op);
      if (succeeded(generic))
        op = cast<linalg::LinalgOp>(generic->getOperation());
      rewriter.setInsertionPoint(op);
    }
    auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
    std::optional<tile::Nest> nest;
    if (generic)
      nest = tile::Nest::match(generic);
    tile::Emitter e(rewriter, op.getLoc(), {});
    bool done =
        nest && (tile::emitGpuContraction(e, *nest, shape) || tile::emitGpuReduction(e, *nest));
    if (!done && failed(linalg::linalgOpToParallelLoops(rewriter, op)))
      return op.emitOpError("has no lowering to loops");
    rewriter.eraseOp(op);
    return success();
  }

  void runOnOperation() override {
    std::optional<tile::GpuShape> shape = tile::findGpuShape(chip);
    if (!shape) {
      getOperation().emitError() << "chip `" << chip.getValue() << "` is not known, expected "
                                 << tile::gpuChips();
      return signalPassFailure();
    }
    IRRewriter rewriter(&getContext());
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isa<memref::CopyOp, linalg::LinalgOp, attn::StreamOp>(op))
        ops.push_back(op);
    });
    for (Operation *op : ops) {
      if (auto copy = dyn_cast<memref::CopyOp>(op)) {
        rewriter.setInsertionPoint(copy);
        op = rewriter.replaceOpWithNewOp<linalg::CopyOp>(copy, copy.getSource(), copy.getTarget());
      }
      if (auto stream = dyn_cast<attn::StreamOp>(op)) {
        rewriter.setInsertionPoint(op);
        tile::Emitter e(rewriter, op->getLoc(), tile::VectorShape{1, 16, true});
        (stream.getCsrOffsets() ? tile::makeGpuCsrLowering(stream, e)
                                : tile::makeGpuDenseLowering(stream, e, *shape))
            ->emit();
        rewriter.eraseOp(op);
        continue;
      }
      if (failed(lower(rewriter, cast<linalg::LinalgOp>(op), *shape)))
        return signalPassFailure();
    }
  }
};

} // namespace
} // namespace attune
