// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// attn.stream over the edges of each row.
//
// A task owns a block of rows. For each row one loop over its edges evaluates the region on numbers
// and adds entry * values[column] to accumulators for up to a register tile's width of the result;
// wider results take further loops. Maxima, which softmax needs first, take a loop of their own.
// With `scatter` the loop is sequential and adds to the row of the result that the edge's column
// names.
#include "../Stream.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace attune::tile {

namespace {

/// Rows of a task.
constexpr int64_t kCsrRows = 64;

class CsrLowering : public StreamLowering {
public:
  using StreamLowering::StreamLowering;
  void emit() override;

private:
  void emitRow(const StreamViews &views, Value row);
  void scatterRow(const StreamViews &views, Value row);
  /// The number of the visited edge's column, and its entries.
  std::pair<Value, StreamEntries> visit(const StreamViews &views, Value row, ValueRange rows,
                                        Value edge);
  Value product(const StreamViews &views, unsigned n, Value row, Value column);
  /// Adds the first `vectors` vectors at `begin` of every sink in `which` (and all its sums with
  /// `sums`) in one loop over the edges.
  void emitEdges(const StreamViews &views, Value row, ValueRange rows, Value begin, Value end,
                 ArrayRef<unsigned> which, Value column, int64_t vectors, ArrayRef<Value> largest);
  Value pick(const StreamEntries &entries, unsigned s, Value absent) {
    Value entry = entries.entries[sinks[s].entry];
    return entries.present ? e.select(entries.present, entry, absent) : entry;
  }
  Value loadValues(const StreamViews &views, unsigned s, Value row, Value column, Value width);
  Value widthOf(const StreamViews &views, unsigned s) {
    return e.dim(views.values[sinks[s].value], 1);
  }
};

void CsrLowering::emit() {
  if (op.getScatter()) {
    forHeads(e.index(1), /*parallel=*/true, [&](const StreamViews &views, Value) {
      e.forEach(e.index(0), numRows, 1, [&](Value row) { scatterRow(views, row); });
    });
    return;
  }
  Value blocks = e.ceilDiv(numRows, kCsrRows);
  forHeads(blocks, /*parallel=*/true, [&](const StreamViews &views, Value block) {
    Value begin = e.mul(block, kCsrRows);
    e.forEach(begin, e.min(e.add(begin, kCsrRows), numRows), 1,
              [&](Value row) { emitRow(views, row); });
  });
}

/// Dot product or squared distance number `n` of a pair.
Value CsrLowering::product(const StreamViews &views, unsigned n, Value row, Value column) {
  Value lhs = views.lhs[n], rhs = views.rhs[n];
  Value width = e.dim(lhs, 1);
  bool unit = Emitter::hasUnitInnerStride(lhs) && Emitter::hasUnitInnerStride(rhs);
  Value vectorsEnd = unit ? e.roundDown(width, e.shape.lanes) : e.index(0);
  auto step = [&](Value left, Value right, Value sum) {
    if (!op.getDistance()[n])
      return e.fma(left, right, sum);
    Value difference = e.subf(left, right);
    return e.fma(difference, difference, sum);
  };
  Value sum = e.f32(0.0);
  if (getConstantIntValue(vectorsEnd) != 0) {
    Values sums =
        e.fold(e.index(0), vectorsEnd, e.shape.lanes, {e.splat(0.0)}, [&](Value k, ValueRange in) {
          return Values{step(e.loadVector(lhs, {row, k}), e.loadVector(rhs, {column, k}), in[0])};
        });
    sum = e.sumLanes(sums[0]);
  }
  return e.fold(vectorsEnd, width, 1, {sum}, [&](Value k, ValueRange in) {
    return Values{step(e.load(lhs, {row, k}), e.load(rhs, {column, k}), in[0])};
  })[0];
}

std::pair<Value, StreamEntries> CsrLowering::visit(const StreamViews &views, Value row,
                                                   ValueRange rows, Value edge) {
  Value column = e.toIndex(e.load(op.getCsrColumns(), edge));
  Values dots;
  for (unsigned n = 0; n < views.lhs.size(); ++n)
    dots.push_back(product(views, n, row, column));
  return {column, evaluate(views, row, column, dots, rows, loadAll(views.cols, column),
                           loadAll(views.edges, edge))};
}

Value CsrLowering::loadValues(const StreamViews &views, unsigned s, Value row, Value column,
                              Value width) {
  Value values = views.values[sinks[s].value];
  if (Emitter::hasUnitInnerStride(values))
    return e.loadVector(values, {row, column}, tailMask(width, column));
  Value result = e.splat(0.0), last = e.sub(width, e.index(1));
  for (int64_t lane = 0; lane < e.shape.lanes; ++lane) {
    Value element = e.load(values, {row, e.min(e.add(column, lane), last)});
    result = vector::InsertOp::create(e.b, e.loc, element, result, lane);
  }
  return result;
}

void CsrLowering::emitRow(const StreamViews &views, Value row) {
  Value begin = e.toIndex(e.load(op.getCsrOffsets(), row));
  Value end = e.toIndex(e.load(op.getCsrOffsets(), e.add(row, 1)));
  Values rows = loadAll(views.rows, row);

  // Largest entries, for maxima and softmax.
  SmallVector<unsigned> withMax;
  for (unsigned s = 0; s < sinks.size(); ++s)
    if (sinks[s].kind == SinkKind::RowMax || sinks[s].kind == SinkKind::Softmax)
      withMax.push_back(s);
  Values largest(sinks.size());
  Value lowest = e.negativeInfinity();
  Values inits(withMax.size(), lowest), maxima;
  auto visitAll = [&](Value edge, ValueRange in) {
    StreamEntries entries = visit(views, row, rows, edge).second;
    Values next;
    for (auto [s, before] : llvm::zip(withMax, in))
      next.push_back(arith::MaximumFOp::create(e.b, e.loc, before, pick(entries, s, lowest)));
    return next;
  };
  if (!withMax.empty())
    maxima = e.fold(begin, end, 1, inits, visitAll);
  for (auto [s, value] : llvm::zip(withMax, maxima))
    largest[s] = value;

  // Sums, stored entries and the first columns of every product.
  SmallVector<unsigned> first;
  int64_t most = 0;
  for (unsigned s = 0; s < sinks.size(); ++s) {
    if (sinks[s].kind == SinkKind::RowMax) {
      Value out = views.outs[s];
      e.store(arith::MaximumFOp::create(e.b, e.loc, e.load(out, row), largest[s]), out, row);
      continue;
    }
    first.push_back(s);
    if (!takesValues(sinks[s]))
      continue;
    std::optional<int64_t> width = getConstantIntValue(widthOf(views, s));
    most = std::max(most, width ? std::min(e.shape.vectorsFor(*width), e.shape.vectors())
                                : e.shape.vectors());
  }
  if (first.empty())
    return;
  emitEdges(views, row, rows, begin, end, first, e.index(0), most, largest);
  for (unsigned s : first) {
    if (!takesValues(sinks[s]))
      continue;
    // Further columns: whole panels, then what is left of a known width, so that no vector begins
    // beyond it.
    Value width = widthOf(views, s);
    int64_t full = e.shape.vectors(), rest = 0;
    if (std::optional<int64_t> known = getConstantIntValue(width)) {
      rest = e.shape.vectorsFor(*known) % full;
      width = e.index((e.shape.vectorsFor(*known) - rest) * e.shape.lanes);
    }
    auto emit = [&](Value column, int64_t vectors) {
      emitEdges(views, row, rows, begin, end, {s}, column, vectors, largest);
    };
    e.forEach(e.index(e.shape.panel()), width, e.shape.panel(),
              [&](Value column) { emit(column, full); });
    if (rest > 0 && getConstantIntValue(width) != 0)
      emit(width, rest);
  }
}

void CsrLowering::emitEdges(const StreamViews &views, Value row, ValueRange rows, Value begin,
                            Value end, ArrayRef<unsigned> which, Value column, int64_t vectors,
                            ArrayRef<Value> largest) {
  // Per sink its accumulator vectors, for softmax and sums then one number.
  Values inits;
  SmallVector<SmallVector<Value>> columns(sinks.size());
  for (unsigned s : which) {
    if (takesValues(sinks[s])) {
      std::optional<int64_t> width = getConstantIntValue(widthOf(views, s));
      for (int64_t v = 0; v < vectors; ++v) {
        if (width && getConstantIntValue(column) == 0 && v * e.shape.lanes >= *width)
          break;
        columns[s].push_back(e.add(column, v * e.shape.lanes));
        inits.push_back(e.splat(0.0));
      }
    }
    if (sinks[s].kind == SinkKind::Softmax || sinks[s].kind == SinkKind::RowSum)
      inits.push_back(e.f32(0.0));
  }
  Values sums = e.fold(begin, end, 1, inits, [&](Value edge, ValueRange in) {
    auto [target, entries] = visit(views, row, rows, edge);
    Values next;
    for (unsigned s : which) {
      Value entry;
      switch (sinks[s].kind) {
      case SinkKind::Materialize: {
        Value value = entries.entries[sinks[s].entry], out = views.outs[s], at = target;
        auto put = [&] { e.store(value, out, {row, at}); };
        if (entries.present)
          e.ifThen(entries.present, put);
        else
          put();
        continue;
      }
      case SinkKind::Softmax:
        // A row without entries has the maximum -inf, and then no entry whose weight is not 0.
        entry =
            math::ExpOp::create(e.b, e.loc, e.subf(entries.entries[sinks[s].entry], largest[s]));
        if (entries.present)
          entry = e.select(entries.present, entry, e.f32(0.0));
        break;
      default:
        entry = pick(entries, s, e.f32(0.0));
      }
      for (Value at : columns[s]) {
        Value part = loadValues(views, s, target, at, widthOf(views, s));
        Value sum = in[next.size()], more = e.fma(e.splat(entry), part, sum);
        // Skipped, not multiplied by 0: the values of an absent column may be infinite or NaN.
        next.push_back(entries.present ? e.select(entries.present, more, sum) : more);
      }
      if (sinks[s].kind == SinkKind::Softmax || sinks[s].kind == SinkKind::RowSum)
        next.push_back(e.addf(in[next.size()], entry));
    }
    return next;
  });
  unsigned at = 0;
  for (unsigned s : which) {
    unsigned vectorsBegin = at;
    at += columns[s].size();
    Value out = views.outs[s], factor;
    if (sinks[s].kind == SinkKind::RowSum)
      e.store(e.addf(e.load(out, row), sums[at]), out, row);
    if (sinks[s].kind == SinkKind::Softmax) {
      Value none =
          arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OEQ, sums[at], e.f32(0.0));
      factor = e.splat(e.select(none, e.f32(0.0), e.divf(e.f32(1.0), sums[at])));
    }
    if (sinks[s].kind == SinkKind::Softmax || sinks[s].kind == SinkKind::RowSum)
      ++at;
    for (auto [v, where] : llvm::enumerate(columns[s])) {
      Value sum = sums[vectorsBegin + v];
      addTo(out, row, where, widthOf(views, s), factor ? e.mulf(sum, factor) : sum);
    }
  }
}

void CsrLowering::scatterRow(const StreamViews &views, Value row) {
  Value begin = e.toIndex(e.load(op.getCsrOffsets(), row));
  Value end = e.toIndex(e.load(op.getCsrOffsets(), e.add(row, 1)));
  Values rows = loadAll(views.rows, row);
  e.forEach(begin, end, 1, [&](Value edge) {
    auto [target, entries] = visit(views, row, rows, edge);
    for (unsigned s = 0; s < sinks.size(); ++s) {
      Value out = views.outs[s], entry = pick(entries, s, e.f32(0.0));
      if (sinks[s].kind == SinkKind::RowSum) {
        e.store(e.addf(e.load(out, target), entry), out, target);
        continue;
      }
      Value width = widthOf(views, s), spread = e.splat(entry), to = target;
      auto add = [&] {
        e.forEach(e.index(0), width, e.shape.lanes, [&](Value column) {
          addTo(out, to, column, width, e.mulf(spread, loadValues(views, s, row, column, width)));
        });
      };
      if (entries.present)
        e.ifThen(entries.present, add);
      else
        add();
    }
  });
}

} // namespace

std::unique_ptr<StreamLowering> makeCsrLowering(StreamOp op, Emitter &e) {
  return std::make_unique<CsrLowering>(op, e);
}

} // namespace attune::tile
