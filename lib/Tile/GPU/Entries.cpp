// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops that each entry of a batch goes through for itself, loops of them included, in one kernel: a
// Newton iteration on small matrices. A block has an entry, and its threads share the elements of
// each op's result; a barrier lies between two ops. Numbers stay in device memory, and in the cache.
//
// A thread forms sums in order. Of a product of matrices it has a square of kTile x kTile results.
#include "Block.h"
#include "Loops.h"

using namespace mlir;

namespace attune::tile {

namespace {

constexpr int64_t kThreads = 256, kTile = 4;

bool isServed(linalg::GenericOp op) {
  std::optional<Nest> nest = Nest::match(op);
  return nest && nest->outputs.size() == 1;
}

/// One input walks the rows of the result, the other one its columns.
bool isProduct(const Nest &nest, ArrayRef<int64_t> results) {
  if (results.size() != 2 || !isMultiplyAdd(nest.op))
    return false;
  auto isOneOf = [](bool a, bool b) { return a != b; };
  bool firstRows = nest.inputs[0].uses(results[0]), secondRows = nest.inputs[1].uses(results[0]);
  return isOneOf(firstRows, secondRows) &&
         isOneOf(firstRows, nest.inputs[0].uses(results[1])) &&
         isOneOf(secondRows, nest.inputs[1].uses(results[1]));
}

class EntryEmitter {
public:
  EntryEmitter(Emitter &e, BlockEmitter &block, int64_t entryLoops)
      : e(e), block(block), entryLoops(entryLoops) {}

  /// `entry` holds the values of the leading loops. An op follows a barrier.
  void emit(Block &ops, ValueRange entry);

private:
  void emit(const Nest &nest, MutableArrayRef<Value> ivs);
  void emitProduct(const Nest &nest, MutableArrayRef<Value> ivs, ArrayRef<int64_t> results);

  Emitter &e;
  BlockEmitter &block;
  int64_t entryLoops;
};

void EntryEmitter::emit(Block &ops, ValueRange entry) {
  for (Operation &op : ops.without_terminator()) {
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      e.forEach(loop.getLowerBound(), loop.getUpperBound(), loop.getStep(),
                [&](Value) { emit(*loop.getBody(), entry); });
      continue;
    }
    auto generic = dyn_cast<linalg::GenericOp>(op);
    if (!generic)
      continue; // made in front of the kernel
    block.barrier();
    std::optional<Nest> nest = Nest::match(generic);
    Values ivs(nest->numLoops());
    llvm::copy(entry, ivs.begin());
    emit(*nest, ivs);
  }
}

void EntryEmitter::emit(const Nest &nest, MutableArrayRef<Value> ivs) {
  SmallVector<int64_t> parallel = nest.loopsOf(true);
  SmallVector<int64_t> inEntry(ArrayRef(parallel).drop_front(entryLoops));
  if (isProduct(nest, inEntry))
    return emitProduct(nest, ivs, inEntry);
  LoopGroup results(e, nest, inEntry), elements(e, nest, nest.loopsOf(false));
  const Access &out = nest.outputs[0];
  e.forEach(block.thread, results.count, kThreads, [&](Value result) {
    results.place(e, result, ivs);
    Values at = out.at(e, ivs);
    Value before = e.load(out.memref, at);
    if (elements.loops.empty())
      return e.store(evaluateBody(e, nest, ivs, before)[0], out.memref, at);
    Value sum = e.fold(e.index(0), elements.count, 1, {before}, [&](Value element, ValueRange in) {
      elements.place(e, element, ivs);
      return evaluateBody(e, nest, ivs, in);
    })[0];
    e.store(sum, out.memref, at);
  });
}

void EntryEmitter::emitProduct(const Nest &nest, MutableArrayRef<Value> ivs,
                               ArrayRef<int64_t> results) {
  LoopGroup elements(e, nest, nest.loopsOf(false));
  int64_t rowLoop = results[0], columnLoop = results[1];
  Value rows = nest.size(e, rowLoop), columns = nest.size(e, columnLoop);
  Value across = e.ceilDiv(columns, kTile), tiles = e.mul(e.ceilDiv(rows, kTile), across);
  const Access &out = nest.outputs[0];
  e.forEach(block.thread, tiles, kThreads, [&](Value tile) {
    // What lies beyond the last row or column is that row or column again, and is not stored.
    Values row, column, isRow, isColumn;
    for (int64_t i = 0; i < kTile; ++i) {
      Value r = e.add(e.mul(e.div(tile, across), kTile), i);
      Value c = e.add(e.mul(e.rem(tile, across), kTile), i);
      isRow.push_back(e.less(r, rows));
      isColumn.push_back(e.less(c, columns));
      row.push_back(e.min(r, e.sub(rows, e.index(1))));
      column.push_back(e.min(c, e.sub(columns, e.index(1))));
    }
    auto placeAt = [&](int64_t i, int64_t j) {
      ivs[rowLoop] = row[i];
      ivs[columnLoop] = column[j];
    };
    Values inits(kTile * kTile);
    for (int64_t i = 0; i < kTile; ++i)
      for (int64_t j = 0; j < kTile; ++j) {
        placeAt(i, j);
        inits[i * kTile + j] = e.load(out.memref, out.at(e, ivs));
      }
    Values sums = e.fold(e.index(0), elements.count, 1, inits, [&](Value k, ValueRange in) {
      elements.place(e, k, ivs);
      Values next(in);
      SmallVector<Values> numbers;
      for (const Access &input : nest.inputs) {
        Values own;
        for (int64_t i = 0; i < kTile; ++i) {
          placeAt(i, i);
          own.push_back(input.load(e, ivs));
        }
        numbers.push_back(own);
      }
      auto pick = [&](int64_t n, int64_t i, int64_t j) {
        return numbers[n][nest.inputs[n].uses(rowLoop) ? i : j];
      };
      for (int64_t i = 0; i < kTile; ++i)
        for (int64_t j = 0; j < kTile; ++j) {
          Value &sum = next[i * kTile + j];
          sum = e.fma(pick(0, i, j), pick(1, i, j), sum);
        }
      return next;
    });
    for (int64_t i = 0; i < kTile; ++i)
      for (int64_t j = 0; j < kTile; ++j) {
        placeAt(i, j);
        e.ifThen(arith::AndIOp::create(e.b, e.loc, isRow[i], isColumn[j]),
                 [&] { e.store(sums[i * kTile + j], out.memref, out.at(e, ivs)); });
      }
  });
}

} // namespace

bool emitGpuEntries(Emitter &e, Block &ops, int64_t entryLoops) {
  linalg::GenericOp first;
  bool all = true;
  ops.walk([&](linalg::LinalgOp op) {
    auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
    all &= generic && isServed(generic);
    if (!first)
      first = generic;
  });
  if (!all || !first)
    return false;
  Nest nest = *Nest::match(first);
  LoopGroup entries(e, nest, llvm::to_vector(llvm::seq(entryLoops)));
  Grid grid{entries.count};
  grid.threads = kThreads;
  emitLaunch(e, "entries", grid, [&](Value thread, ValueRange blockId) {
    BlockEmitter block(e, thread, kThreads, /*asyncCopies=*/false);
    Values entry(entryLoops);
    entries.place(e, blockId[0], entry);
    EntryEmitter(e, block, entryLoops).emit(ops, entry);
  });
  return true;
}

} // namespace attune::tile
