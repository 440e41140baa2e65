// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// attn.stream over the edges of each row.
//
// A warp owns a row at one batch entry and head, and visits its edges in order. Every lane
// evaluates the region, so that all know the entry; products are formed by the lanes together. Lane
// l gathers columns l, l + 32, .. of the values; wider ones take further visits. Maxima, which
// softmax needs first, take a visit of their own. With `scatter` a thread owns one column of the
// result and visits all edges: slow, but the order of its sums is always the same, and it is used
// for matrices that only small models transpose.
#include "Block.h"
#include "Streams.h"
#include "attune/Support/PassAttrs.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace attune::tile {

namespace {

/// Rows of a block, one for each warp.
constexpr int64_t kWarps = 4;
/// Columns that a lane gathers in one visit.
constexpr int64_t kOwnColumns = 4;

class GpuCsrLowering : public StreamLowering {
public:
  using StreamLowering::StreamLowering;
  void emit() override;

private:
  void emitRow(const StreamViews &views, Value row);
  void emitScatter();
  /// The visited edge's column, and its entries.
  std::pair<Value, StreamEntries> visit(const StreamViews &views, Value row, ValueRange rows,
                                        Value edge);
  Value product(const StreamViews &views, unsigned n, Value row, Value column);
  void gather(const StreamViews &views, Value row, ValueRange rows, Value begin, Value end,
              ArrayRef<unsigned> which, Value chunk, ArrayRef<Value> largest);
  Value pick(const StreamEntries &entries, unsigned s, Value absent) {
    Value entry = entries.entries[sinks[s].entry];
    return entries.present ? e.select(entries.present, entry, absent) : entry;
  }
  Value isZero(Value number) {
    return arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::eq, number, e.index(0));
  }

  BlockEmitter *block = nullptr;
  /// Null where a thread works alone.
  Value lane;
};

void GpuCsrLowering::emit() {
  if (op.getScatter())
    return emitScatter();
  Value blocks = e.ceilDiv(numRows, kWarps);
  Grid grid{e.mul(blocks, numEntries())};
  grid.threads = kWarps * kWarp;
  emitLaunch(e, "edges", grid, [&](Value thread, ValueRange id) {
    BlockEmitter emitter(e, thread, grid.threads, /*asyncCopies=*/false);
    block = &emitter;
    lane = e.rem(thread, e.index(kWarp));
    StreamViews views = viewsAt(e.div(id[0], blocks));
    Value row = e.add(e.mul(e.rem(id[0], blocks), kWarps), e.div(thread, kWarp));
    // All lanes of a warp have the same row.
    e.ifThen(e.less(row, numRows), [&] { emitRow(views, row); });
  });
}

/// Dot product or squared distance number `n` of a pair, in all lanes.
Value GpuCsrLowering::product(const StreamViews &views, unsigned n, Value row, Value column) {
  Value lhs = views.lhs[n], rhs = views.rhs[n];
  Value first = lane ? lane : e.index(0);
  Value sum =
      e.fold(first, e.dim(lhs, 1), lane ? kWarp : 1, {e.f32(0.0)}, [&](Value k, ValueRange in) {
        Value left = e.load(lhs, {row, k}), right = e.load(rhs, {column, k});
        if (op.getDistance()[n])
          left = right = e.subf(left, right);
        return Values{e.fma(left, right, in[0])};
      })[0];
  return lane ? block->joinLanes(sum, kWarp, [&](Value a, Value b) { return e.addf(a, b); }) : sum;
}

std::pair<Value, StreamEntries> GpuCsrLowering::visit(const StreamViews &views, Value row,
                                                      ValueRange rows, Value edge) {
  Value column = e.toIndex(e.load(op.getCsrColumns(), edge));
  Values dots;
  for (unsigned n = 0; n < views.lhs.size(); ++n)
    dots.push_back(product(views, n, row, column));
  return {column, evaluate(views, row, column, dots, rows, loadAll(views.cols, column),
                           loadAll(views.edges, edge))};
}

void GpuCsrLowering::emitRow(const StreamViews &views, Value row) {
  Value begin = e.toIndex(e.load(op.getCsrOffsets(), row));
  Value end = e.toIndex(e.load(op.getCsrOffsets(), e.add(row, 1)));
  Values rows = loadAll(views.rows, row);
  Value lowest = e.negativeInfinity();

  SmallVector<unsigned> withMax, others;
  for (unsigned s = 0; s < sinks.size(); ++s) {
    if (sinks[s].kind == SinkKind::RowMax || sinks[s].kind == SinkKind::Softmax)
      withMax.push_back(s);
    if (sinks[s].kind != SinkKind::RowMax)
      others.push_back(s);
  }
  Values largest(sinks.size());
  if (!withMax.empty()) {
    Values maxima =
        e.fold(begin, end, 1, Values(withMax.size(), lowest), [&](Value edge, ValueRange in) {
          StreamEntries entries = visit(views, row, rows, edge).second;
          Values next;
          for (auto [s, before] : llvm::zip(withMax, in))
            next.push_back(arith::MaximumFOp::create(e.b, e.loc, before, pick(entries, s, lowest)));
          return next;
        });
    for (auto [s, value] : llvm::zip(withMax, maxima))
      largest[s] = value;
  }
  for (unsigned s : withMax)
    if (sinks[s].kind == SinkKind::RowMax)
      e.ifThen(isZero(lane), [&] {
        Value out = views.outs[s];
        e.store(arith::MaximumFOp::create(e.b, e.loc, e.load(out, row), largest[s]), out, row);
      });
  if (others.empty())
    return;
  // The first columns of all values, with sums and entries; then what is left of each.
  gather(views, row, rows, begin, end, others, e.index(0), largest);
  constexpr int64_t kChunk = kWarp * kOwnColumns;
  for (unsigned s : others) {
    if (!takesValues(sinks[s]))
      continue;
    Value width = e.dim(views.values[sinks[s].value], 1);
    e.forEach(e.index(kChunk), width, kChunk,
              [&](Value chunk) { gather(views, row, rows, begin, end, {s}, chunk, largest); });
  }
}

/// Columns from `chunk` on of the sinks in `which`, and their sums and entries with the first
/// chunk.
void GpuCsrLowering::gather(const StreamViews &views, Value row, ValueRange rows, Value begin,
                            Value end, ArrayRef<unsigned> which, Value chunk,
                            ArrayRef<Value> largest) {
  // Per sink its products, for softmax and sums then one number.
  Values inits;
  SmallVector<Values> columns(sinks.size());
  for (unsigned s : which) {
    if (takesValues(sinks[s])) {
      std::optional<int64_t> width = getConstantIntValue(e.dim(views.values[sinks[s].value], 1));
      for (int64_t part = 0; part < kOwnColumns; ++part)
        if (!width || getConstantIntValue(chunk) != 0 || part * kWarp < *width) {
          columns[s].push_back(e.add(e.add(chunk, lane), part * kWarp));
          inits.push_back(e.f32(0.0));
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
      if (sinks[s].kind == SinkKind::Materialize) {
        Value value = entries.entries[sinks[s].entry], out = views.outs[s], at = target;
        Value mine = isZero(lane);
        if (entries.present)
          mine = arith::AndIOp::create(e.b, e.loc, mine, entries.present);
        e.ifThen(mine, [&] { e.store(value, out, {row, at}); });
        continue;
      }
      if (sinks[s].kind == SinkKind::Softmax) {
        // A row without entries has the maximum -inf, and then no entry whose weight is not 0.
        entry =
            math::ExpOp::create(e.b, e.loc, e.subf(entries.entries[sinks[s].entry], largest[s]));
        if (entries.present)
          entry = e.select(entries.present, entry, e.f32(0.0));
      } else {
        entry = pick(entries, s, e.f32(0.0));
      }
      for (Value at : columns[s]) {
        Value values = views.values[sinks[s].value];
        Value lastColumn = e.sub(e.dim(values, 1), e.index(1));
        Value part = e.load(values, {target, e.min(at, lastColumn)});
        Value sum = in[next.size()], more = e.fma(entry, part, sum);
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
    ValueRange products = ValueRange(sums).slice(at, columns[s].size());
    at += columns[s].size();
    Value out = views.outs[s], factor;
    if (sinks[s].kind == SinkKind::RowSum)
      e.ifThen(isZero(lane), [&] { addToResult(e, op, s, out, row, sums[at]); });
    if (sinks[s].kind == SinkKind::Softmax) {
      Value none =
          arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OEQ, sums[at], e.f32(0.0));
      factor = e.select(none, e.f32(0.0), e.divf(e.f32(1.0), sums[at]));
    }
    if (sinks[s].kind == SinkKind::Softmax || sinks[s].kind == SinkKind::RowSum)
      ++at;
    for (auto [column, product] : llvm::zip(columns[s], products)) {
      Value sum = factor ? e.mulf(product, factor) : product, where = column;
      e.ifThen(e.less(where, e.dim(out, 1)),
               [&] { addToResult(e, op, s, out, {row, where}, sum); });
    }
  }
}

void GpuCsrLowering::emitScatter() {
  // Columns of the widest result, and at least one for sums.
  Value width = e.index(1);
  for (const Sink &sink : sinks)
    if (takesValues(sink)) {
      Value values = op.getValues()[sink.value];
      width = e.max(width, e.dim(values, cast<MemRefType>(values.getType()).getRank() - 1));
    }
  lane = {};
  emitForEach(e, "scatter", e.mul(width, numEntries()), kWarp, [&](Value id) {
    StreamViews views = viewsAt(e.div(id, width));
    Value mine = e.rem(id, width);
    e.forEach(e.index(0), numRows, 1, [&](Value row) {
      Value begin = e.toIndex(e.load(op.getCsrOffsets(), row));
      Value end = e.toIndex(e.load(op.getCsrOffsets(), e.add(row, 1)));
      Values rows = loadAll(views.rows, row);
      e.forEach(begin, end, 1, [&](Value edge) {
        auto [target, entries] = visit(views, row, rows, edge);
        for (unsigned s = 0; s < sinks.size(); ++s) {
          Value out = views.outs[s], entry = pick(entries, s, e.f32(0.0)), to = target;
          if (sinks[s].kind == SinkKind::RowSum) {
            e.ifThen(isZero(mine), [&] { e.store(e.addf(e.load(out, to), entry), out, to); });
            continue;
          }
          Value values = views.values[sinks[s].value];
          Value isMine = e.less(mine, e.dim(values, 1));
          if (entries.present)
            isMine = arith::AndIOp::create(e.b, e.loc, isMine, entries.present);
          e.ifThen(isMine, [&] {
            Value sum = e.fma(entry, e.load(values, {row, mine}), e.load(out, {to, mine}));
            e.store(sum, out, {to, mine});
          });
        }
      });
    });
  });
}

} // namespace

bool isFromZero(StreamOp op, unsigned s) {
  auto sinks = op->getAttrOfType<DenseI64ArrayAttr>(kFromZeroAttr);
  return sinks && llvm::is_contained(sinks.asArrayRef(), s);
}

void addToResult(Emitter &e, StreamOp op, unsigned s, Value out, ValueRange at, Value sum) {
  if (!isFromZero(op, s))
    sum = e.addf(e.load(out, at), sum);
  e.store(sum, out, at);
}

std::unique_ptr<StreamLowering> makeGpuCsrLowering(StreamOp op, Emitter &e) {
  return std::make_unique<GpuCsrLowering>(op, e);
}

} // namespace attune::tile
