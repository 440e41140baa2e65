// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The pass attune-fuse-rows: builds the loop over blocks of rows for each group (RowGroup.h).
//
// Without sums a task is one block. With sums a task is a part of the rows, which it visits block
// by block; its partial results begin as neutral elements, and one op behind the loop adds the
// parts of each result up.
#include "RowGroup.h"

#include "attune/Support/PassAttrs.h"
#include "attune/Tile/CPU/Passes.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_FUSEROWSPASS
#include "attune/Tile/CPU/Passes.h.inc"

namespace {

using tile::Emitter;
using tile::RowGroup;
using tile::RowOp;
using tile::Values;

/// Most rows of a block, a multiple of the register tile's and of what one block sum takes.
constexpr int64_t kBlockRows = tile::kTaskRows;
/// Blocks begin at multiples of this: whole register tiles, and whole vectors where rows are lanes,
/// so that a row's numbers do not depend on where blocks end.
constexpr int64_t kRowStep = tile::kMinTaskRows;
/// Rows of a part at least, while there are more, and parts at most.
constexpr int64_t kPartRows = 512;
constexpr int64_t kMaxParts = 64;

class Builder {
public:
  Builder(Emitter &e, RowGroup &group) : e(e), group(group) {}
  void build();

private:
  Emitter &e;
  RowGroup &group;
  /// Buffers that only the group uses, with the room for one block that replaces each.
  llvm::MapVector<Value, Value> locals;
  /// The partial results of each op, null for those that have none.
  Values partials;
  /// The buffers that they are in: room for the most parts, so that its size is known.
  Values rooms;

  void findLocals();
  Value size();
  void allocPartials(Value parts);
  void emitOps(Value begin, Value rows, Value part);
  Value operandAt(Value value, int64_t rowDim, Value begin, Value rows);
  Value localView(Value value);
  Value partOf(Value partial, Value part);
  void addUp(RowOp op, Value partial);
  void eraseLocals();
};

/// Whether all users of the buffer or a view of it are ops of the group, or free it.
bool isUsedBy(Value value, const llvm::SmallPtrSetImpl<Operation *> &ops) {
  return llvm::all_of(value.getUsers(), [&](Operation *user) {
    if (ops.contains(user) || isa<memref::DeallocOp>(user))
      return true;
    return isa<memref::ExpandShapeOp, memref::CollapseShapeOp>(user) &&
           isUsedBy(user->getResult(0), ops);
  });
}

void Builder::findLocals() {
  llvm::SmallPtrSet<Operation *, 32> ops;
  for (const RowOp &op : group.ops)
    ops.insert(op.op);
  for (const RowOp &op : group.ops) {
    for (auto [operand, rowDim] : llvm::zip(op.op->getOperands(), op.rowDims)) {
      Value root = rowDim == 0 ? tile::rootOf(operand) : Value();
      auto alloc = root ? root.getDefiningOp<memref::AllocOp>() : memref::AllocOp();
      if (alloc && alloc.getType().getNumDynamicDims() == 1 && alloc.getType().isDynamicDim(0) &&
          alloc->getBlock() == op.op->getBlock() && isUsedBy(alloc, ops))
        locals[alloc] = {};
    }
  }
}

/// Number of rows, as a value in front of the group.
Value Builder::size() {
  for (const RowOp &op : group.ops)
    for (auto [operand, rowDim] : llvm::zip(op.op->getOperands(), op.rowDims))
      if (rowDim >= 0 && !locals.contains(tile::rootOf(operand)))
        return e.dim(operand, rowDim);
  return locals.front().first.getDefiningOp<memref::AllocOp>().getDynamicSizes().front();
}

void Builder::allocPartials(Value parts) {
  for (RowOp &op : group.ops) {
    if (!op.reduces()) {
      partials.push_back({});
      continue;
    }
    auto type = cast<MemRefType>(op.op.getDpsInits()[0].getType());
    SmallVector<OpFoldResult> shape{e.b.getIndexAttr(kMaxParts)};
    for (int64_t size : type.getShape())
      shape.push_back(e.b.getIndexAttr(size));
    rooms.push_back(e.alloc(shape, type.getElementType()));
    shape[0] = parts;
    SmallVector<OpFoldResult> offsets(shape.size(), e.b.getIndexAttr(0)),
        strides(shape.size(), e.b.getIndexAttr(1));
    partials.push_back(
        memref::SubViewOp::create(e.b, e.loc, rooms.back(), offsets, shape, strides));
  }
}

/// The partial result of one part.
Value Builder::partOf(Value partial, Value part) {
  Values at(cast<MemRefType>(partial.getType()).getRank());
  at[0] = part;
  return e.slice(partial, at);
}

/// The value's rows in the room for one block: the views between it and its buffer, again.
Value Builder::localView(Value value) {
  auto local = locals.find(value);
  if (local != locals.end())
    return local->second;
  Operation *view = value.getDefiningOp();
  Value source = localView(view->getOperand(0));
  if (auto collapse = dyn_cast<memref::CollapseShapeOp>(view))
    return memref::CollapseShapeOp::create(e.b, e.loc, source, collapse.getReassociationIndices());
  auto expand = cast<memref::ExpandShapeOp>(view);
  SmallVector<int64_t> shape(expand.getResultType().getShape());
  shape[0] = kBlockRows;
  return memref::ExpandShapeOp::create(e.b, e.loc, shape, source, expand.getReassociationIndices());
}

Value Builder::operandAt(Value value, int64_t rowDim, Value begin, Value rows) {
  if (rowDim < 0)
    return value;
  bool isLocal = locals.contains(tile::rootOf(value));
  if (isLocal)
    value = localView(value);
  int64_t rank = cast<MemRefType>(value.getType()).getRank();
  SmallVector<OpFoldResult> offsets(rank, e.b.getIndexAttr(0)), strides(rank, e.b.getIndexAttr(1)),
      sizes;
  for (int64_t d = 0; d < rank; ++d) {
    int64_t known = Emitter::staticDim(value, d);
    sizes.push_back(d == rowDim                    ? OpFoldResult(rows)
                    : ShapedType::isDynamic(known) ? OpFoldResult(e.dim(value, d))
                                                   : e.b.getIndexAttr(known));
  }
  if (!isLocal)
    offsets[rowDim] = begin;
  return memref::SubViewOp::create(e.b, e.loc, value, offsets, sizes, strides);
}

/// All ops on rows [begin, begin + rows).
void Builder::emitOps(Value begin, Value rows, Value part) {
  for (auto [op, partial] : llvm::zip(group.ops, partials)) {
    Values operands;
    for (auto [operand, rowDim] : llvm::zip(op.op->getOperands(), op.rowDims))
      operands.push_back(operandAt(operand, rowDim, begin, rows));
    if (partial)
      operands.back() = partOf(partial, part);
    Operation *clone = e.b.clone(*op.op);
    clone->setOperands(operands);
  }
}

/// result += the sum of its parts, in order.
void Builder::addUp(RowOp op, Value partial) {
  Value out = op.op.getDpsInits()[0];
  int64_t rank = cast<MemRefType>(out.getType()).getRank();
  AffineMap all = e.b.getMultiDimIdentityMap(rank + 1);
  SmallVector<utils::IteratorType> iterators(rank + 1, utils::IteratorType::parallel);
  iterators[0] = utils::IteratorType::reduction;
  auto sum = linalg::GenericOp::create(
      e.b, e.loc, ValueRange(partial), ValueRange(out), {all, all.dropResult(0)}, iterators,
      [&](OpBuilder &b, Location loc, ValueRange in) {
        linalg::YieldOp::create(b, loc, op.combiner.join(b, loc, in[1], in[0]));
      });
  sum->setAttr(kShortAttr, e.b.getUnitAttr());
}

void Builder::eraseLocals() {
  std::function<void(Value)> eraseUsers = [&](Value value) {
    for (Operation *user : llvm::make_early_inc_range(value.getUsers())) {
      if (user->getNumResults() == 1)
        eraseUsers(user->getResult(0));
      user->erase();
    }
  };
  for (auto &[buffer, room] : locals) {
    eraseUsers(buffer);
    buffer.getDefiningOp()->erase();
  }
}

void Builder::build() {
  findLocals();
  Value rows = size();
  bool sums = group.reduces();
  Value count, length;
  if (sums) {
    count = e.max(e.min(e.ceilDiv(rows, kPartRows), e.index(kMaxParts)), e.index(1));
    length = e.roundUp(e.ceilDiv(rows, count), kRowStep);
  } else {
    length = e.rowsOfTask(rows, kRowStep, e.index(8));
    count = e.ceilDiv(rows, length);
  }
  allocPartials(count);
  e.tasks(count, /*parallel=*/true, [&](Value task) {
    for (auto &[buffer, room] : locals) {
      auto type = cast<MemRefType>(buffer.getType());
      SmallVector<OpFoldResult> shape{e.b.getIndexAttr(kBlockRows)};
      for (int64_t size : type.getShape().drop_front())
        shape.push_back(e.b.getIndexAttr(size));
      room = e.alloc(shape, type.getElementType());
    }
    for (auto [op, partial] : llvm::zip(group.ops, partials)) {
      if (!partial)
        continue;
      Value neutral = arith::ConstantOp::create(e.b, e.loc, op.combiner.neutralAttr());
      linalg::FillOp::create(e.b, e.loc, ValueRange(neutral), ValueRange(partOf(partial, task)));
    }
    Value begin = e.mul(task, length), end = e.min(e.add(begin, length), rows);
    if (sums)
      e.forEach(begin, end, kBlockRows, [&](Value block) {
        emitOps(block, e.min(e.sub(end, block), e.index(kBlockRows)), task);
      });
    else
      emitOps(begin, e.sub(end, begin), task);
    for (auto &[buffer, room] : locals)
      e.free(room);
  });
  for (auto [op, partial] : llvm::zip(group.ops, partials))
    if (partial)
      addUp(op, partial);
  e.free(rooms);
  for (RowOp &op : group.ops)
    op.op->erase();
  eraseLocals();
}

struct FuseRowsPass : impl::FuseRowsPassBase<FuseRowsPass> {
  using FuseRowsPassBase::FuseRowsPassBase;

  void runOnOperation() override {
    SmallVector<Block *> blocks;
    getOperation().walk([&](Block *block) {
      if (!isa<linalg::LinalgOp>(block->getParentOp()))
        blocks.push_back(block);
    });
    for (Block *block : blocks)
      fuse(*block);
  }

  void fuse(Block &block) {
    Operation *op = block.empty() ? nullptr : &block.front();
    while (op) {
      auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
      std::optional<RowGroup> group = linalgOp ? tile::findRowGroup(linalgOp) : std::nullopt;
      if (!group || group->ops.size() < 2) {
        op = op->getNextNode();
        continue;
      }
      numFused += group->ops.size();
      for (Operation *earlier : group->before)
        earlier->moveBefore(op);
      // The op after the loop: what was here and stays, or what follows it.
      OpBuilder b(op);
      Operation *mark = arith::ConstantIndexOp::create(b, op->getLoc(), 0);
      b.setInsertionPoint(mark);
      Emitter e(b, op->getLoc(), tile::VectorShape());
      Builder(e, *group).build();
      op = mark->getNextNode();
      mark->erase();
    }
  }
};

} // namespace
} // namespace attune
