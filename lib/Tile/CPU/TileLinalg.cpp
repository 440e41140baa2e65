// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The pass attune-tile-linalg. Named ops become linalg.generic first, memref.copy too; what neither
// register tiles nor vector loops serve becomes plain loops.
#include "../Nest.h"

#include "attune/Tile/CPU/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_TILELINALGPASS
#include "attune/Tile/CPU/Passes.h.inc"

namespace {

struct TileLinalgPass : impl::TileLinalgPassBase<TileLinalgPass> {
  using TileLinalgPassBase::TileLinalgPassBase;

  LogicalResult lower(IRRewriter &rewriter, linalg::LinalgOp op) {
    if (!op.hasPureBufferSemantics())
      return op.emitOpError("has tensor operands, expected memrefs (bufferize first)");
    rewriter.setInsertionPoint(op);
    bool inTask = op->getParentOfType<scf::ParallelOp>() != nullptr;
    if (!isa<linalg::GenericOp>(op.getOperation())) {
      FailureOr<linalg::GenericOp> generic = linalg::generalizeNamedOp(rewriter, op);
      if (succeeded(generic))
        op = cast<linalg::LinalgOp>(generic->getOperation());
      rewriter.setInsertionPoint(op);
    }
    if (auto generic = dyn_cast<linalg::GenericOp>(op.getOperation())) {
      if (std::optional<tile::Nest> nest = tile::Nest::match(generic)) {
        tile::Emitter e(rewriter, op.getLoc(), tile::VectorShape::forLanes(lanes, registers));
        e.inTask = inTask;
        if (tile::emitContraction(e, *nest) || tile::emitTransposition(e, *nest) ||
            tile::emitVectorLoops(e, *nest)) {
          rewriter.eraseOp(op);
          return success();
        }
      }
    }
    if (failed(inTask ? linalg::linalgOpToLoops(rewriter, op)
                      : linalg::linalgOpToParallelLoops(rewriter, op)))
      return op.emitOpError("has no lowering to loops");
    rewriter.eraseOp(op);
    return success();
  }

  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<memref::CopyOp> copies;
    getOperation().walk([&](memref::CopyOp op) { copies.push_back(op); });
    for (memref::CopyOp copy : copies) {
      rewriter.setInsertionPoint(copy);
      rewriter.replaceOpWithNewOp<linalg::CopyOp>(copy, copy.getSource(), copy.getTarget());
    }
    SmallVector<linalg::LinalgOp> ops;
    getOperation().walk([&](linalg::LinalgOp op) { ops.push_back(op); });
    for (linalg::LinalgOp op : ops)
      if (failed(lower(rewriter, op)))
        return signalPassFailure();
  }
};

} // namespace
} // namespace attune
