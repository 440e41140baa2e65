// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The pass attune-gpu-tile: one schedule after the other is asked for each op; what none serves
// becomes plain parallel loops, which attune-gpu-map-loops puts on threads.
#include "Launch.h"

#include "Loops.h"
#include "Streams.h"
#include "attune/Dialect/Attn/Stream.h"
#include "attune/Dialect/NN/Graph.h"
#include "attune/Support/PassAttrs.h"
#include "attune/Tile/GPU/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_GPUTILEPASS
#include "attune/Tile/GPU/Passes.h.inc"

namespace {

struct GpuTilePass : impl::GpuTilePassBase<GpuTilePass> {
  using GpuTilePassBase::GpuTilePassBase;

  /// The op as linalg.generic, where it has such a form.
  static linalg::LinalgOp generalized(IRRewriter &rewriter, linalg::LinalgOp op) {
    if (isa<linalg::GenericOp>(op.getOperation()))
      return op;
    rewriter.setInsertionPoint(op);
    FailureOr<linalg::GenericOp> generic = linalg::generalizeNamedOp(rewriter, op);
    return succeeded(generic) ? cast<linalg::LinalgOp>(generic->getOperation()) : op;
  }

  static std::optional<tile::Nest> nestOf(linalg::LinalgOp op) {
    auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
    return generic ? tile::Nest::match(generic) : std::nullopt;
  }

  LogicalResult lower(IRRewriter &rewriter, linalg::LinalgOp op, const tile::ChipSpec &shape) {
    if (!op.hasPureBufferSemantics())
      return op.emitOpError("has tensor operands, expected memrefs (bufferize first)");
    op = generalized(rewriter, op);
    rewriter.setInsertionPoint(op);
    std::optional<tile::Nest> nest = nestOf(op);
    tile::Emitter e(rewriter, op.getLoc(), {});
    bool done = false;
    if (nest) {
      tile::FusedReduction outcome{*nest, std::nullopt, {}};
      done = tile::emitGpuContraction(e, outcome, shape) || tile::emitGpuReduction(e, outcome);
    }
    if (!done && failed(linalg::linalgOpToParallelLoops(rewriter, op)))
      return op.emitOpError("has no lowering to loops");
    rewriter.eraseOp(op);
    return success();
  }

  /// Rows, or a reduction with what its result begins with and what follows, in one kernel; false
  /// where no schedule serves it.
  static bool lowerGroup(IRRewriter &rewriter, scf::ExecuteRegionOp group,
                         const tile::ChipSpec &shape) {
    Block &block = group.getRegion().front();
    auto itemLoops = group->getAttrOfType<IntegerAttr>(kItemLoopsAttr);
    bool overSegments = group->hasAttr(kSegmentLoopAttr);
    if (itemLoops || overSegments) {
      SmallVector<linalg::LinalgOp> ops;
      group.walk([&](linalg::LinalgOp op) { ops.push_back(op); });
      for (linalg::LinalgOp op : ops)
        generalized(rewriter, op);
      rewriter.setInsertionPoint(group);
      tile::Emitter e(rewriter, group.getLoc(), {});
      if (itemLoops)
        return tile::emitGpuItems(e, block, itemLoops.getInt());
      tile::emitGpuSegments(e, cast<scf::ForOp>(block.front()));
      return true;
    }
    std::vector<tile::Nest> nests;
    int64_t main = -1;
    for (linalg::LinalgOp op : llvm::to_vector(block.getOps<linalg::LinalgOp>())) {
      std::optional<tile::Nest> nest = nestOf(generalized(rewriter, op));
      if (!nest)
        return false;
      if (!nest->loopsOf(false).empty())
        main = nests.size();
      nests.push_back(*nest);
    }
    rewriter.setInsertionPoint(group);
    tile::Emitter e(rewriter, group.getLoc(), {});
    if (auto loops = group->getAttrOfType<IntegerAttr>(kRowLoopsAttr))
      return tile::emitGpuRows(e, nests, loops.getInt(), shape);
    if (main < 0 || main > 1)
      return false;
    tile::FusedReduction outcome{nests[main], std::nullopt, {}};
    if (main == 1)
      outcome.init = nests[0];
    outcome.after.assign(nests.begin() + main + 1, nests.end());
    return tile::emitGpuContraction(e, outcome, shape) || tile::emitGpuReduction(e, outcome);
  }

  /// Makes one kernel of each group; the ops of one that none serves stand alone again.
  void lowerGroups(IRRewriter &rewriter, const tile::ChipSpec &shape) {
    SmallVector<scf::ExecuteRegionOp> groups;
    getOperation().walk<WalkOrder::PreOrder>([&](scf::ExecuteRegionOp group) {
      if (group.getNumResults() == 0 && group.getRegion().hasOneBlock())
        groups.push_back(group);
    });
    for (scf::ExecuteRegionOp group : groups) {
      bool isParallel = group->hasAttr(kParallelAttr);
      if (isParallel)
        getOperation()->setAttr(kMergeAttr, rewriter.getUnitAttr());
      if (isParallel || !lowerGroup(rewriter, group, shape))
        for (Operation &op :
             llvm::make_early_inc_range(group.getRegion().front().without_terminator()))
          op.moveBefore(group);
      rewriter.eraseOp(group);
    }
  }

  void runOnOperation() override {
    std::optional<tile::ChipSpec> shape = tile::findChip(chip);
    if (!shape) {
      getOperation().emitError() << "chip `" << chip.getValue() << "` is not known, expected "
                                 << tile::gpuChips();
      return signalPassFailure();
    }
    std::optional<tile::Precision> wanted = tile::parsePrecision(precision);
    if (!wanted || (*wanted != tile::Precision::F32 && !shape->asyncCopies)) {
      getOperation().emitError("precision is `")
          << precision << "`, expected "
          << (wanted ? "f32 for `" + chip + "`" : "f32, tf32x3, tf32 or bf16");
      return signalPassFailure();
    }
    shape->precision = *wanted;
    IRRewriter rewriter(&getContext());
    lowerGroups(rewriter, *shape);
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isa<memref::CopyOp, linalg::LinalgOp, attn::StreamOp, nn::CsrOp>(op))
        ops.push_back(op);
    });
    for (Operation *op : ops) {
      if (auto copy = dyn_cast<memref::CopyOp>(op)) {
        rewriter.setInsertionPoint(copy);
        op = rewriter.replaceOpWithNewOp<linalg::CopyOp>(copy, copy.getSource(), copy.getTarget());
      }
      if (auto csr = dyn_cast<nn::CsrOp>(op)) {
        if (isa<TensorType>(csr.getEdgeIndex().getType())) {
          op->emitOpError("has tensor operands, expected memrefs (bufferize first)");
          return signalPassFailure();
        }
        rewriter.setInsertionPoint(op);
        tile::Emitter e(rewriter, op->getLoc(), {});
        tile::emitGpuCsr(e, csr);
        rewriter.eraseOp(op);
        continue;
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
