// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Hop distances by breadth-first search from every node, O(n + edges) each.
//
// A graph of n nodes takes n^2 bytes where no path is longer than 254, else 2 n^2. Up to 255 nodes
// no path can be longer. In a graph whose edges go both ways the longest path of a component is at
// most twice the distance e from any of its nodes to the farthest one, so that e <= 127 everywhere
// settles it; whether edges go both ways takes a look at the edges of every edge's end. Else every
// path is searched.
#include "LowerLoops.h"

using namespace mlir;

namespace attune::tile {

namespace {

/// Longest path that one byte holds.
constexpr int64_t kLongestByte = 254;
/// Rows of a task.
constexpr int64_t kTaskSources = 16;

/// Breadth-first searches in the graphs of a batch.
class Search {
public:
  /// Buffers for graphs of up to as many nodes as there are rows.
  Search(Emitter &e, Value offsets, Value columns, Value numRows)
      : e(e), offsets(offsets), columns(columns) {
    Type i32 = e.b.getI32Type();
    OpFoldResult length = numRows;
    queue = e.alloc({length}, i32);
    distances = e.alloc({length}, i32);
  }
  void release() { e.free({queue, distances}); }

  Value number(int64_t value) { return arith::ConstantIntOp::create(e.b, e.loc, value, 32); }
  /// Marks all nodes of a graph of `size` nodes as not reached.
  void clear(Value size) {
    e.forEach(e.index(0), size, 1, [&](Value i) { e.store(number(-1), distances, i); });
  }
  Value isReached(Value node) {
    return arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::sge, e.load(distances, node),
                                 number(0));
  }
  Value distance(Value node) { return e.load(distances, node); }

  /// From `source`, counted inside the graph that begins at node `begin` and has `size` nodes;
  /// returns the largest distance (i32).
  Value run(Value begin, Value size, Value source) {
    e.store(number(0), distances, source);
    e.store(arith::IndexCastOp::create(e.b, e.loc, e.b.getI32Type(), source), queue, e.index(0));
    Type index = e.b.getIndexType();
    auto loop = scf::WhileOp::create(
        e.b, e.loc, TypeRange{index, index}, ValueRange{e.index(0), e.index(1)},
        [&](OpBuilder &, Location, ValueRange state) {
          scf::ConditionOp::create(e.b, e.loc, e.less(state[0], state[1]), state);
        },
        [&](OpBuilder &, Location, ValueRange state) {
          Value node = e.toIndex(e.load(queue, state[0]));
          Value next = arith::AddIOp::create(e.b, e.loc, e.load(distances, node), number(1));
          Value row = e.add(begin, node);
          Value first = e.toIndex(e.load(offsets, row)),
                last = e.toIndex(e.load(offsets, e.add(row, 1)));
          Value tail = e.fold(first, last, 1, {state[1]}, [&](Value edge, ValueRange in) {
            return Values{visit(begin, size, edge, next, in[0])};
          })[0];
          scf::YieldOp::create(e.b, e.loc, ValueRange{e.add(state[0], 1), tail});
        });
    Value farthest = e.toIndex(e.load(queue, e.sub(loop.getResult(1), e.index(1))));
    return e.load(distances, farthest);
  }

  /// A node's number inside the graph; other graphs' nodes are out of range.
  Value columnAt(Value begin, Value edge) { return e.sub(e.toIndex(e.load(columns, edge)), begin); }
  Value isInside(Value node, Value size) {
    return arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::ult, node, size);
  }

private:
  /// Appends the edge's end where it was not reached before; returns the queue's new end.
  Value visit(Value begin, Value size, Value edge, Value distance, Value tail) {
    Value node = columnAt(begin, edge);
    // Reading node 0 of a node outside keeps the load in range.
    Value inside = isInside(node, size), safe = e.select(inside, node, e.index(0));
    Value isNew = arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::slt,
                                        e.load(distances, safe), number(0));
    Value found = arith::AndIOp::create(e.b, e.loc, inside, isNew);
    e.ifThen(found, [&] {
      e.store(distance, distances, node);
      e.store(arith::IndexCastOp::create(e.b, e.loc, e.b.getI32Type(), node), queue, tail);
    });
    return e.select(found, e.add(tail, 1), tail);
  }

  Emitter &e;
  Value offsets, columns, queue, distances;
};

Value offsetAt(Emitter &e, Value offsets, Value g) { return e.toIndex(e.load(offsets, g)); }

/// 1 where every edge of the graph has one that goes back, else 0 (i32).
Value goesBothWays(Emitter &e, Search &search, Value offsets, Value begin, Value size) {
  auto forEdges = [&](Value node, Value start, function_ref<Value(Value edge, Value so)> body) {
    Value row = e.add(begin, node);
    return e.fold(offsetAt(e, offsets, row), offsetAt(e, offsets, e.add(row, 1)), 1, {start},
                  [&](Value edge, ValueRange in) { return Values{body(edge, in[0])}; })[0];
  };
  return e.fold(e.index(0), size, 1, {search.number(1)}, [&](Value node, ValueRange in) {
    return Values{forEdges(node, in[0], [&](Value edge, Value so) -> Value {
      Value other = search.columnAt(begin, edge), inside = search.isInside(other, size);
      auto isMatched = [&]() -> Value {
        Value back = forEdges(other, search.number(0), [&](Value reverse, Value found) -> Value {
          Value here = arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::eq,
                                             search.columnAt(begin, reverse), node);
          return e.select(here, search.number(1), found);
        });
        return arith::AndIOp::create(e.b, e.loc, so, back);
      };
      return e.choose(so.getType(), inside, isMatched, [&] { return so; });
    })};
  })[0];
}

} // namespace

/// Bytes of each pair of a graph: 2 if a path is longer than one byte holds, else 1 (index).
static Value bytesPerPair(Emitter &e, Search &search, Value offsets, Value begin, Value size) {
  Type index = e.b.getIndexType();
  auto larger = [&](Value a, Value b) -> Value { return arith::MaxSIOp::create(e.b, e.loc, a, b); };
  auto fits = [&](Value longest) -> Value {
    return arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::sle, longest,
                                 search.number(kLongestByte));
  };
  auto one = [&] { return e.index(1); };
  auto searchAll = [&]() -> Value {
    Value longest =
        e.fold(e.index(0), size, 1, {search.number(0)}, [&](Value source, ValueRange in) {
          search.clear(size);
          return Values{larger(in[0], search.run(begin, size, source))};
        })[0];
    return e.select(fits(longest), e.index(1), e.index(2));
  };
  return e.choose(index, e.less(size, e.index(kLongestByte + 2)), one, [&] {
    search.clear(size);
    Value bound = e.fold(e.index(0), size, 1, {search.number(0)}, [&](Value source, ValueRange in) {
      auto visit = [&]() -> Value {
        Value twice =
            arith::MulIOp::create(e.b, e.loc, search.run(begin, size, source), search.number(2));
        return larger(in[0], twice);
      };
      return Values{
          e.choose(in[0].getType(), search.isReached(source), [&] { return in[0]; }, visit)};
    })[0];
    Value isShort = fits(bound);
    auto bothWays = [&]() -> Value {
      Value both = goesBothWays(e, search, offsets, begin, size);
      Value isSure =
          arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::eq, both, search.number(1));
      return e.choose(index, isSure, one, searchAll);
    };
    return e.choose(index, isShort, bothWays, searchAll);
  });
}

void emitHopLayout(Emitter &e, nn::HopLayoutOp op) {
  Value graphs = op.getGraphOffsets(), starts = op.getInit();
  Type i64 = e.b.getI64Type();
  Value last = e.sub(e.dim(graphs, 0), e.index(1));
  Value numRows = e.sub(e.dim(op.getOffsets(), 0), e.index(1));
  Search search(e, op.getOffsets(), op.getColumns(), numRows);
  e.store(arith::ConstantIntOp::create(e.b, e.loc, 0, 64), starts, e.index(0));
  e.fold(e.index(0), last, 1, {e.index(0)}, [&](Value g, ValueRange in) {
    Value begin = offsetAt(e, graphs, g), size = e.sub(offsetAt(e, graphs, e.add(g, 1)), begin);
    Value bytes = e.mul(bytesPerPair(e, search, op.getOffsets(), begin, size), e.mul(size, size));
    Value next = e.add(in[0], bytes);
    e.store(arith::IndexCastOp::create(e.b, e.loc, i64, next), starts, e.add(g, 1));
    return Values{next};
  });
  search.release();
}

void emitHopTable(Emitter &e, nn::HopTableOp op) {
  Value graphs = op.getGraphOffsets(), starts = op.getStarts(), table = op.getInit();
  Value numRows = e.sub(e.dim(op.getOffsets(), 0), e.index(1));
  Type i8 = e.b.getI8Type();
  e.tasks(e.ceilDiv(numRows, kTaskSources), /*parallel=*/true, [&](Value task) {
    Search search(e, op.getOffsets(), op.getColumns(), numRows);
    Value first = e.mul(task, kTaskSources);
    e.forEach(first, e.min(e.add(first, kTaskSources), numRows), 1, [&](Value row) {
      Value g = e.segmentOf(graphs, row);
      Value begin = offsetAt(e, graphs, g), size = e.sub(offsetAt(e, graphs, e.add(g, 1)), begin);
      Value source = e.sub(row, begin), start = offsetAt(e, starts, g);
      // Rows behind the last graph are in none.
      e.ifThen(e.less(source, size), [&] {
        search.clear(size);
        search.run(begin, size, source);
        Value bytes = e.sub(offsetAt(e, starts, e.add(g, 1)), start), pairs = e.mul(size, size);
        Value isNarrow = arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::eq, bytes, pairs);
        Value at = e.add(start, e.mul(source, size));
        Value none = search.number(nn::HopTableOp::kUnreachable);
        e.forEach(e.index(0), size, 1, [&](Value node) {
          // As unsigned numbers nodes that were not reached are far away too.
          Value hops = arith::MinUIOp::create(e.b, e.loc, search.distance(node), none);
          Value place = e.add(at, node);
          auto storeByte = [&](Value value, Value where) {
            e.store(arith::TruncIOp::create(e.b, e.loc, i8, value), table, where);
          };
          auto narrow = [&] {
            Value mark = search.number(nn::HopTableOp::kUnreachableByte);
            storeByte(arith::MinUIOp::create(e.b, e.loc, hops, mark), place);
          };
          auto wide = [&] {
            storeByte(hops, place);
            storeByte(arith::ShRUIOp::create(e.b, e.loc, hops, search.number(8)),
                      e.add(place, pairs));
          };
          e.ifThen(isNarrow, narrow, wide);
        });
      });
    });
    search.release();
  });
}

} // namespace attune::tile
