// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// attn.stream over the edges of each row.
//
// A task owns a block of rows. A row's loops (../CsrStream.h) take up to a register tile's width of
// the result at a time. With `scatter` the loop is sequential and adds to the row of the result
// that the edge's column names.
#include "../CsrStream.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace attune::tile {

namespace {

/// Rows of a task.
constexpr int64_t kCsrRows = 64;

class CsrLowering : public CsrStreamLowering {
public:
  using CsrStreamLowering::CsrStreamLowering;
  void emit() override;

private:
  void scatterRow(const StreamViews &views, Value row);
  Value loadValues(const StreamViews &views, unsigned s, Value row, Value column, Value width);

  Value product(const StreamViews &views, unsigned n, Value row, Value column) override;
  void gatherColumns(const Row &row, ArrayRef<unsigned> which) override;
  /// Vectors; of the first columns none that lies beyond a known width.
  Values columnsFrom(const StreamViews &views, unsigned s, Value first, int64_t count) override {
    Values columns;
    std::optional<int64_t> width = getConstantIntValue(widthOf(views, s));
    for (int64_t v = 0; v < count; ++v) {
      if (width && getConstantIntValue(first) == 0 && v * e.shape.lanes >= *width)
        break;
      columns.push_back(e.add(first, v * e.shape.lanes));
    }
    return columns;
  }
  Value spread(Value number) override { return e.splat(number); }
  Value loadColumns(const StreamViews &views, unsigned s, Value row, Value column) override {
    return loadValues(views, s, row, column, widthOf(views, s));
  }
  void once(Value condition, llvm::function_ref<void()> body) override {
    if (condition)
      e.ifThen(condition, body);
    else
      body();
  }
  void addNumber(const StreamViews &views, unsigned s, Value row, Value sum) override {
    Value out = views.outs[s];
    e.store(e.addf(e.load(out, row), sum), out, row);
  }
  void addColumns(const StreamViews &views, unsigned s, Value row, Value column,
                  Value sum) override {
    addTo(views.outs[s], row, column, widthOf(views, s), sum);
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
              [&](Value row) { gatherRow(views, row); });
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

void CsrLowering::gatherColumns(const Row &row, ArrayRef<unsigned> which) {
  const StreamViews &views = row.views;
  int64_t most = 0;
  for (unsigned s : which) {
    if (!takesValues(sinks[s]))
      continue;
    std::optional<int64_t> width = getConstantIntValue(widthOf(views, s));
    most = std::max(most, width ? std::min(e.shape.vectorsFor(*width), e.shape.vectors())
                                : e.shape.vectors());
  }
  gather(row, which, e.index(0), most);
  for (unsigned s : which) {
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
    e.forEach(e.index(e.shape.panel()), width, e.shape.panel(),
              [&](Value column) { gather(row, {s}, column, full); });
    if (rest > 0 && getConstantIntValue(width) != 0)
      gather(row, {s}, width, rest);
  }
}

void CsrLowering::scatterRow(const StreamViews &views, Value number) {
  Row row = rowAt(views, number);
  e.forEach(row.begin, row.end, 1, [&](Value edge) {
    auto [target, entries] = visit(row, edge);
    for (unsigned s = 0; s < sinks.size(); ++s) {
      Value out = views.outs[s], entry = pick(entries, s, e.f32(0.0));
      if (sinks[s].kind == SinkKind::RowSum) {
        e.store(e.addf(e.load(out, target), entry), out, target);
        continue;
      }
      Value width = widthOf(views, s), spread = e.splat(entry), to = target;
      auto add = [&] {
        e.forEach(e.index(0), width, e.shape.lanes, [&](Value column) {
          addTo(out, to, column, width,
                e.mulf(spread, loadValues(views, s, number, column, width)));
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
