// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The pass attune-gpu-map-loops: what no schedule of its own serves runs on the device as it is. A
// parallel loop becomes a kernel with one thread for each iteration; everything else that touches
// memory becomes a kernel of one thread, in runs as long as possible. Numbers that the host needs
// from such a run (a size, a bound) go through a small buffer; a load that is left on the host
// reads from the device.
#include "Launch.h"

#include "attune/Tile/GPU/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "mlir/Transforms/LoopInvariantCodeMotionUtils.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_GPUMAPLOOPSPASS
#include "attune/Tile/GPU/Passes.h.inc"

namespace {

using tile::Emitter;
using tile::Values;

/// Threads of a block where iterations are long, and where they are short.
constexpr int64_t kLongThreads = 32, kShortThreads = 256;

/// Ops that only the host can do.
bool isHostOnly(Operation *op) {
  return isa<scf::ParallelOp, gpu::LaunchOp, func::CallOp, memref::AllocOp, memref::DeallocOp>(op);
}

bool containsHostOnly(Operation *op) {
  return op
      ->walk([](Operation *inner) {
        return isHostOnly(inner) ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

/// One number, of an op without an effect on memory. (A quotient is one, though its divisor may be
/// 0.)
bool isScalar(Operation *op) {
  return isMemoryEffectFree(op) && op->getNumRegions() == 0 &&
         llvm::none_of(op->getResultTypes(), [](Type type) { return isa<MemRefType>(type); });
}

bool isView(Operation *op) {
  return isPure(op) && llvm::any_of(op->getResultTypes(), llvm::IsaPred<MemRefType>);
}

class Mapper {
public:
  explicit Mapper(OpBuilder &b) : b(b) {}
  LogicalResult mapBlock(Block &block);

private:
  LogicalResult mapParallel(scf::ParallelOp loop);
  /// A buffer of an iteration, and the one that has room for those of all.
  struct Room {
    memref::AllocOp alloc;
    Value all, bytes;
  };
  Room makeRoom(scf::ParallelOp loop, memref::AllocOp alloc, Value count);
  void useRoom(const Room &room, Value iteration);
  void mapRun(ArrayRef<Operation *> run);

  OpBuilder &b;
};

LogicalResult Mapper::mapBlock(Block &block) {
  SmallVector<Operation *> run;
  auto finish = [&] {
    while (!run.empty() && isScalar(run.back()))
      run.pop_back();
    if (!run.empty())
      mapRun(run);
    run.clear();
  };
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (op.hasTrait<OpTrait::IsTerminator>())
      break;
    if (auto loop = dyn_cast<scf::ParallelOp>(op)) {
      finish();
      if (failed(mapParallel(loop)))
        return failure();
    } else if (isHostOnly(&op)) {
      finish();
    } else if (op.getNumRegions() && containsHostOnly(&op)) {
      finish();
      for (Region &region : op.getRegions())
        for (Block &inner : region)
          if (failed(mapBlock(inner)))
            return failure();
    } else if (isScalar(&op) || isView(&op)) {
      // Made from what the host knows, it stands in front of a run as well as inside.
      bool isInside = llvm::any_of(
          op.getOperands(), [&](Value v) { return llvm::is_contained(run, v.getDefiningOp()); });
      if (!isInside && !run.empty())
        op.moveBefore(run.front());
      else if (isInside && isScalar(&op))
        run.push_back(&op);
      else if (isInside)
        finish();
    } else {
      run.push_back(&op);
    }
  }
  finish();
  return success();
}

/// A buffer with room for what `alloc` makes in each of `count` iterations: in front of the loop,
/// and freed behind it.
Mapper::Room Mapper::makeRoom(scf::ParallelOp loop, memref::AllocOp alloc, Value count) {
  MemRefType type = alloc.getType();
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(loop);
  Emitter e(b, alloc.getLoc(), {});
  int64_t width = type.getElementType().isIndex() ? 8 : (type.getElementTypeBitWidth() + 7) / 8;
  Value bytes = e.index(width);
  for (int64_t size : type.getShape())
    if (!ShapedType::isDynamic(size))
      bytes = e.mul(bytes, size);
  for (Value size : alloc.getDynamicSizes())
    bytes = e.mul(bytes, size);
  bytes = e.roundUp(bytes, 16);
  Value all = e.alloc({OpFoldResult(e.mul(bytes, count))}, b.getI8Type());
  b.setInsertionPointAfter(loop);
  e.free(all);
  return {alloc, all, bytes};
}

/// The alloc becomes the iteration's part of the room: a view of bytes, which keeps the buffer's
/// type and with it those of its users.
void Mapper::useRoom(const Room &room, Value iteration) {
  memref::AllocOp alloc = room.alloc;
  for (Operation *user : llvm::make_early_inc_range(alloc->getUsers()))
    if (isa<memref::DeallocOp>(user))
      user->erase();
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(alloc);
  Emitter e(b, alloc.getLoc(), {});
  Value part = memref::ViewOp::create(b, e.loc, alloc.getType(), room.all,
                                      e.mul(iteration, room.bytes), alloc.getDynamicSizes());
  alloc.getResult().replaceAllUsesWith(part);
  alloc.erase();
}

LogicalResult Mapper::mapParallel(scf::ParallelOp loop) {
  if (loop.getNumReductions())
    return loop.emitError("a parallel loop with a reduction has no mapping to a kernel");
  moveLoopInvariantCode(cast<LoopLikeOpInterface>(loop.getOperation()));
  for (Operation &op : llvm::make_early_inc_range(*loop.getBody()))
    op.walk([](scf::ForOp inner) { moveLoopInvariantCode(inner); });
  b.setInsertionPoint(loop);
  Emitter e(b, loop.getLoc(), {});
  Values extents;
  Value count = e.index(1);
  for (auto [lower, upper, step] :
       llvm::zip(loop.getLowerBound(), loop.getUpperBound(), loop.getStep())) {
    extents.push_back(e.max(e.ceilDiv(e.max(e.sub(upper, lower), e.index(0)), step), e.index(0)));
    count = e.mul(count, extents.back());
  }
  bool isLong =
      loop->walk([](LoopLikeOpInterface inner) {
            return isa<scf::ParallelOp>(inner) ? WalkResult::advance() : WalkResult::interrupt();
          })
          .wasInterrupted();
  SmallVector<memref::AllocOp> allocs;
  loop.walk([&](memref::AllocOp alloc) { allocs.push_back(alloc); });
  SmallVector<Room> rooms;
  for (memref::AllocOp alloc : allocs)
    rooms.push_back(makeRoom(loop, alloc, count));
  int64_t threads = isLong ? kLongThreads : kShortThreads;
  tile::emitForEach(e, isLong ? "loop" : "each", count, threads, [&](Value id) {
    for (const Room &room : rooms)
      useRoom(room, id);
    Values position = tile::delinearize(e, id, extents);
    IRMapping mapping;
    for (auto [iv, at, lower, step] :
         llvm::zip(loop.getInductionVars(), position, loop.getLowerBound(), loop.getStep()))
      mapping.map(iv, e.add(lower, e.mul(at, step)));
    for (Operation &op : loop.getBody()->without_terminator())
      b.clone(op, mapping);
  });
  loop.erase();
  return success();
}

void Mapper::mapRun(ArrayRef<Operation *> run) {
  llvm::SmallPtrSet<Operation *, 16> inside(run.begin(), run.end());
  SmallVector<Value> escaping;
  for (Operation *op : run)
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(), [&](Operation *user) {
            while (user && user->getBlock() != op->getBlock())
              user = user->getParentOp();
            return !inside.contains(user);
          }))
        escaping.push_back(result);
  // A single number is read by the host itself.
  if (run.size() == 1 && isa<memref::LoadOp>(run.front()))
    return;
  b.setInsertionPointAfter(run.back());
  Emitter e(b, run.front()->getLoc(), {});
  // The host's copies of what the run gives.
  SmallVector<Value> buffers;
  for (Value value : escaping)
    buffers.push_back(e.alloc({b.getIndexAttr(1)}, value.getType()));
  IRMapping mapping;
  tile::Grid grid{e.index(1)};
  grid.threads = 1;
  tile::emitLaunch(e, "serial", grid, [&](Value, ValueRange) {
    for (Operation *op : run)
      b.clone(*op, mapping);
    for (auto [value, buffer] : llvm::zip(escaping, buffers))
      e.store(mapping.lookup(value), buffer, e.index(0));
  });
  for (auto [value, buffer] : llvm::zip(escaping, buffers)) {
    Value read = e.load(buffer, e.index(0));
    e.free(buffer);
    value.replaceUsesWithIf(read, [&](OpOperand &use) {
      Operation *user = use.getOwner();
      while (user && user->getBlock() != run.front()->getBlock())
        user = user->getParentOp();
      return user && !inside.contains(user);
    });
  }
  for (Operation *op : llvm::reverse(run))
    op->erase();
}

struct GpuMapLoopsPass : impl::GpuMapLoopsPassBase<GpuMapLoopsPass> {
  void runOnOperation() override {
    OpBuilder b(&getContext());
    for (Block &block : getOperation().getBody())
      if (failed(Mapper(b).mapBlock(block)))
        return signalPassFailure();
  }
};

} // namespace
} // namespace attune
