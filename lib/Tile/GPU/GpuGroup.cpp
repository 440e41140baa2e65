// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The pass attune-gpu-group: ops that one kernel can do stand in one region.
//
// A loop of ops that each entry of a batch goes through for itself, as a Newton iteration, becomes
// one kernel with the ops in front of it and behind it: a block has an entry. A contraction, and
// any other reduction, takes what its result begins with and what is done to each of its elements
// afterwards. Before reductions do so, ops over the same rows come together: a warp does one after
// the other on its row. A loop over segments of the rows, each of which is worked on for itself,
// becomes a region as well. Results that begin at 0 are set by the stream that would add to them.
#include "GroupRules.h"

#include "Loops.h"
#include "Streams.h"
#include "attune/Dialect/Attn/Stream.h"
#include "attune/Support/PassAttrs.h"
#include "attune/Tile/GPU/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_GPUGROUPPASS
#include "attune/Tile/GPU/Passes.h.inc"

namespace {

struct GpuGroupPass : impl::GpuGroupPassBase<GpuGroupPass> {
  void runOnOperation() override {
    tile::moveReadsIntoKernels(getOperation());
    getOperation().walk([](attn::StreamOp stream) { takeZeros(stream); });
    SmallVector<linalg::LinalgOp> contractions, all;
    getOperation().walk([&](linalg::LinalgOp op) {
      if (!op.hasPureBufferSemantics() || op.getNumDpsInits() != 1)
        return;
      all.push_back(op);
      if (op.getNumReductionLoops() && !tile::walksRows(op, op.getNumParallelLoops()))
        contractions.push_back(op);
    });
    SmallVector<scf::ForOp> repeated;
    getOperation().walk([&](scf::ForOp loop) { repeated.push_back(loop); });
    for (scf::ForOp loop : repeated) {
      groupEntries(loop);
      if (isFree(loop) && tile::isOverSegments(loop))
        groupSegments(loop);
    }
    for (linalg::LinalgOp op : contractions)
      if (isFree(op))
        groupReduction(op);
    for (linalg::LinalgOp op : all)
      if (isFree(op))
        groupRows(op);
    for (linalg::LinalgOp op : all)
      if (isFree(op) && op.getNumReductionLoops())
        groupReduction(op);
    SmallVector<Block *> blocks;
    getOperation().walk([&](Operation *op) {
      if (isa<func::FuncOp, scf::ForOp, scf::IfOp, scf::WhileOp>(op))
        for (Region &region : op->getRegions())
          for (Block &block : region)
            blocks.push_back(&block);
    });
    for (Block *block : blocks)
      if (!block->getParentOp()->getParentOfType<scf::ExecuteRegionOp>())
        groupParallel(*block);
  }

private:
  /// Whether the op becomes launches that others can join: reductions, and groups of rows or around
  /// one.
  static bool isMergeable(Operation *op) {
    if (auto region = dyn_cast_or_null<scf::ExecuteRegionOp>(op))
      return !region->hasAttr(kItemLoopsAttr) && !region->hasAttr(kSegmentLoopAttr);
    auto reduction = dyn_cast_or_null<linalg::LinalgOp>(op);
    return reduction && reduction.hasPureBufferSemantics() && reduction.getNumReductionLoops();
  }

  /// Groups and reductions next to each other of which none writes what another one uses.
  void groupParallel(Block &block) {
    SmallVector<Operation *> ops;
    llvm::SetVector<Value> buffers;
    llvm::SmallPtrSet<Value, 16> used, written;
    auto finish = [&] {
      if (ops.size() > 1)
        makeRegion(ops)->setAttr(kParallelAttr, UnitAttr::get(&getContext()));
      ops.clear();
      buffers.clear();
      used.clear();
      written.clear();
    };
    for (Operation &op : llvm::make_early_inc_range(block)) {
      if (isPure(&op) || isa<memref::AllocOp, memref::DeallocOp>(op))
        continue;
      if (!isMergeable(&op)) {
        finish();
        continue;
      }
      llvm::SmallPtrSet<Value, 16> own, ownWritten;
      for (Value buffer : tile::buffersOf(&op))
        own.insert(tile::rootOf(buffer));
      op.walk(
          [&](linalg::LinalgOp inner) { ownWritten.insert(tile::rootOf(inner.getDpsInits()[0])); });
      auto meets = [](const auto &one, const auto &other) {
        return llvm::any_of(one, [&](Value value) { return other.contains(value); });
      };
      llvm::SetVector<Value> all = buffers;
      all.set_union(tile::buffersOf(&op));
      if (meets(own, written) || meets(ownWritten, used) ||
          tile::parametersOf(all) > tile::kMostParameters)
        finish();
      ops.push_back(&op);
      buffers.set_union(tile::buffersOf(&op));
      used.insert(own.begin(), own.end());
      written.insert(ownWritten.begin(), ownWritten.end());
    }
    finish();
  }

  /// Results that a stream would add to zeros of are set by it instead: every row is visited, but
  /// for rows of no segment. Entries that go elsewhere than to their row are added up.
  static void takeZeros(attn::StreamOp stream) {
    if (stream.getSegments() || stream.getScatter())
      return;
    SmallVector<int64_t> fresh;
    for (auto [s, sink] : llvm::enumerate(stream.getSinks())) {
      attn::SinkKind kind = cast<attn::SinkKindAttr>(sink).getValue();
      if (kind != attn::SinkKind::Apply && kind != attn::SinkKind::Softmax &&
          kind != attn::SinkKind::RowSum)
        continue;
      if (linalg::FillOp fill = tile::fillOfZero(stream, stream.getInits()[s])) {
        fill.erase();
        fresh.push_back(s);
      }
    }
    if (!fresh.empty())
      stream->setAttr(kFromZeroAttr, DenseI64ArrayAttr::get(stream.getContext(), fresh));
  }

  static bool isFree(Operation *op) { return !op->getParentOfType<scf::ExecuteRegionOp>(); }

  void groupReduction(linalg::LinalgOp op) {
    Value out = op.getDpsInits()[0];
    SmallVector<Operation *> ops{op};
    linalg::LinalgOp init = tile::opBefore(op);
    if (tile::isElementwiseOn(init, out) && !tile::readsOutput(init))
      ops.insert(ops.begin(), init);
    for (linalg::LinalgOp next = tile::opAfter(op);
         tile::isElementwiseOn(next, out) && tile::readsOutput(next); next = tile::opAfter(next))
      ops.push_back(next);
    if (ops.size() > 1)
      makeRegion(ops);
  }

  void groupRows(linalg::LinalgOp first) {
    tile::Rows rows(first, tile::Rows::Kind::Row);
    if (!rows.loops)
      return;
    for (linalg::LinalgOp next = tile::opAfter(first); next && rows.add(next);
         next = tile::opAfter(next))
      ;
    if (rows.ops.size() > 1)
      makeRegion(llvm::to_vector_of<Operation *>(rows.ops))
          ->setAttr(kRowLoopsAttr, number(rows.loops));
  }

  /// A loop of ops on the entries of a batch, with such ops in front of it and behind it.
  void groupEntries(scf::ForOp loop) {
    if (!isFree(loop) || loop.getNumResults() || !loop.getInductionVar().use_empty())
      return;
    std::optional<tile::Rows> entries;
    for (Operation &op : loop.getBody()->without_terminator()) {
      auto inside = dyn_cast<linalg::LinalgOp>(op);
      if (!inside || !inside.hasPureBufferSemantics())
        return;
      if (!entries)
        entries.emplace(inside, tile::Rows::Kind::Item);
      else if (!entries->add(inside))
        return;
    }
    if (!entries || !entries->loops)
      return;
    SmallVector<Operation *> ops{loop};
    for (linalg::LinalgOp next = tile::opBefore(loop); next && entries->add(next);
         next = tile::opBefore(next))
      ops.insert(ops.begin(), next);
    for (linalg::LinalgOp next = tile::opAfter(loop); next && entries->add(next);
         next = tile::opAfter(next))
      ops.push_back(next);
    makeRegion(ops)->setAttr(kItemLoopsAttr, number(entries->loops));
  }

  /// Buffers that each segment needs for itself become the loop's own.
  void groupSegments(scf::ForOp loop) {
    llvm::SetVector<Operation *> temporaries;
    loop.walk([&](linalg::LinalgOp op) {
      if (auto alloc = tile::rootOf(op.getDpsInits()[0]).getDefiningOp<memref::AllocOp>())
        if (tile::isTemporaryOf(loop, alloc))
          temporaries.insert(alloc);
    });
    OpBuilder b = OpBuilder::atBlockBegin(loop.getBody());
    for (Operation *op : temporaries) {
      auto alloc = cast<memref::AllocOp>(op);
      Value own =
          memref::AllocaOp::create(b, alloc.getLoc(), alloc.getType(), alloc.getAlignmentAttr());
      for (Operation *user : llvm::make_early_inc_range(alloc->getUsers()))
        if (isa<memref::DeallocOp>(user))
          user->erase();
      alloc.getResult().replaceAllUsesWith(own);
      alloc.erase();
    }
    makeRegion({loop})->setAttr(kSegmentLoopAttr, UnitAttr::get(&getContext()));
  }

  IntegerAttr number(int64_t value) { return Builder(&getContext()).getI64IntegerAttr(value); }

  scf::ExecuteRegionOp makeRegion(ArrayRef<Operation *> ops) {
    // Where the last one is: what it names is there by then. What ends in between ends later.
    llvm::SmallPtrSet<Value, 16> used;
    for (Operation *op : ops)
      for (Value buffer : tile::buffersOf(op))
        used.insert(tile::rootOf(buffer));
    Operation *last = ops.back();
    for (Operation *op = ops.front(); op != last;) {
      Operation *next = op->getNextNode();
      auto free = dyn_cast<memref::DeallocOp>(op);
      if (free && used.contains(tile::rootOf(free.getMemref())))
        free->moveAfter(last);
      op = next;
    }
    OpBuilder b(last);
    auto region = scf::ExecuteRegionOp::create(b, last->getLoc(), TypeRange());
    Block *block = b.createBlock(&region.getRegion());
    for (Operation *member : ops)
      member->moveBefore(block, block->end());
    b.setInsertionPointToEnd(block);
    scf::YieldOp::create(b, last->getLoc());
    ++numGroups;
    return region;
  }
};

} // namespace
} // namespace attune
