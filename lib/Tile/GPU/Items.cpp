// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops that each entry of a batch goes through for itself, loops of them included, in one kernel: a
// Newton iteration on small matrices. A block has an entry, and its threads share the elements of
// each op's result; a barrier lies between two ops. Numbers stay in device memory, and in the
// cache.
//
// The same for a loop over segments of the rows: a block has a segment.
//
// A thread forms sums in order. Of a product of matrices it has a square of kTile x kTile results.
#include "Block.h"
#include "Loops.h"

using namespace mlir;

namespace attune::tile {

namespace {

constexpr int64_t kThreads = 256, kTile = 4;
/// Rows that one block works on in the time that starting the kernels of a host's loop takes, and
/// blocks that fill a device. By judgement, not measured.
constexpr int64_t kRowsOfBlock = 256, kFullDevice = 64;

/// Whether all linalg ops, those in loops too, are nests with one result.
bool areServed(Block &ops) {
  return !ops.walk([](linalg::LinalgOp op) {
               auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
               std::optional<Nest> nest = generic ? Nest::match(generic) : std::nullopt;
               return nest && nest->outputs.size() == 1 ? WalkResult::advance()
                                                        : WalkResult::interrupt();
             })
              .wasInterrupted();
}

/// The loops of a result that a product of matrices has: one that only one input walks, one that
/// only the other does, and those that both do.
struct ProductLoops {
  int64_t row, column;
  SmallVector<int64_t> batch;
};
std::optional<ProductLoops> productLoops(const Nest &nest, ArrayRef<int64_t> results) {
  if (!isMultiplyAdd(nest.op))
    return std::nullopt;
  ProductLoops loops{-1, -1, {}};
  for (int64_t loop : results) {
    bool first = nest.inputs[0].uses(loop), second = nest.inputs[1].uses(loop);
    int64_t &own = first ? loops.row : loops.column;
    if (first == second || own >= 0)
      loops.batch.push_back(loop);
    else
      own = loop;
  }
  return loops.row >= 0 && loops.column >= 0 ? std::optional(loops) : std::nullopt;
}

class ItemEmitter {
public:
  ItemEmitter(Emitter &e, BlockEmitter &block) : e(e), block(block) {}

  /// `entry` holds the values of the leading loops.
  void emit(Block &ops, ValueRange entry);
  /// The op, and a barrier in front of it.
  void emit(linalg::GenericOp op, ValueRange entry);

private:
  void emitProduct(const Nest &nest, MutableArrayRef<Value> ivs, const ProductLoops &loops);

  Emitter &e;
  BlockEmitter &block;
};

void ItemEmitter::emit(Block &ops, ValueRange entry) {
  for (Operation &op : ops.without_terminator()) {
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      e.forEach(loop.getLowerBound(), loop.getUpperBound(), loop.getStep(),
                [&](Value) { emit(*loop.getBody(), entry); });
      continue;
    }
    emit(cast<linalg::GenericOp>(op), entry);
  }
}

void ItemEmitter::emit(linalg::GenericOp op, ValueRange entry) {
  block.barrier();
  Nest nest = *Nest::match(op);
  Values ivs(nest.numLoops());
  llvm::copy(entry, ivs.begin());
  SmallVector<int64_t> parallel = nest.loopsOf(true);
  SmallVector<int64_t> inItem(ArrayRef(parallel).drop_front(entry.size()));
  if (std::optional<ProductLoops> loops = productLoops(nest, inItem))
    return emitProduct(nest, ivs, *loops);
  LoopGroup results(e, nest, inItem), elements(e, nest, nest.loopsOf(false));
  const NestOperand &out = nest.outputs[0];
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

void ItemEmitter::emitProduct(const Nest &nest, MutableArrayRef<Value> ivs,
                              const ProductLoops &loops) {
  LoopGroup elements(e, nest, nest.loopsOf(false)), batch(e, nest, loops.batch);
  int64_t rowLoop = loops.row, columnLoop = loops.column;
  Value rows = nest.size(e, rowLoop), columns = nest.size(e, columnLoop);
  Value across = e.ceilDiv(columns, kTile), tiles = e.mul(e.ceilDiv(rows, kTile), across);
  const NestOperand &out = nest.outputs[0];
  e.forEach(block.thread, e.mul(tiles, batch.count), kThreads, [&](Value tile) {
    batch.place(e, e.div(tile, tiles), ivs);
    tile = e.rem(tile, tiles);
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
      for (const NestOperand &input : nest.inputs) {
        Values own;
        for (int64_t i = 0; i < kTile; ++i) {
          placeAt(i, i);
          own.push_back(input.load(e, ivs));
        }
        numbers.push_back(own);
      }
      for (int64_t i = 0; i < kTile; ++i)
        for (int64_t j = 0; j < kTile; ++j) {
          Value &sum = next[i * kTile + j];
          sum = e.fma(numbers[0][i], numbers[1][j], sum);
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

bool emitGpuItems(Emitter &e, Block &ops, int64_t itemLoops) {
  linalg::GenericOp first;
  ops.walk([&](linalg::GenericOp op) {
    first = op;
    return WalkResult::interrupt();
  });
  if (!first || !areServed(ops))
    return false;
  Nest nest = *Nest::match(first);
  LoopGroup entries(e, nest, llvm::to_vector(llvm::seq(itemLoops)));
  Grid grid{entries.count};
  grid.threads = kThreads;
  emitLaunch(e, "entries", grid, [&](Value thread, ValueRange blockId) {
    BlockEmitter block(e, thread, kThreads, /*asyncCopies=*/false);
    Values entry(itemLoops);
    entries.place(e, blockId[0], entry);
    ItemEmitter(e, block).emit(ops, entry);
  });
  return true;
}

/// The buffers of the loop's body, made once for the host's loop.
static void hoistBuffers(Emitter &e, scf::ForOp loop) {
  Values buffers;
  for (auto own : llvm::make_early_inc_range(loop.getBody()->getOps<memref::AllocaOp>())) {
    Value buffer =
        memref::AllocOp::create(e.b, e.loc, own.getType(), ValueRange(), own.getAlignmentAttr());
    own.getResult().replaceAllUsesWith(buffer);
    own.erase();
    buffers.push_back(buffer);
  }
  loop->moveBefore(e.b.getInsertionBlock(), e.b.getInsertionPoint());
  e.free(buffers);
}

void emitGpuSegments(Emitter &e, scf::ForOp loop) {
  if (!areServed(*loop.getBody()))
    return hoistBuffers(e, loop);
  // For few long segments kernels that take the whole device for one of them are faster.
  auto view = *loop.getBody()->getOps<memref::SubViewOp>().begin();
  Value segments = loop.getUpperBound(), rows = e.dim(view.getSource(), 0);
  Value most = e.mul(e.mul(segments, e.min(segments, e.index(kFullDevice))), kRowsOfBlock);
  auto launch = [&] {
    // Each segment's own buffers, in one that has room for those of all.
    SmallVector<std::pair<memref::AllocaOp, Value>> rooms;
    auto bytesOf = [](memref::AllocaOp own) -> int64_t {
      Type element = own.getType().getElementType();
      int64_t width = element.isIndex() ? 8 : (element.getIntOrFloatBitWidth() + 7) / 8;
      return llvm::alignTo(own.getType().getNumElements() * width, 16);
    };
    for (auto own : loop.getBody()->getOps<memref::AllocaOp>())
      rooms.push_back(
          {own, e.alloc({OpFoldResult(e.mul(segments, bytesOf(own)))}, e.b.getI8Type())});
    Grid grid{segments};
    grid.threads = kThreads;
    emitLaunch(e, "segments", grid, [&](Value thread, ValueRange blockId) {
      BlockEmitter block(e, thread, kThreads, /*asyncCopies=*/false);
      ItemEmitter emitter(e, block);
      IRMapping mapping;
      mapping.map(loop.getInductionVar(), blockId[0]);
      for (auto &[own, room] : rooms)
        mapping.map(own.getResult(),
                    memref::ViewOp::create(e.b, e.loc, own.getType(), room,
                                           e.mul(blockId[0], bytesOf(own)), ValueRange())
                        .getResult());
      for (Operation &op : loop.getBody()->without_terminator()) {
        if (isa<memref::AllocaOp>(op))
          continue;
        Operation *clone = e.b.clone(op, mapping);
        if (auto generic = dyn_cast<linalg::GenericOp>(clone)) {
          emitter.emit(generic, {});
          generic.erase();
        }
      }
    });
    for (auto &[own, room] : rooms)
      e.free(room);
  };
  e.ifThen(
      e.less(most, rows), [&] { hoistBuffers(e, cast<scf::ForOp>(e.b.clone(*loop))); }, launch);
}

} // namespace attune::tile
