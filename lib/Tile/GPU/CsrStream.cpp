// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// attn.stream over the edges of each row.
//
// A warp owns a row at one batch entry and head, and visits its edges in order. Every lane
// evaluates the region, so that all know the entry; products are formed by the lanes together. Lane
// l gathers columns l, l + 32, .. of the values; wider ones take further visits. Maxima, which
// softmax needs first, take a visit of their own. With `scatter` a thread owns one column of the
// result and visits all edges: slow, but the order of its sums is always the same, and it is used
// for matrices that only small models transpose.
#include "../CsrStream.h"
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

class GpuCsrLowering : public CsrStreamLowering {
public:
  using CsrStreamLowering::CsrStreamLowering;
  void emit() override;

private:
  void emitScatter();

  Value product(const StreamViews &views, unsigned n, Value row, Value column) override;
  void gatherColumns(const Row &row, ArrayRef<unsigned> which) override;
  /// Single columns, a warp apart.
  Values columnsFrom(const StreamViews &views, unsigned s, Value first, int64_t count) override {
    Values columns;
    std::optional<int64_t> width = getConstantIntValue(widthOf(views, s));
    for (int64_t part = 0; part < count; ++part)
      if (!width || getConstantIntValue(first) != 0 || part * kWarp < *width)
        columns.push_back(e.add(e.add(first, lane), part * kWarp));
    return columns;
  }
  Value spread(Value number) override { return number; }
  Value loadColumns(const StreamViews &views, unsigned s, Value row, Value column) override {
    Value values = views.values[sinks[s].value];
    Value last = e.sub(e.dim(values, 1), e.index(1));
    return e.load(values, {row, e.min(column, last)});
  }
  void once(Value condition, llvm::function_ref<void()> body) override {
    Value mine = isZero(lane);
    if (condition)
      mine = arith::AndIOp::create(e.b, e.loc, mine, condition);
    e.ifThen(mine, body);
  }
  void addNumber(const StreamViews &views, unsigned s, Value row, Value sum) override {
    addToResult(e, op, s, views.outs[s], row, sum);
  }
  void addColumns(const StreamViews &views, unsigned s, Value row, Value column,
                  Value sum) override {
    Value out = views.outs[s];
    e.ifThen(e.less(column, e.dim(out, 1)),
             [&] { addToResult(e, op, s, out, {row, column}, sum); });
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
    e.ifThen(e.less(row, numRows), [&] { gatherRow(views, row); });
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

void GpuCsrLowering::gatherColumns(const Row &row, ArrayRef<unsigned> which) {
  // The first columns of all values, with sums and entries; then what is left of each.
  gather(row, which, e.index(0), kOwnColumns);
  constexpr int64_t kChunk = kWarp * kOwnColumns;
  for (unsigned s : which)
    if (takesValues(sinks[s]))
      e.forEach(e.index(kChunk), widthOf(row.views, s), kChunk,
                [&](Value chunk) { gather(row, {s}, chunk, kOwnColumns); });
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
    e.forEach(e.index(0), numRows, 1, [&](Value number) {
      Row row = rowAt(views, number);
      e.forEach(row.begin, row.end, 1, [&](Value edge) {
        auto [target, entries] = visit(row, edge);
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
            Value sum = e.fma(entry, e.load(values, {number, mine}), e.load(out, {to, mine}));
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
