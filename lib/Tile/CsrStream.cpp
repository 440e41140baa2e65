// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "CsrStream.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace attune::tile {

Value CsrStreamLowering::pick(const StreamEntries &entries, unsigned s, Value absent) {
  Value entry = entries.entries[sinks[s].entry];
  return entries.present ? e.select(entries.present, entry, absent) : entry;
}

std::pair<Value, StreamEntries> CsrStreamLowering::visit(const Row &row, Value edge) {
  Value column = e.toIndex(e.load(op.getCsrColumns(), edge));
  Values dots;
  for (unsigned n = 0; n < row.views.lhs.size(); ++n)
    dots.push_back(product(row.views, n, row.number, column));
  return {column, evaluate(row.views, row.number, column, dots, row.rows,
                           loadAll(row.views.cols, column), loadAll(row.views.edges, edge))};
}

CsrStreamLowering::Row CsrStreamLowering::rowAt(const StreamViews &views, Value row) {
  Value begin = e.toIndex(e.load(op.getCsrOffsets(), row));
  Value end = e.toIndex(e.load(op.getCsrOffsets(), e.add(row, 1)));
  return {views, row, begin, end, loadAll(views.rows, row), Values(sinks.size())};
}

void CsrStreamLowering::gatherRow(const StreamViews &views, Value number) {
  Row row = rowAt(views, number);
  Value lowest = e.negativeInfinity();
  SmallVector<unsigned> withMax, others;
  for (unsigned s = 0; s < sinks.size(); ++s) {
    if (sinks[s].kind == SinkKind::RowMax || sinks[s].kind == SinkKind::Softmax)
      withMax.push_back(s);
    if (sinks[s].kind != SinkKind::RowMax)
      others.push_back(s);
  }
  if (!withMax.empty()) {
    Values maxima = e.fold(
        row.begin, row.end, 1, Values(withMax.size(), lowest), [&](Value edge, ValueRange in) {
          StreamEntries entries = visit(row, edge).second;
          Values next;
          for (auto [s, before] : llvm::zip(withMax, in))
            next.push_back(arith::MaximumFOp::create(e.b, e.loc, before, pick(entries, s, lowest)));
          return next;
        });
    for (auto [s, value] : llvm::zip(withMax, maxima))
      row.largest[s] = value;
  }
  for (unsigned s : withMax)
    if (sinks[s].kind == SinkKind::RowMax)
      once({}, [&] {
        Value out = views.outs[s];
        e.store(arith::MaximumFOp::create(e.b, e.loc, e.load(out, number), row.largest[s]), out,
                number);
      });
  if (!others.empty())
    gatherColumns(row, others);
}

void CsrStreamLowering::gather(const Row &row, ArrayRef<unsigned> which, Value first,
                               int64_t count) {
  const StreamViews &views = row.views;
  // Per sink its accumulators, for softmax and sums then one number.
  Values inits;
  SmallVector<Values> columns(sinks.size());
  auto hasSum = [&](unsigned s) {
    return sinks[s].kind == SinkKind::Softmax || sinks[s].kind == SinkKind::RowSum;
  };
  for (unsigned s : which) {
    if (takesValues(sinks[s])) {
      columns[s] = columnsFrom(views, s, first, count);
      inits.append(columns[s].size(), spread(e.f32(0.0)));
    }
    if (hasSum(s))
      inits.push_back(e.f32(0.0));
  }
  Values sums = e.fold(row.begin, row.end, 1, inits, [&](Value edge, ValueRange in) {
    auto [target, entries] = visit(row, edge);
    Values next;
    for (unsigned s : which) {
      Value entry;
      if (sinks[s].kind == SinkKind::Materialize) {
        Value value = entries.entries[sinks[s].entry], out = views.outs[s], at = target;
        once(entries.present, [&] { e.store(value, out, {row.number, at}); });
        continue;
      }
      if (sinks[s].kind == SinkKind::Softmax) {
        // A row without entries has the maximum -inf, and then no entry whose weight is not 0.
        entry = math::ExpOp::create(e.b, e.loc,
                                    e.subf(entries.entries[sinks[s].entry], row.largest[s]));
        if (entries.present)
          entry = e.select(entries.present, entry, e.f32(0.0));
      } else {
        entry = pick(entries, s, e.f32(0.0));
      }
      for (Value at : columns[s]) {
        Value part = loadColumns(views, s, target, at);
        Value sum = in[next.size()], more = e.fma(spread(entry), part, sum);
        // Skipped, not multiplied by 0: the values of an absent column may be infinite or NaN.
        next.push_back(entries.present ? e.select(entries.present, more, sum) : more);
      }
      if (hasSum(s))
        next.push_back(e.addf(in[next.size()], entry));
    }
    return next;
  });
  unsigned at = 0;
  for (unsigned s : which) {
    ValueRange products = ValueRange(sums).slice(at, columns[s].size());
    at += columns[s].size();
    Value factor;
    if (sinks[s].kind == SinkKind::RowSum)
      once({}, [&] { addNumber(views, s, row.number, sums[at]); });
    if (sinks[s].kind == SinkKind::Softmax) {
      Value none =
          arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OEQ, sums[at], e.f32(0.0));
      factor = spread(e.select(none, e.f32(0.0), e.divf(e.f32(1.0), sums[at])));
    }
    if (hasSum(s))
      ++at;
    for (auto [column, product] : llvm::zip(columns[s], products))
      addColumns(views, s, row.number, column, factor ? e.mulf(product, factor) : product);
  }
}

} // namespace attune::tile
