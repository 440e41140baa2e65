// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Buffers that a loop makes and frees in every iteration. Those of tasks go to the stack of the
// thread that runs them, once for all its tasks. Those of other loops move out of the outermost
// loop outside of which their sizes are known.
#include "attune/Tile/CPU/Passes.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/OpenMP/OpenMPDialect.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_PLACESCRATCHPASS
#include "attune/Tile/CPU/Passes.h.inc"

namespace {

/// Bytes of stack for the tasks of a loop; threads of OpenMP have 4 MiB and more.
constexpr int64_t kTaskStack = 256 * 1024;

/// A buffer and the op that frees it, in the same block.
struct Scratch {
  memref::AllocOp alloc;
  memref::DeallocOp dealloc;
};

SmallVector<Scratch> scratchOf(func::FuncOp function) {
  SmallVector<Scratch> found;
  function.walk([&](memref::DeallocOp dealloc) {
    auto alloc = dealloc.getMemref().getDefiningOp<memref::AllocOp>();
    if (alloc && alloc->getBlock() == dealloc->getBlock() &&
        (alloc->getParentOfType<omp::ParallelOp>() ||
         alloc->getParentOfType<LoopLikeOpInterface>()))
      found.push_back({alloc, dealloc});
  });
  return found;
}

int64_t bytesOf(MemRefType type) {
  int64_t bits = type.getElementType().isIndex() ? 64 : type.getElementTypeBitWidth();
  return (type.getNumElements() * bits + 7) / 8;
}

struct PlaceScratchPass : impl::PlaceScratchPassBase<PlaceScratchPass> {
  void runOnOperation() override {
    DenseMap<Operation *, int64_t> stack;
    for (Scratch &scratch : scratchOf(getOperation())) {
      if (auto threads = scratch.alloc->getParentOfType<omp::ParallelOp>())
        toStack(scratch, threads, stack[threads]);
      else
        outOfLoops(scratch);
    }
  }

private:
  void toStack(Scratch scratch, omp::ParallelOp threads, int64_t &used) {
    MemRefType type = scratch.alloc.getType();
    if (!type.hasStaticShape() || used + bytesOf(type) > kTaskStack)
      return;
    used += bytesOf(type);
    OpBuilder b = OpBuilder::atBlockBegin(&threads.getRegion().front());
    auto buffer =
        memref::AllocaOp::create(b, scratch.alloc.getLoc(), type, scratch.alloc.getAlignmentAttr());
    scratch.alloc.replaceAllUsesWith(buffer.getResult());
    scratch.alloc.erase();
    scratch.dealloc.erase();
    ++numOnStack;
  }

  void outOfLoops(Scratch scratch) {
    Operation *outermost = nullptr;
    for (auto loop = scratch.alloc->getParentOfType<LoopLikeOpInterface>();
         loop && llvm::all_of(scratch.alloc->getOperands(),
                              [&](Value size) { return loop.isDefinedOutsideOfLoop(size); });
         loop = loop->getParentOfType<LoopLikeOpInterface>())
      outermost = loop;
    if (!outermost)
      return;
    scratch.alloc->moveBefore(outermost);
    scratch.dealloc->moveAfter(outermost);
    ++numMoved;
  }
};

} // namespace
} // namespace attune
