// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// nn.csr in seven kernels, by counting:
//   1. counts of 0;
//   2. each edge adds 1 to its row's count, and keeps what was there as its place among the row's
//      edges, in the order in which they came;
//   3. to 5. the counts become begins: sums of chunks of rows, the sums before each chunk, the sums
//      inside;
//   6. each edge goes to its place;
//   7. edges of a row are put in the order of the list: a warp ranks each among the others, or
//      walks the list for the row's edges where the row is so long that ranks take longer.
// The order of 2. is by chance, the result is not.
#include "Block.h"
#include "Loops.h"
#include "attune/Dialect/NN/Graph.h"

using namespace mlir;

namespace attune::tile {

namespace {

/// Rows of a chunk, and threads of a block.
constexpr int64_t kChunk = 1024, kThreads = 256;

class GpuCsrBuild {
public:
  GpuCsrBuild(nn::CsrOp op, Emitter &e)
      : op(op), e(e), list(op.getEdgeIndex()), offsets(op.getOffsets()), columns(op.getColumns()),
        edges(op.getEdges()), i32(e.b.getI32Type()), i64(e.b.getI64Type()), count(e.dim(list, 1)),
        rows(e.sub(e.dim(offsets, 0), e.index(1))), chunks(e.ceilDiv(rows, kChunk)) {}

  void emit();

private:
  struct Edge {
    Value source, row, isKept;
  };
  Edge edgeAt(Value number);
  /// A kernel with a warp for each number below `tasks`.
  void forEachWarp(Value tasks, function_ref<void(BlockEmitter &, Value task, Value lane)> body);
  Value sumBefore(BlockEmitter &block, Value lane, Value value, Value &total);
  void countEdges(Value places);
  void sumUp();
  void placeEdges(Value places, Value unordered);
  void orderRow(BlockEmitter &block, Value row, Value lane, Value unordered);
  void put(Value edge, Value source, Value place) {
    e.store(narrow(source), columns, place);
    e.store(narrow(edge), edges, place);
  }
  Value number(int64_t value, Type type) {
    return arith::ConstantOp::create(e.b, e.loc, e.b.getIntegerAttr(type, value));
  }
  Value narrow(Value value) {
    return value.getType().isIndex()
               ? arith::IndexCastOp::create(e.b, e.loc, i32, value).getResult()
               : arith::TruncIOp::create(e.b, e.loc, i32, value).getResult();
  }
  Value widen(Value value) { return arith::ExtSIOp::create(e.b, e.loc, i64, value); }
  Value addi(Value a, Value b) { return arith::AddIOp::create(e.b, e.loc, a, b); }
  Value equal(Value a, Value b) {
    return arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::eq, a, b);
  }

  nn::CsrOp op;
  Emitter &e;
  Value list, offsets, columns, edges;
  Type i32, i64;
  Value count, rows, chunks;
};

GpuCsrBuild::Edge GpuCsrBuild::edgeAt(Value number) {
  Value source = e.load(list, {e.index(0), number}), target = e.load(list, {e.index(1), number});
  Value isKept = arith::ConstantIntOp::create(e.b, e.loc, 1, 1);
  if (op.getDropSelfLoops())
    isKept = arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::ne, source, target);
  if (op.getBySource())
    std::swap(source, target);
  return {source, e.toIndex(target), isKept};
}

void GpuCsrBuild::forEachWarp(Value tasks, function_ref<void(BlockEmitter &, Value, Value)> body) {
  Grid grid{e.ceilDiv(tasks, kThreads / kWarp)};
  grid.threads = kThreads;
  emitLaunch(e, "csr", grid, [&](Value thread, ValueRange id) {
    BlockEmitter block(e, thread, kThreads, /*asyncCopies=*/false);
    Value task = e.add(e.mul(id[0], kThreads / kWarp), e.div(thread, kWarp));
    // All lanes of a warp have the same task.
    e.ifThen(e.less(task, tasks), [&] { body(block, task, e.rem(thread, e.index(kWarp))); });
  });
}

/// The sum of the values of the lanes before; `total` becomes that of all.
Value GpuCsrBuild::sumBefore(BlockEmitter &block, Value lane, Value value, Value &total) {
  Value sum = value, zero = number(0, i32);
  for (int64_t offset = 1; offset < kWarp; offset *= 2) {
    Value before = block.shuffle(gpu::ShuffleMode::UP, sum, number(offset, i32));
    sum = addi(sum, e.select(e.less(lane, e.index(offset)), zero, before));
  }
  total = block.shuffle(gpu::ShuffleMode::IDX, sum, number(kWarp - 1, i32));
  return arith::SubIOp::create(e.b, e.loc, sum, value);
}

void GpuCsrBuild::countEdges(Value places) {
  emitForEach(e, "csr", count, kThreads, [&](Value number) {
    Edge edge = edgeAt(number);
    e.ifThen(edge.isKept, [&] {
      Value before =
          memref::AtomicRMWOp::create(e.b, e.loc, arith::AtomicRMWKind::addi, this->number(1, i64),
                                      offsets, ValueRange(edge.row));
      e.store(narrow(before), places, number);
    });
  });
}

/// Counts in `offsets` become begins. There are less than 2^31 edges.
void GpuCsrBuild::sumUp() {
  Value sums = e.alloc({OpFoldResult(chunks)}, i32);
  auto end = [&](Value chunk) { return e.min(e.mul(e.add(chunk, 1), kChunk), rows); };
  auto countOf = [&](Value row) { return narrow(e.load(offsets, row)); };
  forEachWarp(chunks, [&](BlockEmitter &block, Value chunk, Value lane) {
    Value sum =
        e.fold(e.add(e.mul(chunk, kChunk), lane), end(chunk), kWarp, {number(0, i32)},
               [&](Value row, ValueRange in) { return Values{addi(in[0], countOf(row))}; })[0];
    sum = block.joinLanes(sum, kWarp, [&](Value a, Value b) { return addi(a, b); });
    e.ifThen(equal(lane, e.index(0)), [&] { e.store(sum, sums, chunk); });
  });
  // Sums before each of [begin, end), 32 at a time, on top of `first`; returns the sum of all.
  auto scan = [&](BlockEmitter &block, Value lane, Value begin, Value end, Value first,
                  function_ref<Value(Value)> load, function_ref<void(Value, Value)> store) {
    return e.fold(begin, end, kWarp, {first}, [&](Value from, ValueRange in) {
      Value at = e.add(from, lane), isThere = e.less(at, end), total;
      Value own = e.choose(i32, isThere, [&] { return load(at); }, [&] { return number(0, i32); });
      Value before = addi(in[0], sumBefore(block, lane, own, total));
      e.ifThen(isThere, [&] { store(at, before); });
      return Values{addi(in[0], total)};
    })[0];
  };
  forEachWarp(e.index(1), [&](BlockEmitter &block, Value, Value lane) {
    Value total = scan(
        block, lane, e.index(0), chunks, number(0, i32),
        [&](Value chunk) { return e.load(sums, chunk); },
        [&](Value chunk, Value sum) { e.store(sum, sums, chunk); });
    e.ifThen(equal(lane, e.index(0)), [&] { e.store(widen(total), offsets, rows); });
  });
  forEachWarp(chunks, [&](BlockEmitter &block, Value chunk, Value lane) {
    scan(block, lane, e.mul(chunk, kChunk), end(chunk), e.load(sums, chunk), countOf,
         [&](Value row, Value sum) { e.store(widen(sum), offsets, row); });
  });
  e.free(sums);
}

void GpuCsrBuild::placeEdges(Value places, Value unordered) {
  emitForEach(e, "csr", count, kThreads, [&](Value number) {
    Edge edge = edgeAt(number);
    e.ifThen(edge.isKept, [&] {
      Value place = e.add(e.toIndex(e.load(offsets, edge.row)), e.toIndex(e.load(places, number)));
      e.store(narrow(number), unordered, place);
    });
  });
}

void GpuCsrBuild::orderRow(BlockEmitter &block, Value row, Value lane, Value unordered) {
  Value begin = e.toIndex(e.load(offsets, row)), end = e.toIndex(e.load(offsets, e.add(row, 1)));
  Value length = e.sub(end, begin);
  auto rank = [&] {
    e.forEach(e.add(begin, lane), end, kWarp, [&](Value at) {
      Value own = e.load(unordered, at);
      Value place = e.fold(begin, end, 1, {begin}, [&](Value other, ValueRange in) {
        Value isLess = arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::slt,
                                             e.load(unordered, other), own);
        return Values{e.add(in[0], e.select(isLess, e.index(1), e.index(0)))};
      })[0];
      Value edge = e.toIndex(own);
      put(edge, edgeAt(edge).source, place);
    });
  };
  auto walk = [&] {
    e.fold(e.index(0), count, kWarp, {begin}, [&](Value first, ValueRange in) {
      Value at = e.add(first, lane), number = e.min(at, e.sub(count, e.index(1))), total;
      Edge edge = edgeAt(number);
      Value isOwn = arith::AndIOp::create(e.b, e.loc, e.less(at, count), edge.isKept);
      isOwn = arith::AndIOp::create(e.b, e.loc, isOwn, equal(edge.row, row));
      Value before = sumBefore(block, lane, arith::ExtUIOp::create(e.b, e.loc, i32, isOwn), total);
      e.ifThen(isOwn, [&] { put(number, edge.source, e.add(in[0], e.toIndex(before))); });
      return Values{e.add(in[0], e.toIndex(total))};
    });
  };
  e.ifThen(e.less(count, e.mul(length, length)), walk, rank);
}

void GpuCsrBuild::emit() {
  Value all = e.max(e.add(rows, 1), count);
  emitForEach(e, "csr", op.getDropSelfLoops() ? all : e.add(rows, 1), kThreads, [&](Value at) {
    e.ifThen(e.less(at, e.add(rows, 1)), [&] { e.store(number(0, i64), offsets, at); });
    if (op.getDropSelfLoops())
      e.ifThen(e.less(at, count), [&] { put(e.index(0), number(0, i64), at); });
  });
  Value places = e.alloc({OpFoldResult(count)}, i32);
  countEdges(places);
  sumUp();
  Value unordered = e.alloc({OpFoldResult(count)}, i32);
  placeEdges(places, unordered);
  forEachWarp(rows, [&](BlockEmitter &block, Value row, Value lane) {
    orderRow(block, row, lane, unordered);
  });
  e.free({places, unordered});
}

} // namespace

void emitGpuCsr(Emitter &e, nn::CsrOp op) { GpuCsrBuild(op, e).emit(); }

} // namespace attune::tile
