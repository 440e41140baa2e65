// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Loops over segments of rows, the graphs of a batch, whose iterations have nothing to do with each
// other.
#include "GroupRules.h"

using namespace mlir;

namespace attune::tile {

/// The number of the segment that is loaded from offsets: `more` 0 for where it begins, 1 for where
/// it ends. Null where the value is not that.
static Value offsetsOf(Value bound, scf::ForOp loop, int64_t more) {
  auto cast = bound.getDefiningOp<arith::IndexCastOp>();
  auto load = cast ? cast.getIn().getDefiningOp<memref::LoadOp>() : memref::LoadOp();
  if (!load || load.getIndices().size() != 1)
    return {};
  Value at = load.getIndices()[0], segment = loop.getInductionVar();
  if (auto next = at.getDefiningOp<arith::AddIOp>(); next && more)
    return next.getLhs() == segment && getConstantIntValue(next.getRhs()) == more ? load.getMemRef()
                                                                                  : Value();
  return at == segment && !more ? load.getMemRef() : Value();
}

/// Whether the value is the rows of the loop's segment, all of them and no others.
static bool isSegment(Value memref, scf::ForOp loop) {
  auto view = memref.getDefiningOp<memref::SubViewOp>();
  if (!view || !loop->isAncestor(view) || !view.hasUnitStride())
    return false;
  SmallVector<OpFoldResult> offsets = view.getMixedOffsets(), sizes = view.getMixedSizes();
  auto begin = dyn_cast<Value>(offsets[0]), size = dyn_cast<Value>(sizes[0]);
  auto length = size ? size.getDefiningOp<arith::SubIOp>() : arith::SubIOp();
  if (!begin || !length || length.getRhs() != begin)
    return false;
  Value first = offsetsOf(begin, loop, 0), last = offsetsOf(length.getLhs(), loop, 1);
  return first && first == last && llvm::all_of(ArrayRef(offsets).drop_front(), [](auto offset) {
           return getConstantIntValue(offset) == 0;
         });
}

bool isTemporaryOf(scf::ForOp loop, memref::AllocOp alloc) {
  if (!alloc.getType().hasStaticShape() || !llvm::all_of(alloc->getUsers(), [&](Operation *user) {
        return isa<memref::DeallocOp>(user) || loop->isProperAncestor(user);
      }))
    return false;
  for (Operation &op : loop.getBody()->without_terminator()) {
    if (!llvm::is_contained(buffersOf(&op), alloc.getResult()))
      continue;
    auto first = dyn_cast<LinalgOp>(op);
    return isElementwiseOn(first, alloc) && !readsOutput(first);
  }
  return false;
}

bool isOverSegments(scf::ForOp loop) {
  if (loop.getNumResults() || getConstantIntValue(loop.getLowerBound()) != 0 ||
      getConstantIntValue(loop.getStep()) != 1)
    return false;
  SmallVector<LinalgOp> ops;
  for (Operation &op : loop.getBody()->without_terminator()) {
    if (isa<memref::LoadOp>(op) || (isMemoryEffectFree(&op) && op.getNumRegions() == 0))
      continue;
    auto inside = dyn_cast<LinalgOp>(op);
    if (!inside || !inside.hasPureBufferSemantics() || inside.getNumDpsInits() != 1)
      return false;
    ops.push_back(inside);
  }
  for (LinalgOp op : ops) {
    Value out = op.getDpsInits()[0], root = rootOf(out);
    auto alloc = root.getDefiningOp<memref::AllocOp>();
    if (alloc && out == root && isTemporaryOf(loop, alloc))
      continue;
    // Every use of the buffer in the loop is of the segment's rows.
    WalkResult uses = loop.walk([&](Operation *user) {
      bool isUse = isa<LinalgOp, memref::LoadOp>(user);
      return isUse && llvm::any_of(user->getOperands(),
                                   [&](Value value) {
                                     return isa<MemRefType>(value.getType()) &&
                                            rootOf(value) == root && !isSegment(value, loop);
                                   })
                 ? WalkResult::interrupt()
                 : WalkResult::advance();
    });
    if (!isSegment(out, loop) || uses.wasInterrupted())
      return false;
  }
  return !ops.empty();
}

} // namespace attune::tile
