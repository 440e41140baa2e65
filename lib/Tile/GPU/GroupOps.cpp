// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The pass attune-gpu-group: a reduction, what its result begins with and what is done to each of
// its elements afterwards stand in one region, so that they become one kernel.
#include "Launch.h"

#include "attune/Tile/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_GPUGROUPPASS
#include "attune/Tile/Passes.h.inc"

namespace {

/// The next op that touches memory, forwards or backwards; views and buffers that are made do not.
template <typename Step> linalg::LinalgOp neighbour(Operation *op, Step step) {
  do
    op = step(op);
  while (op && (isPure(op) || isa<memref::AllocOp>(op)));
  return dyn_cast_or_null<linalg::LinalgOp>(op);
}

/// Whether the op sets or changes each element of `out` alone: all loops are parallel, `out` is
/// walked by all of them in order, and nothing else that the op names is in the same buffer.
bool isElementwiseOn(linalg::LinalgOp op, Value out) {
  if (!op || op.getNumReductionLoops() || op.getNumDpsInits() != 1 || op.getDpsInits()[0] != out ||
      !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity())
    return false;
  Value root = tile::rootOf(out);
  auto isElsewhere = [&](Value value) {
    return !isa<MemRefType>(value.getType()) || tile::rootOf(value) != root;
  };
  // The body may read other buffers at places that it computes; it must not read this one.
  WalkResult reads = op->walk([&](memref::LoadOp load) {
    return isElsewhere(load.getMemRef()) ? WalkResult::advance() : WalkResult::interrupt();
  });
  return !reads.wasInterrupted() && llvm::all_of(op.getDpsInputs(), isElsewhere);
}

/// Whether the op's body uses what its output held.
bool readsOutput(linalg::LinalgOp op) {
  return op.payloadUsesValueFromOperand(op.getDpsInitOperand(0));
}

struct GpuGroupPass : impl::GpuGroupPassBase<GpuGroupPass> {
  void runOnOperation() override {
    SmallVector<linalg::LinalgOp> reductions;
    getOperation().walk([&](linalg::LinalgOp op) {
      if (op.hasPureBufferSemantics() && op.getNumReductionLoops() && op.getNumDpsInits() == 1)
        reductions.push_back(op);
    });
    for (linalg::LinalgOp op : reductions)
      group(op);
  }

private:
  void group(linalg::LinalgOp op) {
    Value out = op.getDpsInits()[0];
    SmallVector<Operation *> ops{op};
    auto before = [](Operation *at) { return at->getPrevNode(); };
    auto after = [](Operation *at) { return at->getNextNode(); };
    linalg::LinalgOp init = neighbour(op, before);
    if (isElementwiseOn(init, out) && !readsOutput(init))
      ops.insert(ops.begin(), init);
    for (linalg::LinalgOp next = neighbour(op, after);
         isElementwiseOn(next, out) && readsOutput(next); next = neighbour(next, after))
      ops.push_back(next);
    if (ops.size() == 1)
      return;
    // Where the last one is: what it names is there by then.
    OpBuilder b(ops.back());
    auto region = scf::ExecuteRegionOp::create(b, op.getLoc(), TypeRange());
    Block *block = b.createBlock(&region.getRegion());
    for (Operation *member : ops)
      member->moveBefore(block, block->end());
    b.setInsertionPointToEnd(block);
    scf::YieldOp::create(b, op.getLoc());
    ++numGroups;
  }
};

} // namespace
} // namespace attune
