// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the sinks of attn.stream do with the entries of a thread's row, and how results leave the
// block.
#include "DenseStream.h"

#include "attune/Support/PassAttrs.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace attune::tile {

GpuDenseLowering::State GpuDenseLowering::initialState() {
  State state(sinks.size());
  Value zero = e.f32(0.0), lowest = e.negativeInfinity();
  for (unsigned s = 0; s < sinks.size(); ++s) {
    SinkKind kind = sinks[s].kind;
    state[s].products.assign(plan.rows * plan.own(s), zero);
    if (kind == SinkKind::Softmax || kind == SinkKind::RowMax)
      state[s].largest.assign(plan.rows, lowest);
    if (kind == SinkKind::Softmax || kind == SinkKind::RowSum)
      state[s].total.assign(plan.rows, zero);
  }
  return state;
}

Values GpuDenseLowering::flatten(const State &state) {
  Values all;
  for (const SinkState &sink : state)
    for (const Values *group : {&sink.products, &sink.largest, &sink.total})
      all.append(*group);
  return all;
}

GpuDenseLowering::State GpuDenseLowering::unflatten(ValueRange values) {
  State state = initialState();
  for (SinkState &sink : state)
    for (Values *group : {&sink.products, &sink.largest, &sink.total})
      for (Value &value : *group) {
        value = values.front();
        values = values.drop_front();
      }
  return state;
}

/// Entries of row `i` of the thread; of columns that are absent or beyond the last ones `masks` is
/// false.
void GpuDenseLowering::gatherRow(const StreamViews &views, const Range &range, unsigned s,
                                 int64_t i, Value first, ValueRange entries, ValueRange masks,
                                 SinkState &state) {
  Value zero = e.f32(0.0), lowest = e.negativeInfinity();
  // A weight of -0.0 stands for an absent entry, whose values may be anything; adding 0.0 makes it
  // +0.0 where it is an entry.
  auto put = [&](int64_t j, Value weight) {
    if (plan.valuesOnUnits) {
      ownEntries[s][i * plan.columns + j] = e.select(masks[j], weight, zero);
      return;
    }
    if (op.getMasked())
      weight = e.addf(weight, zero);
    weight = e.select(masks[j], weight, e.f32(op.getMasked() ? -0.0 : 0.0));
    block->storeShared(weight, plan.entries[plan.entryTile[s]], row(i), column(j));
  };
  switch (sinks[s].kind) {
  case SinkKind::Apply:
    if (plan.entryTile[s] == s)
      for (int64_t j = 0; j < plan.columns; ++j)
        put(j, entries[j]);
    return;
  case SinkKind::RowSum:
    for (int64_t j = 0; j < plan.columns; ++j)
      state.total[i] = e.addf(state.total[i], e.select(masks[j], entries[j], zero));
    return;
  case SinkKind::RowMax:
    for (int64_t j = 0; j < plan.columns; ++j)
      state.largest[i] = arith::MaximumFOp::create(e.b, e.loc, state.largest[i],
                                                   e.select(masks[j], entries[j], lowest));
    return;
  case SinkKind::Materialize:
    for (int64_t j = 0; j < plan.columns; ++j) {
      Value at = e.add(range.rowBegin, row(i));
      Value isRow = e.less(at, range.rowEnd);
      if (hasValues()) // several blocks may visit the pair
        isRow = arith::AndIOp::create(
            e.b, e.loc, isRow,
            arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::eq, chunk, e.index(0)));
      e.ifThen(arith::AndIOp::create(e.b, e.loc, isRow, masks[j]),
               [&] { e.store(entries[j], views.outs[s], {at, e.add(first, column(j))}); });
    }
    return;
  case SinkKind::Softmax:
    break;
  }
  // NaN where the weights would not be numbers either.
  Value largest = state.largest[i];
  for (int64_t j = 0; j < plan.columns; ++j)
    largest = e.larger(largest, e.select(masks[j], entries[j], lowest));
  largest =
      block->joinLanes(largest, plan.lanesX, [&](Value a, Value b) { return e.larger(a, b); });
  // Without any entry so far: exp(-inf - 0) = 0 rather than exp(-inf + inf).
  Value none = arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OEQ, largest, lowest);
  Value base = e.select(none, zero, largest);
  auto expBelow = [&](Value exponent) -> Value {
    auto made = math::ExpOp::create(e.b, e.loc, exponent);
    made->setAttr(kNonpositiveAttr, e.b.getUnitAttr());
    return made;
  };
  Value scale = expBelow(e.subf(state.largest[i], base));
  Value total = e.mulf(state.total[i], scale);
  for (int64_t j = 0; j < plan.columns; ++j) {
    Value weight = expBelow(e.subf(e.select(masks[j], entries[j], lowest), base));
    total = e.addf(total, e.select(masks[j], weight, zero));
    put(j, weight);
  }
  int64_t own = plan.own(s);
  for (int64_t z = 0; z < own; ++z)
    state.products[i * own + z] = e.mulf(state.products[i * own + z], scale);
  state.largest[i] = largest;
  state.total[i] = total;
}

/// out += products of row `i`, which is number `row` of the matrix.
void GpuDenseLowering::store(const StreamViews &views, unsigned s, int64_t i, Value row,
                             SinkState &state) {
  Value out = views.outs[s], width = e.dim(out, 1);
  int64_t vector = plan.vector(s), own = plan.own(s);
  std::optional<int64_t> known = getConstantIntValue(width);
  // Blocks beyond the first columns have nothing of a narrower sink.
  bool isWhole = known && *known == plan.widths[s] && hasOneChunk();
  bool wide = isWhole && vector == 4 && isAlignedToFours(out);
  for (int64_t part = 0; part < own / vector; ++part) {
    Value begin = e.add(e.mul(chunk, plan.widths[s]),
                        e.add(e.mul(lane, vector), part * vector * plan.lanesX));
    ArrayRef<Value> numbers = ArrayRef(state.products).slice(i * own + part * vector, vector);
    if (wide) {
      auto type = VectorType::get({4}, e.b.getF32Type());
      Value sum = vector::FromElementsOp::create(e.b, e.loc, type, numbers);
      if (!isFromZero(op, s))
        sum = e.addf(vector::LoadOp::create(e.b, e.loc, type, out, ValueRange{row, begin},
                                            /*nontemporal=*/false, llvm::Align(16)),
                     sum);
      vector::StoreOp::create(e.b, e.loc, sum, out, ValueRange{row, begin}, /*nontemporal=*/false,
                              llvm::Align(16));
      continue;
    }
    for (int64_t y = 0; y < vector; ++y) {
      Value at = e.add(begin, y);
      auto add = [&] { addToResult(e, op, s, out, {row, at}, numbers[y]); };
      if (isWhole)
        add();
      else
        e.ifThen(e.less(at, width), add);
    }
  }
}

void GpuDenseLowering::finish(const StreamViews &views, const Range &range, State &state) {
  Value zero = e.f32(0.0);
  auto sum = [&](Value a, Value b) { return e.addf(a, b); };
  // Lanes join before any of them leaves.
  for (unsigned s = 0; s < sinks.size(); ++s)
    for (int64_t i = 0; i < plan.rows; ++i) {
      if (!state[s].total.empty())
        state[s].total[i] = block->joinLanes(state[s].total[i], plan.lanesX, sum);
      if (sinks[s].kind == SinkKind::RowMax)
        state[s].largest[i] =
            block->joinLanes(state[s].largest[i], plan.lanesX, [&](Value a, Value b) -> Value {
              return arith::MaximumFOp::create(e.b, e.loc, a, b);
            });
      if (sinks[s].kind == SinkKind::Softmax) {
        Value total = state[s].total[i];
        Value none = arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OEQ, total, zero);
        Value factor = e.select(none, zero, e.divf(e.f32(1.0), total));
        int64_t own = plan.own(s);
        for (int64_t z = 0; z < own; ++z)
          state[s].products[i * own + z] = e.mulf(state[s].products[i * own + z], factor);
      }
    }
  auto isFirst = [&](Value number) {
    return arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::eq, number, e.index(0));
  };
  for (int64_t i = 0; i < plan.rows; ++i) {
    Value at = e.add(range.rowBegin, row(i));
    e.ifThen(e.less(at, range.rowEnd), [&] {
      for (unsigned s = 0; s < sinks.size(); ++s) {
        Value out = views.outs[s];
        if (plan.widths[s]) {
          store(views, s, i, at, state[s]);
          continue;
        }
        if (sinks[s].kind == SinkKind::Materialize)
          continue;
        Value isOne = arith::AndIOp::create(e.b, e.loc, isFirst(lane), isFirst(chunk));
        e.ifThen(isOne, [&] {
          if (sinks[s].kind == SinkKind::RowSum)
            return addToResult(e, op, s, out, at, state[s].total[i]);
          Value largest = state[s].largest[i];
          e.store(arith::MaximumFOp::create(e.b, e.loc, e.load(out, at), largest), out, at);
        });
      }
    });
  }
}

} // namespace attune::tile
