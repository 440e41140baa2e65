// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// nn.csr as a counting sort of edges by row. While a range of rows is sorted, offsets[r] first
// counts the edges of row r; running sums make it the row's begin. Edges are then put in place
// while offsets[r] counts up, so that each ends as the begin of the next row, and a last loop
// shifts the offsets back by one place.
//
// Short lists are sorted like this in one go. Long ones are first split by ranges of rows: tasks
// over parts of the list count the edges of each range, running sums over (range, part) give every
// part its places, and the parts move their edges there. Each range is then a task of its own whose
// offsets and edges stay in the cache. Parts and ranges follow from the sizes alone, and edges keep
// their order throughout, so that the result is the same as in one go.
#include "../Emitter.h"

#include "attune/Dialect/NN/Graph.h"
#include "attune/Tile/CPU/Passes.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_LOWERCSRPASS
#include "attune/Tile/CPU/Passes.h.inc"

namespace {

using tile::Values;

/// Edges from which on splitting gains more than it costs, measured with two threads.
constexpr int64_t kSplitEdges = 64 * 1024;
/// Most parts of the list, and fewest edges of a part while there are several.
constexpr int64_t kParts = 64;
constexpr int64_t kPartEdges = 4096;
/// Most ranges of rows: as many places to write at as the cache has room for.
constexpr int64_t kRangeBits = 8;

class CsrLowering {
public:
  CsrLowering(OpBuilder &b, nn::CsrOp op)
      : op(op), e(b, op.getLoc(), {}), list(op.getEdgeIndex()), offsets(op.getOffsets()),
        columns(op.getColumns()), edges(op.getEdges()), i32(b.getI32Type()), i64(b.getI64Type()),
        count(e.dim(list, 1)), rows(e.sub(e.dim(offsets, 0), e.index(1))) {}

  void emit();

private:
  using EdgeBody = function_ref<void(Value edge, Value source, Value row)>;
  /// The edges of [begin, end) that are kept.
  void forEdges(Value begin, Value end, EdgeBody body);
  void emitWhole();
  void emitSplit();
  /// Moves the edges of a part to the places in `next`, or counts them there without `moved`.
  void visitPart(Value part, Value next, Value shift, ValueRange moved);
  void sortRange(Value range, Value begin, Value end, Value shift, ValueRange moved);
  /// Counts in offsets[first .. last) become begins; returns the end of the last.
  Value sumUp(Value first, Value last, Value begin);
  /// Undoes that every begin has become its row's end.
  void shiftBack(Value first, Value last, Value begin);
  /// Adds 1 to a number in memory; returns what it was before.
  Value increment(Value memref, ValueRange at);
  void put(Value source, Value edge, Value place) {
    e.store(source, columns, place);
    e.store(edge, edges, place);
  }
  Value number(int64_t value, Type type) {
    return arith::ConstantOp::create(e.b, e.loc, e.b.getIntegerAttr(type, value));
  }
  Value cast(Type type, Value value) { return arith::IndexCastOp::create(e.b, e.loc, type, value); }
  Value narrow(Value source) { return arith::TruncIOp::create(e.b, e.loc, i32, source); }

  nn::CsrOp op;
  tile::Emitter e;
  Value list, offsets, columns, edges;
  Type i32, i64;
  Value count, rows;
};

void CsrLowering::forEdges(Value begin, Value end, EdgeBody body) {
  e.forEach(begin, end, 1, [&](Value edge) {
    Value source = e.load(list, {e.index(0), edge}), target = e.load(list, {e.index(1), edge});
    if (op.getBySource())
      std::swap(source, target);
    auto visit = [&] { body(edge, source, e.toIndex(target)); };
    if (!op.getDropSelfLoops())
      return visit();
    e.ifThen(arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::ne, source, target), visit);
  });
}

Value CsrLowering::increment(Value memref, ValueRange at) {
  Value before = e.load(memref, at);
  e.store(arith::AddIOp::create(e.b, e.loc, before, number(1, before.getType())), memref, at);
  return before;
}

Value CsrLowering::sumUp(Value first, Value last, Value begin) {
  return e.fold(first, last, 1, {begin}, [&](Value r, ValueRange sum) {
    Value own = e.load(offsets, r);
    e.store(sum[0], offsets, r);
    return Values{arith::AddIOp::create(e.b, e.loc, sum[0], own).getResult()};
  })[0];
}

void CsrLowering::shiftBack(Value first, Value last, Value begin) {
  e.fold(first, last, 1, {begin}, [&](Value r, ValueRange own) {
    Value next = e.load(offsets, r);
    e.store(own[0], offsets, r);
    return Values{next};
  });
}

void CsrLowering::emitWhole() {
  Value zero = number(0, i64), none = e.index(0);
  e.forEach(none, rows, 1, [&](Value r) { e.store(zero, offsets, r); });
  forEdges(none, count, [&](Value, Value, Value row) { increment(offsets, row); });
  e.store(sumUp(none, rows, zero), offsets, rows);
  forEdges(none, count, [&](Value edge, Value source, Value row) {
    put(narrow(source), cast(i32, edge), e.toIndex(increment(offsets, row)));
  });
  shiftBack(none, rows, zero);
}

void CsrLowering::visitPart(Value part, Value next, Value shift, ValueRange moved) {
  Value parts = e.dim(next, 0), length = e.ceilDiv(count, parts);
  Value begin = e.min(e.mul(part, length), count), end = e.min(e.add(begin, length), count);
  forEdges(begin, end, [&](Value edge, Value source, Value row) {
    Value range = arith::ShRUIOp::create(e.b, e.loc, row, shift);
    Value place = e.toIndex(increment(next, {part, range}));
    if (moved.empty())
      return;
    Value high = arith::ShLIOp::create(e.b, e.loc, cast(i64, row), number(32, i64));
    e.store(arith::OrIOp::create(e.b, e.loc, high, cast(i64, edge)), moved[0], place);
    e.store(narrow(source), moved[1], place);
  });
}

void CsrLowering::sortRange(Value range, Value begin, Value end, Value shift, ValueRange moved) {
  auto firstRow = [&](Value r) { return e.min(arith::ShLIOp::create(e.b, e.loc, r, shift), rows); };
  Value first = firstRow(range), last = firstRow(e.add(range, 1)), start = cast(i64, begin);
  e.forEach(first, last, 1, [&](Value r) { e.store(number(0, i64), offsets, r); });
  auto rowAt = [&](Value place) {
    Value both = e.load(moved[0], place);
    return e.toIndex(arith::ShRUIOp::create(e.b, e.loc, both, number(32, i64)));
  };
  e.forEach(begin, end, 1, [&](Value place) { increment(offsets, rowAt(place)); });
  sumUp(first, last, start);
  e.forEach(begin, end, 1, [&](Value from) {
    put(e.load(moved[1], from), narrow(e.load(moved[0], from)),
        e.toIndex(increment(offsets, rowAt(from))));
  });
  shiftBack(first, last, start);
}

void CsrLowering::emitSplit() {
  // A range has 2^shift rows, so that there are at most 2^kRangeBits of them.
  Type index = e.b.getIndexType();
  Value last = e.max(e.sub(rows, e.index(1)), e.index(0));
  Value zeros = cast(index, math::CountLeadingZerosOp::create(e.b, e.loc, cast(i64, last)));
  Value shift = e.max(e.sub(e.index(64 - kRangeBits), zeros), e.index(0));
  Value parts = e.min(e.index(kParts), e.ceilDiv(count, kPartEdges));
  Value ranges = e.index(1 << kRangeBits);
  Value next = e.alloc({OpFoldResult(parts), e.b.getIndexAttr(1 << kRangeBits)}, i64);
  // A row and an edge in each of the first, the edge's column in the second.
  Values moved{e.alloc({OpFoldResult(count)}, i64), e.alloc({OpFoldResult(count)}, i32)};

  e.tasks(parts, /*parallel=*/true, [&](Value part) {
    e.forEach(e.index(0), ranges, 1,
              [&](Value range) { e.store(number(0, i64), next, {part, range}); });
    visitPart(part, next, shift, {});
  });
  Value total = e.fold(e.index(0), ranges, 1, {number(0, i64)}, [&](Value range, ValueRange sum) {
    return e.fold(e.index(0), parts, 1, sum, [&](Value part, ValueRange before) {
      Value own = e.load(next, {part, range});
      e.store(before[0], next, {part, range});
      return Values{arith::AddIOp::create(e.b, e.loc, before[0], own).getResult()};
    });
  })[0];
  e.tasks(parts, /*parallel=*/true, [&](Value part) { visitPart(part, next, shift, moved); });
  // The last part's next place in a range is now the range's end.
  e.tasks(ranges, /*parallel=*/true, [&](Value range) {
    auto endOf = [&](Value r) { return e.toIndex(e.load(next, {e.sub(parts, e.index(1)), r})); };
    Value before = e.max(e.sub(range, e.index(1)), e.index(0));
    Value begin = e.select(e.less(e.index(0), range), endOf(before), e.index(0));
    sortRange(range, begin, endOf(range), shift, moved);
  });
  e.store(total, offsets, rows);
  e.free(moved);
  e.free(next);
}

void CsrLowering::emit() {
  e.ifThen(e.less(count, e.index(kSplitEdges)), [&] { emitWhole(); }, [&] { emitSplit(); });
  if (op.getDropSelfLoops())
    e.forEach(e.toIndex(e.load(offsets, rows)), count, 1, [&](Value place) {
      e.store(number(0, i32), columns, place);
      e.store(number(0, i32), edges, place);
    });
}

struct LowerCsrPass : impl::LowerCsrPassBase<LowerCsrPass> {
  using LowerCsrPassBase::LowerCsrPassBase;

  void runOnOperation() override {
    SmallVector<nn::CsrOp> ops;
    getOperation().walk([&](nn::CsrOp op) { ops.push_back(op); });
    for (nn::CsrOp op : ops) {
      if (isa<TensorType>(op.getEdgeIndex().getType())) {
        op.emitOpError("has tensor operands, expected memrefs (bufferize first)");
        return signalPassFailure();
      }
      OpBuilder b(op);
      CsrLowering(b, op).emit();
      op.erase();
    }
  }
};

} // namespace
} // namespace attune
