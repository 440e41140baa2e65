// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reductions with a known combiner. Where neighbours in memory belong to one result, a warp forms
// it: its lanes take every 32nd element and join at the end. Where they belong to neighbouring
// results, each thread forms one. Long reductions to few results are cut into parts, whose results
// a second kernel joins in order.
#include "Block.h"
#include "Loops.h"

#include "../Lanes.h"

using namespace mlir;

namespace attune::tile {

/// Elements of a part at least, and parts at most.
static constexpr int64_t kPartLength = 1024, kMostParts = 512;

LoopGroup::LoopGroup(Emitter &e, const Nest &nest, ArrayRef<int64_t> loops)
    : loops(loops), count(e.index(1)) {
  for (int64_t loop : loops) {
    sizes.push_back(nest.size(e, loop));
    count = e.mul(count, sizes.back());
  }
}

void LoopGroup::place(Emitter &e, Value linear, MutableArrayRef<Value> ivs) const {
  Values position = delinearize(e, linear, sizes);
  for (auto [loop, value] : llvm::zip(loops, position))
    ivs[loop] = value;
}

Values evaluateBody(Emitter &e, const Nest &nest, ValueRange ivs, ValueRange results) {
  Values arguments;
  for (const NestOperand &input : nest.inputs)
    arguments.push_back(input.load(e, ivs));
  arguments.append(results.begin(), results.end());
  linalg::GenericOp op = nest.op;
  return evaluateLanes(e, op.getRegion().front(), arguments,
                       [&](Operation *inner, ValueRange) -> Value {
                         auto index = dyn_cast<linalg::IndexOp>(inner);
                         return index ? ivs[index.getDim()] : Value();
                       });
}

/// The loops of an elementwise op on a buffer for a place in it.
static Values loopsAt(const Nest &nest, ValueRange at) {
  Values ivs(nest.numLoops());
  for (auto [loop, index] : llvm::zip(nest.outputs[0].loops, at))
    if (loop >= 0)
      ivs[loop] = index;
  return ivs;
}

void FusedReduction::put(Emitter &e, ValueRange ivs, Value value,
                         function_ref<Value(Value, Value)> join) const {
  const NestOperand &out = nest.outputs[0];
  Values at = out.at(e, ivs);
  // An op that sets does not read what was there; any number of the type stands for it.
  Value before =
      init ? evaluateBody(e, *init, loopsAt(*init, at), value)[0] : e.load(out.memref, at);
  value = join(before, value);
  for (const Nest &next : after)
    value = evaluateBody(e, next, loopsAt(next, at), value)[0];
  e.store(value, out.memref, at);
}

Value partsOf(Emitter &e, Value length) {
  return e.max(e.min(e.ceilDiv(length, kPartLength), e.index(kMostParts)), e.index(1));
}

namespace {
struct Reduction {
  Emitter &e;
  const FusedReduction &outcome;
  const Nest &nest;
  Combiner combiner;
  LoopGroup results, elements;

  bool isContiguous();
  /// Joins elements `first`, `first` + `step`, .. below `end` of the result that `ivs` names.
  Value join(MutableArrayRef<Value> ivs, Value first, Value end, int64_t step);
  Value joinWarp(BlockEmitter &block, Value value) {
    return block.joinLanes(value, kWarp,
                           [&](Value a, Value b) { return combiner.join(e.b, e.loc, a, b); });
  }
  void add(ValueRange ivs, Value value) {
    outcome.put(e, ivs, value, [&](Value a, Value b) { return combiner.join(e.b, e.loc, a, b); });
  }
  /// For each result and each of `parts` parts its elements joined: by a warp or by a thread.
  void emitParts(Value parts,
                 llvm::function_ref<void(Value part, Value result, ValueRange ivs, Value)> put);
  void emit();
};
} // namespace

/// Whether the reduction's fastest loop walks neighbours of an input.
bool Reduction::isContiguous() {
  return llvm::any_of(nest.inputs, [&](const NestOperand &input) {
    return llvm::any_of(elements.loops, [&](int64_t loop) { return input.isContiguousIn(loop); });
  });
}

Value Reduction::join(MutableArrayRef<Value> ivs, Value first, Value end, int64_t step) {
  Value neutral = arith::ConstantOp::create(e.b, e.loc, combiner.neutralAttr());
  return e.fold(first, end, step, {neutral}, [&](Value element, ValueRange in) {
    elements.place(e, element, ivs);
    return evaluateBody(e, nest, ivs, in);
  })[0];
}

void Reduction::emitParts(Value parts, function_ref<void(Value, Value, ValueRange, Value)> put) {
  Value length = e.ceilDiv(elements.count, parts), count = e.mul(results.count, parts);
  auto bounds = [&](Value part) {
    Value begin = e.mul(part, length);
    return std::pair(begin, e.min(e.add(begin, length), elements.count));
  };
  if (!isContiguous()) {
    emitForEach(e, "reduce", count, 128, [&](Value id) {
      Value part = e.div(id, results.count), result = e.rem(id, results.count);
      Values ivs(nest.numLoops());
      results.place(e, result, ivs);
      auto [begin, end] = bounds(part);
      put(part, result, ivs, join(ivs, begin, end, 1));
    });
    return;
  }
  constexpr int64_t kWarps = 4;
  Grid grid{e.ceilDiv(count, kWarps)};
  grid.threads = kWarps * kWarp;
  emitLaunch(e, "reduce", grid, [&](Value thread, ValueRange blockId) {
    BlockEmitter block(e, thread, grid.threads, /*asyncCopies=*/false);
    Value id = e.add(e.mul(blockId[0], kWarps), e.div(thread, kWarp));
    Value lane = e.rem(thread, e.index(kWarp));
    // All lanes of a warp have the same result.
    e.ifThen(e.less(id, count), [&] {
      Value part = e.div(id, results.count), result = e.rem(id, results.count);
      Values ivs(nest.numLoops());
      results.place(e, result, ivs);
      auto [begin, end] = bounds(part);
      Value value = joinWarp(block, join(ivs, e.add(begin, lane), end, kWarp));
      Value isFirst = arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::eq, lane, e.index(0));
      e.ifThen(isFirst, [&] { put(part, result, ivs, value); });
    });
  });
}

void Reduction::emit() {
  if (nest.longReduction() < 0)
    return emitParts(e.index(1),
                     [&](Value, Value, ValueRange ivs, Value value) { add(ivs, value); });
  Value parts = partsOf(e, elements.count);
  Type type = combiner.op->getResult(0).getType();
  Value partial = e.alloc({OpFoldResult(e.mul(parts, results.count))}, type);
  emitParts(parts, [&](Value part, Value result, ValueRange, Value value) {
    e.store(value, partial, e.add(e.mul(part, results.count), result));
  });
  emitForEach(e, "join", results.count, 128, [&](Value result) {
    Values ivs(nest.numLoops());
    results.place(e, result, ivs);
    Value neutral = arith::ConstantOp::create(e.b, e.loc, combiner.neutralAttr());
    Value sum = e.fold(e.index(0), parts, 1, {neutral}, [&](Value part, ValueRange in) {
      Value value = e.load(partial, e.add(e.mul(part, results.count), result));
      return Values{combiner.join(e.b, e.loc, in[0], value)};
    })[0];
    add(ivs, sum);
  });
  e.free(partial);
}

bool emitGpuReduction(Emitter &e, const FusedReduction &outcome) {
  const Nest &nest = outcome.nest;
  if (nest.loopsOf(false).empty() || nest.outputs.size() != 1)
    return false;
  Combiner combiner = matchCombiner(nest.op);
  if (!combiner)
    return false;
  Type type = combiner.op->getResult(0).getType();
  if (!type.isF32() && !type.isInteger(32) && !(type.isF64() || type.isInteger(64)))
    return false;
  // Lanes exchange 32 bits.
  Reduction reduction{e,
                      outcome,
                      nest,
                      combiner,
                      LoopGroup(e, nest, nest.loopsOf(true)),
                      LoopGroup(e, nest, nest.loopsOf(false))};
  if (type.getIntOrFloatBitWidth() != 32 && reduction.isContiguous())
    return false;
  reduction.emit();
  return true;
}

} // namespace attune::tile
