// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The pass attune-gpu-group: ops that one kernel can do stand in one region.
//
// A loop of ops that each entry of a batch goes through for itself, as a Newton iteration, becomes
// one kernel with the ops in front of it and behind it: a block has an entry. A contraction, and
// any other reduction, takes what its result begins with and what is done to each of its elements
// afterwards. Before reductions do so, ops over the same rows come together: a warp does one after
// the other on its row. A loop over segments of the rows, each of which is worked on for itself,
// becomes a region as well. Results that begin at 0 are set by the stream that would add to them.
#include "Launch.h"

#include "Loops.h"
#include "Streams.h"
#include "attune/Tile/Passes.h"
#include "dialects/Attn/Attn.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_GPUGROUPPASS
#include "attune/Tile/Passes.h.inc"

namespace {

/// Most elements of a row, 64 for each lane of a warp.
constexpr int64_t kLongestRow = 64 * tile::kWarp;
/// Most iterations of an op on an entry of a batch: those of a product of 64 x 64 matrices.
constexpr int64_t kLargestEntry = 64 * 64 * 64;

/// The next op that touches memory, forwards or backwards; views, and buffers that begin or end,
/// do not.
template <typename Step> linalg::LinalgOp neighbour(Operation *op, Step step) {
  do
    op = step(op);
  while (op && (isPure(op) || isa<memref::AllocOp, memref::DeallocOp>(op)));
  auto found = dyn_cast_or_null<linalg::LinalgOp>(op);
  return found && found.hasPureBufferSemantics() ? found : linalg::LinalgOp();
}
Operation *before(Operation *op) { return op->getPrevNode(); }
Operation *after(Operation *op) { return op->getNextNode(); }

/// What an op uses, its body included.
llvm::SetVector<Value> buffersOf(Operation *op) {
  llvm::SetVector<Value> used(op->operand_begin(), op->operand_end());
  for (Region &region : op->getRegions())
    getUsedValuesDefinedAbove(region, used);
  used.remove_if([](Value value) { return !isa<MemRefType>(value.getType()); });
  return used;
}

/// Whether the op sets or changes each element of `out` alone: all loops are parallel, `out` is
/// walked by all of them in order, and nothing else that the op names is in the same buffer.
bool isElementwiseOn(linalg::LinalgOp op, Value out) {
  return op && !op.getNumReductionLoops() && op.getNumDpsInits() == 1 &&
         op.getDpsInits()[0] == out &&
         op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity() &&
         llvm::all_of(buffersOf(op), [&](Value value) {
           return value == out ? llvm::count(op->getOperands(), out) == 1
                               : tile::rootOf(value) != tile::rootOf(out);
         });
}

/// Whether the op's body uses what its output held.
bool readsOutput(linalg::LinalgOp op) {
  return op.payloadUsesValueFromOperand(op.getDpsInitOperand(0));
}

/// Loops 0 .. `count` - 1 of the op are parallel, and each buffer is walked by all of them, in
/// order, in its first dimensions, or by none of them.
bool walksRows(linalg::LinalgOp op, unsigned count) {
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  if (count > iterators.size() ||
      llvm::any_of(ArrayRef(iterators).take_front(count),
                   [](auto type) { return type != utils::IteratorType::parallel; }))
    return false;
  for (AffineMap map : op.getIndexingMapsArray()) {
    bool isWalked = false;
    for (AffineExpr result : map.getResults())
      for (unsigned loop = 0; loop < count; ++loop)
        isWalked |= result.isFunctionOfDim(loop);
    if (!isWalked)
      continue;
    if (map.getNumResults() < count)
      return false;
    for (auto it : llvm::enumerate(map.getResults())) {
      AffineExpr result = it.value();
      if (it.index() < count ? result != getAffineDimExpr(it.index(), op.getContext())
                             : llvm::any_of(llvm::seq(count), [&](unsigned loop) {
                                 return result.isFunctionOfDim(loop);
                               }))
        return false;
    }
  }
  return true;
}

/// Ops over the same rows, one for a warp, or over the same entries of a batch, one for a block. A
/// row or an entry is what `loops` leading loops count.
class Rows {
public:
  enum class Kind { Row, Entry };
  Rows(linalg::LinalgOp first, Kind kind) : kind(kind) {
    // As many loops as there can be; ops that follow may need fewer.
    for (loops = first.getNumLoops(); loops > 0 && !serves(first, loops); --loops)
      ;
    if (loops > 0)
      ops.push_back(first);
  }

  SmallVector<linalg::LinalgOp> ops;
  unsigned loops = 0;

  bool add(linalg::LinalgOp op) {
    for (unsigned count = loops; count > 0; --count)
      if (serves(op, count) && llvm::all_of(ops, [&](linalg::LinalgOp other) {
            return serves(other, count) && haveSameRows(op, other, count) && agree(op, other);
          })) {
        loops = count;
        ops.push_back(op);
        return true;
      }
    return false;
  }

private:
  Kind kind;

  /// The op has rows or entries of `count` loops that are small. A warp sums up nothing else than a
  /// row.
  bool serves(linalg::LinalgOp op, unsigned count) {
    if (op.getNumDpsInits() != 1 || !walksRows(op, count) || !sizeOf(op, 0))
      return false;
    bool isRow = kind == Kind::Row;
    if (isRow && op.getNumReductionLoops() && op.getNumParallelLoops() != count)
      return false;
    int64_t elements = 1;
    for (int64_t size : ArrayRef(op.getStaticLoopRanges()).drop_front(count)) {
      elements *= size;
      if (ShapedType::isDynamic(size) || elements > (isRow ? kLongestRow : kLargestEntry))
        return false;
    }
    return true;
  }

  /// Iterations of a loop that is a dimension of the result; none where the size has no name.
  static std::optional<attn::Poly> sizeOf(linalg::LinalgOp op, unsigned loop) {
    Value out = op.getDpsInits()[0];
    auto type = cast<MemRefType>(out.getType());
    if (!op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isFunctionOfDim(loop))
      return std::nullopt;
    if (!type.isDynamicDim(loop))
      return attn::Poly(type.getDimSize(loop));
    attn::Poly size = attn::sizeOf(out, loop);
    return size.hasSymbol("?") ? std::nullopt : std::optional(size);
  }

  static bool haveSameRows(linalg::LinalgOp a, linalg::LinalgOp b, unsigned count) {
    return llvm::all_of(llvm::seq(count), [&](unsigned loop) {
      std::optional<attn::Poly> first = sizeOf(a, loop), second = sizeOf(b, loop);
      return first && second && first->str() == second->str();
    });
  }

  /// What one of the ops writes and the other one uses, both walk by rows of the same view.
  static bool agree(linalg::LinalgOp a, linalg::LinalgOp b) {
    auto isWalked = [](linalg::LinalgOp op, Value value) {
      return llvm::all_of(op->getOpOperands(), [&](OpOperand &operand) {
        return operand.get() != value || op.getMatchingIndexingMap(&operand).isFunctionOfDim(0);
      });
    };
    auto isOperand = [](linalg::LinalgOp op, Value value) {
      return llvm::is_contained(op->getOperands(), value);
    };
    for (Value mine : buffersOf(a))
      for (Value other : buffersOf(b)) {
        bool writes = mine == a.getDpsInits()[0] || other == b.getDpsInits()[0];
        if (!writes || tile::rootOf(mine) != tile::rootOf(other))
          continue;
        if (mine != other || !isOperand(a, mine) || !isOperand(b, mine) || !isWalked(a, mine) ||
            !isWalked(b, mine))
          return false;
      }
    return true;
  }
};

/// The value without the reshapes that it is seen through.
Value withoutReshapes(Value memref) {
  while (Operation *op = memref.getDefiningOp()) {
    if (!isa<memref::ExpandShapeOp, memref::CollapseShapeOp, memref::CastOp>(op))
      break;
    memref = op->getOperand(0);
  }
  return memref;
}

/// The op in front of the stream that sets all of `out` to 0; none where something else is done
/// with memory in between than other buffers filled.
linalg::FillOp fillOfZero(attn::StreamOp stream, Value out) {
  Value whole = withoutReshapes(out);
  for (Operation *op = stream->getPrevNode(); op; op = op->getPrevNode()) {
    if (isPure(op) || isa<memref::AllocOp, memref::DeallocOp>(op))
      continue;
    auto fill = dyn_cast<linalg::FillOp>(op);
    if (!fill || !fill.hasPureBufferSemantics())
      return {};
    if (withoutReshapes(fill.getOutputs()[0]) == whole)
      return matchPattern(fill.getInputs()[0], m_PosZeroFloat()) ? fill : linalg::FillOp();
    if (tile::rootOf(fill.getOutputs()[0]) == tile::rootOf(out))
      return {};
  }
  return {};
}

/// The number of the segment that is loaded from offsets: `more` 0 for where it begins, 1 for where
/// it ends. Null where the value is not that.
Value offsetsOf(Value bound, scf::ForOp loop, int64_t more) {
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
bool isSegment(Value memref, scf::ForOp loop) {
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

/// Whether each iteration sets the whole buffer before it uses it, and nobody else uses it.
bool isTemporaryOf(scf::ForOp loop, memref::AllocOp alloc) {
  if (!alloc.getType().hasStaticShape() || !llvm::all_of(alloc->getUsers(), [&](Operation *user) {
        return isa<memref::DeallocOp>(user) || loop->isProperAncestor(user);
      }))
    return false;
  for (Operation &op : loop.getBody()->without_terminator()) {
    if (!llvm::is_contained(buffersOf(&op), alloc.getResult()))
      continue;
    auto first = dyn_cast<linalg::LinalgOp>(op);
    return isElementwiseOn(first, alloc) && !readsOutput(first);
  }
  return false;
}

/// Whether iterations of the loop, over segments 0, 1, .., have nothing to do with each other: an
/// op writes rows of its segment, or a temporary.
bool isOverSegments(scf::ForOp loop) {
  if (loop.getNumResults() || getConstantIntValue(loop.getLowerBound()) != 0 ||
      getConstantIntValue(loop.getStep()) != 1)
    return false;
  SmallVector<linalg::LinalgOp> ops;
  for (Operation &op : loop.getBody()->without_terminator()) {
    if (isa<memref::LoadOp>(op) || (isMemoryEffectFree(&op) && op.getNumRegions() == 0))
      continue;
    auto inside = dyn_cast<linalg::LinalgOp>(op);
    if (!inside || !inside.hasPureBufferSemantics() || inside.getNumDpsInits() != 1)
      return false;
    ops.push_back(inside);
  }
  for (linalg::LinalgOp op : ops) {
    Value out = op.getDpsInits()[0], root = tile::rootOf(out);
    auto alloc = root.getDefiningOp<memref::AllocOp>();
    if (alloc && out == root && isTemporaryOf(loop, alloc))
      continue;
    // Every use of the buffer in the loop is of the segment's rows.
    WalkResult uses = loop.walk([&](Operation *user) {
      bool isUse = isa<linalg::LinalgOp, memref::LoadOp>(user);
      return isUse && llvm::any_of(user->getOperands(),
                                   [&](Value value) {
                                     return isa<MemRefType>(value.getType()) &&
                                            tile::rootOf(value) == root && !isSegment(value, loop);
                                   })
                 ? WalkResult::interrupt()
                 : WalkResult::advance();
    });
    if (!isSegment(out, loop) || uses.wasInterrupted())
      return false;
  }
  return !ops.empty();
}

struct GpuGroupPass : impl::GpuGroupPassBase<GpuGroupPass> {
  void runOnOperation() override {
    getOperation().walk([](attn::StreamOp stream) { takeZeros(stream); });
    SmallVector<linalg::LinalgOp> contractions, all;
    getOperation().walk([&](linalg::LinalgOp op) {
      if (!op.hasPureBufferSemantics() || op.getNumDpsInits() != 1)
        return;
      all.push_back(op);
      if (op.getNumReductionLoops() && !walksRows(op, op.getNumParallelLoops()))
        contractions.push_back(op);
    });
    SmallVector<scf::ForOp> repeated;
    getOperation().walk([&](scf::ForOp loop) { repeated.push_back(loop); });
    for (scf::ForOp loop : repeated) {
      groupEntries(loop);
      if (isFree(loop) && isOverSegments(loop))
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
  }

private:
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
      if (linalg::FillOp fill = fillOfZero(stream, stream.getInits()[s])) {
        fill.erase();
        fresh.push_back(s);
      }
    }
    if (!fresh.empty())
      stream->setAttr(tile::kFromZeroAttr, DenseI64ArrayAttr::get(stream.getContext(), fresh));
  }

  static bool isFree(Operation *op) { return !op->getParentOfType<scf::ExecuteRegionOp>(); }

  void groupReduction(linalg::LinalgOp op) {
    Value out = op.getDpsInits()[0];
    SmallVector<Operation *> ops{op};
    linalg::LinalgOp init = neighbour(op, before);
    if (isElementwiseOn(init, out) && !readsOutput(init))
      ops.insert(ops.begin(), init);
    for (linalg::LinalgOp next = neighbour(op, after);
         isElementwiseOn(next, out) && readsOutput(next); next = neighbour(next, after))
      ops.push_back(next);
    if (ops.size() > 1)
      makeRegion(ops);
  }

  void groupRows(linalg::LinalgOp first) {
    Rows rows(first, Rows::Kind::Row);
    if (!rows.loops)
      return;
    for (linalg::LinalgOp next = neighbour(first, after); next && rows.add(next);
         next = neighbour(next, after))
      ;
    if (rows.ops.size() > 1)
      makeRegion(llvm::to_vector_of<Operation *>(rows.ops))
          ->setAttr(tile::kRowLoopsAttr, number(rows.loops));
  }

  /// A loop of ops on the entries of a batch, with such ops in front of it and behind it.
  void groupEntries(scf::ForOp loop) {
    if (!isFree(loop) || loop.getNumResults() || !loop.getInductionVar().use_empty())
      return;
    std::optional<Rows> entries;
    for (Operation &op : loop.getBody()->without_terminator()) {
      auto inside = dyn_cast<linalg::LinalgOp>(op);
      if (!inside || !inside.hasPureBufferSemantics())
        return;
      if (!entries)
        entries.emplace(inside, Rows::Kind::Entry);
      else if (!entries->add(inside))
        return;
    }
    if (!entries || !entries->loops)
      return;
    SmallVector<Operation *> ops{loop};
    for (linalg::LinalgOp next = neighbour(loop, before); next && entries->add(next);
         next = neighbour(next, before))
      ops.insert(ops.begin(), next);
    for (linalg::LinalgOp next = neighbour(loop, after); next && entries->add(next);
         next = neighbour(next, after))
      ops.push_back(next);
    makeRegion(ops)->setAttr(tile::kEntryLoopsAttr, number(entries->loops));
  }

  /// Buffers that each segment needs for itself become the loop's own.
  void groupSegments(scf::ForOp loop) {
    llvm::SetVector<Operation *> temporaries;
    loop.walk([&](linalg::LinalgOp op) {
      if (auto alloc = tile::rootOf(op.getDpsInits()[0]).getDefiningOp<memref::AllocOp>())
        if (isTemporaryOf(loop, alloc))
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
    makeRegion({loop})->setAttr(tile::kSegmentLoopAttr, UnitAttr::get(&getContext()));
  }

  IntegerAttr number(int64_t value) { return Builder(&getContext()).getI64IntegerAttr(value); }

  scf::ExecuteRegionOp makeRegion(ArrayRef<Operation *> ops) {
    // Where the last one is: what it names is there by then. What ends in between ends later.
    llvm::SmallPtrSet<Value, 16> used;
    for (Operation *op : ops)
      for (Value buffer : buffersOf(op))
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
