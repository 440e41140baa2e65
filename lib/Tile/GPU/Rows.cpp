// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops over the same rows in one kernel. A row has as many lanes of a warp as its longest op has
// elements, at most all of them, which do one op after the other on it; a barrier of the warp lies
// between two ops that more than one lane takes part in. Lanes share the elements of a row, and
// join what they sum up.
#include "Block.h"
#include "Loops.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace attune::tile {

namespace {

constexpr int64_t kThreads = 128;

struct RowEmitter {
  Emitter &e;
  BlockEmitter &block;
  int64_t rowLoops, lanes;
  /// The thread's number in the row, and whether there is such a row: those that have none keep
  /// their warp company at barriers.
  Value lane, isRow;

  /// `ivs` holds the row; the loops behind it are the elements.
  void emit(const Nest &nest, MutableArrayRef<Value> ivs);
  void onFirstLane(function_ref<void()> body) {
    Value isFirst = arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::eq, lane, e.index(0));
    e.ifThen(arith::AndIOp::create(e.b, e.loc, isRow, isFirst), body);
  }
};

void RowEmitter::emit(const Nest &nest, MutableArrayRef<Value> ivs) {
  SmallVector<int64_t> inRow = llvm::to_vector(llvm::seq(rowLoops, nest.numLoops()));
  LoopGroup elements(e, nest, inRow);
  Value count = e.select(isRow, elements.count, e.index(0));
  const NestOperand &out = nest.outputs[0];
  if (nest.loopsOf(false).empty()) {
    e.forEach(lane, count, lanes, [&](Value element) {
      elements.place(e, element, ivs);
      Values at = out.at(e, ivs);
      e.store(evaluateBody(e, nest, ivs, e.load(out.memref, at))[0], out.memref, at);
    });
    return;
  }
  Combiner combiner = matchCombiner(nest.op);
  auto join = [&](Value a, Value b) { return combiner.join(e.b, e.loc, a, b); };
  Value neutral = arith::ConstantOp::create(e.b, e.loc, combiner.neutralAttr());
  Value sum = e.fold(lane, count, lanes, {neutral}, [&](Value element, ValueRange in) {
    elements.place(e, element, ivs);
    return evaluateBody(e, nest, ivs, in);
  })[0];
  sum = block.joinLanes(sum, lanes, join);
  onFirstLane([&] {
    Values at = out.at(e, ivs);
    e.store(join(e.load(out.memref, at), sum), out.memref, at);
  });
}

/// The first lane does such an op alone.
bool isOneElement(const Nest &nest, int64_t rowLoops) {
  return nest.product(llvm::to_vector(llvm::seq(rowLoops, nest.numLoops())), 2) == 1;
}

/// Lanes exchange 32 bits.
bool isServed(const Nest &nest) {
  if (nest.outputs.size() != 1)
    return false;
  if (nest.loopsOf(false).empty())
    return true;
  Combiner combiner = matchCombiner(nest.op);
  return combiner && combiner.op->getResult(0).getType().getIntOrFloatBitWidth() == 32;
}

} // namespace

bool emitGpuRows(Emitter &e, ArrayRef<Nest> nests, int64_t rowLoops, const ChipSpec &shape) {
  if (!llvm::all_of(nests, isServed))
    return false;
  int64_t longest = 1;
  for (const Nest &nest : nests)
    longest = std::max(longest,
                       nest.product(llvm::to_vector(llvm::seq(rowLoops, nest.numLoops())), kWarp));
  int64_t lanes = std::min<int64_t>(llvm::PowerOf2Ceil(longest), kWarp);
  LoopGroup rows(e, nests.front(), llvm::to_vector(llvm::seq(rowLoops)));
  Grid grid{e.ceilDiv(rows.count, kThreads / lanes)};
  grid.threads = kThreads;
  emitLaunch(e, "rows", grid, [&](Value thread, ValueRange blockId) {
    BlockEmitter block(e, thread, kThreads, shape.asyncCopies);
    Value row = e.add(e.mul(blockId[0], kThreads / lanes), e.div(thread, lanes));
    RowEmitter emitter{
        e, block, rowLoops, lanes, e.rem(thread, e.index(lanes)), e.less(row, rows.count)};
    Values ivs(rowLoops);
    rows.place(e, row, ivs);
    bool firstLaneAlone = true;
    for (const Nest &nest : nests) {
      bool needsLanes = !isOneElement(nest, rowLoops);
      if (&nest != &nests.front() && (needsLanes || !firstLaneAlone)) {
        if (lanes > 1)
          block.warpBarrier();
        firstLaneAlone = true;
      }
      firstLaneAlone &= !needsLanes;
      ivs.resize(rowLoops);
      ivs.resize(nest.numLoops());
      emitter.emit(nest, ivs);
    }
  });
  return true;
}

} // namespace attune::tile
