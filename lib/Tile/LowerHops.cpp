// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Hop distances by breadth-first search from every node, O(n + edges) each.
//
// A graph of n nodes takes n^2 bytes where no path is longer than 254, else 2 n^2. Up to 255 nodes
// no path can be longer. In a graph whose edges go both ways the longest path of a component is at
// most twice the distance e from any of its nodes to the farthest one, and at least the distance
// from that one to the node farthest from it; e <= 127, or a distance over 254, settles it. Whether
// edges go both ways takes a look at the edges of every edge's end. Graphs that this leaves open
// are searched from every node.
#include "LowerGraphOps.h"
#include "attune/Dialect/NN/Graph.h"

using namespace mlir;

namespace attune::tile {

namespace {

/// Longest path that one byte holds.
constexpr int64_t kLongestByte = 254;
/// Most tasks of a loop; each has a queue and distances of its own.
constexpr int64_t kTasks = 64;
/// Neighbouring rows that a task searches from before it leaps over those of the other tasks.
constexpr int64_t kTaskSources = 16;

/// Queues and distances for all tasks of an op, each as long as the largest graph.
struct Scratch {
  Value queues, distances;
};

/// Breadth-first searches in the graphs of a batch.
class Search {
public:
  Search(Emitter &e, Value offsets, Value columns, const Scratch &scratch, Value task)
      : e(e), offsets(offsets), columns(columns), queue(e.slice(scratch.queues, {task, Value()})),
        distances(e.slice(scratch.distances, {task, Value()})) {}

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

  /// Searches from `source`, counted inside the graph that begins at node `begin` and has `size`
  /// nodes, over nodes not reached yet; returns how many are reached. They stand in the queue, the
  /// farthest last.
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
    return loop.getResult(1);
  }
  Value queued(Value place) { return e.toIndex(e.load(queue, place)); }
  Value farthest(Value reached) { return queued(e.sub(reached, e.index(1))); }
  /// Takes back the search that has reached so many nodes.
  void undo(Value reached) {
    e.forEach(e.index(0), reached, 1,
              [&](Value place) { e.store(number(-1), distances, queued(place)); });
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

/// Most nodes of a graph.
static Value largestGraph(Emitter &e, Value graphs, Value numGraphs) {
  return e.fold(e.index(0), numGraphs, 1, {e.index(0)}, [&](Value g, ValueRange in) {
    Value size = e.sub(offsetAt(e, graphs, e.add(g, 1)), offsetAt(e, graphs, g));
    return Values{e.max(in[0], size)};
  })[0];
}

/// Task t visits the blocks t, t + tasks, .. of `perBlock` items, so that graphs of different sizes
/// come to all tasks; each has a search of its own.
static void forItems(Emitter &e, Value offsets, Value columns, Value items, int64_t perBlock,
                     Value largest, function_ref<void(Search &search, Value item)> body) {
  Value blocks = e.ceilDiv(items, perBlock), tasks = e.min(e.index(kTasks), blocks);
  // Whole cache lines for each task.
  SmallVector<OpFoldResult> sizes{tasks, e.roundUp(largest, 16)};
  Type i32 = e.b.getI32Type();
  Scratch scratch{e.alloc(sizes, i32), e.alloc(sizes, i32)};
  e.tasks(tasks, /*parallel=*/true, [&](Value task) {
    Search search(e, offsets, columns, scratch, task);
    e.forEach(task, blocks, tasks, [&](Value block) {
      Value first = e.mul(block, perBlock);
      e.forEach(first, e.min(e.add(first, perBlock), items), 1,
                [&](Value item) { body(search, item); });
    });
  });
  e.free({scratch.queues, scratch.distances});
}

namespace {
/// Bytes of each pair of every graph, kept where a graph's start is going to be.
class Layout {
public:
  Layout(Emitter &e, nn::HopLayoutOp op)
      : e(e), offsets(op.getOffsets()), columns(op.getColumns()), graphs(op.getGraphOffsets()),
        starts(op.getInit()), numGraphs(e.sub(e.dim(graphs, 0), e.index(1))) {}

  void emit();

private:
  Value begin(Value g) { return offsetAt(e, graphs, g); }
  Value size(Value g) { return e.sub(begin(e.add(g, 1)), begin(g)); }
  Value number(int64_t value) { return arith::ConstantIntOp::create(e.b, e.loc, value, 64); }
  Value is(arith::CmpIPredicate how, Value a, Value b) {
    return arith::CmpIOp::create(e.b, e.loc, how, a, b);
  }
  Value isLong(Search &search, Value path) {
    return is(arith::CmpIPredicate::sgt, path, search.number(kLongestByte));
  }
  void setBytes(Value g, Value bytes) { e.store(bytes, starts, e.add(g, 1)); }
  /// Whether a graph's bytes are not known yet.
  Value isOpen(Value g) {
    return is(arith::CmpIPredicate::eq, e.load(starts, e.add(g, 1)), number(0));
  }
  /// Bytes of a graph (i64), or 0 where only searches from all nodes can tell.
  Value settle(Search &search, Value g);
  void searchOpen(Value largest);

  Emitter &e;
  Value offsets, columns, graphs, starts, numGraphs;
};
} // namespace

Value Layout::settle(Search &search, Value g) {
  Value first = begin(g), nodes = size(g);
  auto larger = [&](Value a, Value b) -> Value { return arith::MaxSIOp::create(e.b, e.loc, a, b); };
  search.clear(nodes);
  // No path is longer than the first number, and some path is as long as the second.
  Values bounds{search.number(0), search.number(0)};
  bounds = e.fold(e.index(0), nodes, 1, bounds, [&](Value source, ValueRange in) {
    auto branch = scf::IfOp::create(e.b, e.loc, in.getTypes(), search.isReached(source), true);
    OpBuilder::InsertionGuard guard(e.b);
    e.b.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(e.b, e.loc, in);
    e.b.setInsertionPointToStart(branch.elseBlock());
    Value reached = search.run(first, nodes, source), end = search.farthest(reached);
    Value radius = search.distance(end);
    search.undo(reached);
    Value across = search.distance(search.farthest(search.run(first, nodes, end)));
    Value twice = arith::MulIOp::create(e.b, e.loc, radius, search.number(2));
    scf::YieldOp::create(e.b, e.loc, ValueRange{larger(in[0], twice), larger(in[1], across)});
    return Values(branch.getResults());
  });
  Value mayBeLong = isLong(search, bounds[0]), isSure = isLong(search, bounds[1]);
  Value unclear = arith::AndIOp::create(
      e.b, e.loc, mayBeLong,
      is(arith::CmpIPredicate::eq, isSure, arith::ConstantIntOp::create(e.b, e.loc, 0, 1)));
  auto open = [&] { return number(0); };
  return e.choose(e.b.getI64Type(), unclear, open, [&] {
    Value both = goesBothWays(e, search, offsets, first, nodes);
    Value bytes = e.select(isSure, number(2), number(1));
    return e.select(is(arith::CmpIPredicate::eq, both, search.number(1)), bytes, number(0));
  });
}

void Layout::searchOpen(Value largest) {
  Value rows = e.sub(e.dim(offsets, 0), e.index(1));
  Value longest = e.alloc({OpFoldResult(rows)}, e.b.getI32Type());
  auto forOpen = [&](Value g, function_ref<void()> body) { e.ifThen(isOpen(g), body); };
  forItems(e, offsets, columns, rows, kTaskSources, largest, [&](Search &search, Value row) {
    Value g = e.segmentOf(graphs, row), source = e.sub(row, begin(g));
    forOpen(g, [&] {
      // Rows behind the last graph are in none.
      e.ifThen(e.less(source, size(g)), [&] {
        search.clear(size(g));
        Value end = search.farthest(search.run(begin(g), size(g), source));
        e.store(search.distance(end), longest, row);
      });
    });
  });
  e.forEach(e.index(0), numGraphs, 1, [&](Value g) {
    forOpen(g, [&] {
      Value zero = arith::ConstantIntOp::create(e.b, e.loc, 0, 32);
      Value path = e.fold(begin(g), begin(e.add(g, 1)), 1, {zero}, [&](Value row, ValueRange in) {
        return Values{arith::MaxSIOp::create(e.b, e.loc, in[0], e.load(longest, row))};
      })[0];
      Value limit = arith::ConstantIntOp::create(e.b, e.loc, kLongestByte, 32);
      setBytes(g, e.select(is(arith::CmpIPredicate::sgt, path, limit), number(2), number(1)));
    });
  });
  e.free(longest);
}

void Layout::emit() {
  Value largest = largestGraph(e, graphs, numGraphs);
  auto mayBeLong = [&](Value nodes) { return e.less(e.index(kLongestByte + 1), nodes); };
  e.store(number(0), starts, e.index(0));
  e.forEach(e.index(0), numGraphs, 1, [&](Value g) { setBytes(g, number(1)); });
  e.ifThen(mayBeLong(largest), [&] {
    forItems(e, offsets, columns, numGraphs, 1, largest, [&](Search &search, Value g) {
      e.ifThen(mayBeLong(size(g)), [&] { setBytes(g, settle(search, g)); });
    });
    Value none = e.index(0);
    Value numOpen = e.fold(none, numGraphs, 1, {none}, [&](Value g, ValueRange in) {
      return Values{e.select(isOpen(g), e.add(in[0], 1), in[0])};
    })[0];
    e.ifThen(e.less(none, numOpen), [&] { searchOpen(largest); });
  });
  e.fold(e.index(0), numGraphs, 1, {number(0)}, [&](Value g, ValueRange in) {
    Value square =
        arith::IndexCastOp::create(e.b, e.loc, e.b.getI64Type(), e.mul(size(g), size(g)));
    Value bytes = arith::MulIOp::create(e.b, e.loc, e.load(starts, e.add(g, 1)), square);
    Value next = arith::AddIOp::create(e.b, e.loc, in[0], bytes);
    setBytes(g, next);
    return Values{next};
  });
}

void emitHopLayout(Emitter &e, nn::HopLayoutOp op) { Layout(e, op).emit(); }

/// Writes the distances of a search from node `source` of graph `g` to the graph's table.
static void storeHops(Emitter &e, nn::HopTableOp op, Search &search, Value g, Value source,
                      Value size) {
  Value starts = op.getStarts(), table = op.getInit(), start = offsetAt(e, starts, g);
  Value bytes = e.sub(offsetAt(e, starts, e.add(g, 1)), start), pairs = e.mul(size, size);
  Value isNarrow = arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::eq, bytes, pairs);
  Value at = e.add(start, e.mul(source, size));
  // As unsigned numbers nodes that were not reached are far away too.
  auto hopsTo = [&](Value node, int64_t most) -> Value {
    return arith::MinUIOp::create(e.b, e.loc, search.distance(node), search.number(most));
  };
  auto storeByte = [&](Value value, Value place) {
    e.store(arith::TruncIOp::create(e.b, e.loc, e.b.getI8Type(), value), table, place);
  };
  auto narrow = [&] {
    e.forEach(e.index(0), size, 1, [&](Value node) {
      storeByte(hopsTo(node, nn::HopTableOp::kUnreachableByte), e.add(at, node));
    });
  };
  auto wide = [&] {
    e.forEach(e.index(0), size, 1, [&](Value node) {
      Value hops = hopsTo(node, nn::HopTableOp::kUnreachable), place = e.add(at, node);
      storeByte(hops, place);
      storeByte(arith::ShRUIOp::create(e.b, e.loc, hops, search.number(8)), e.add(place, pairs));
    });
  };
  e.ifThen(isNarrow, narrow, wide);
}

void emitHopTable(Emitter &e, nn::HopTableOp op) {
  Value offsets = op.getOffsets(), columns = op.getColumns(), graphs = op.getGraphOffsets();
  Value rows = e.sub(e.dim(offsets, 0), e.index(1));
  Value largest = largestGraph(e, graphs, e.sub(e.dim(graphs, 0), e.index(1)));
  forItems(e, offsets, columns, rows, kTaskSources, largest, [&](Search &search, Value row) {
    Value g = e.segmentOf(graphs, row), begin = offsetAt(e, graphs, g);
    Value source = e.sub(row, begin), size = e.sub(offsetAt(e, graphs, e.add(g, 1)), begin);
    // Rows behind the last graph are in none.
    e.ifThen(e.less(source, size), [&] {
      search.clear(size);
      search.run(begin, size, source);
      storeHops(e, op, search, g, source, size);
    });
  });
}

} // namespace attune::tile
