// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Loops over batch entries and heads, views of a stream's operands, evaluation of its region.
#include "Stream.h"
#include "Lanes.h"

using namespace mlir;

namespace attune::tile {

StreamLowering::StreamLowering(StreamOp op, Emitter &e) : op(op), e(e) {
  for (unsigned s = 0; s < op.getInits().size(); ++s) {
    Sink sink{op.getSinkKind(s), op.getElements()[s], -1};
    if (takesValues(sink))
      sink.value = op.getValueIndex(s);
    sinks.push_back(sink);
  }
  // Dimensions after the batch: rows, heads, width, or for sums rows, heads.
  auto rankAfterBatch = [&](const Sink &sink) {
    return sink.kind == SinkKind::RowSum || sink.kind == SinkKind::RowMax ? 2 : 3;
  };
  batchRank = cast<MemRefType>(op.getInits()[0].getType()).getRank() - rankAfterBatch(sinks[0]);
  for (int64_t d = 0; d <= batchRank; ++d) {
    Value extent;
    for (auto [s, out] : llvm::enumerate(op.getInits())) {
      bool headLater = d == batchRank && sinks[s].kind != SinkKind::Materialize;
      int64_t at = headLater ? d + 1 : d;
      if (!extent || Emitter::staticDim(out, at) != 1)
        extent = e.dim(out, at);
    }
    extents.push_back(extent);
  }
  numRows = op.getNumRows();
  numColumns = op.getNumColumns();
}

Value StreamLowering::viewOf(Value memref, ValueRange position, bool headFirst, int64_t kept) {
  Values at;
  auto fix = [&](Value where) {
    at.push_back(Emitter::staticDim(memref, at.size()) == 1 ? e.index(0) : where);
  };
  for (int64_t d = 0; d < batchRank; ++d)
    fix(position[d]);
  if (headFirst) {
    fix(position[batchRank]);
    at.append(kept, Value());
    return e.slice(memref, at);
  }
  at.push_back({});
  fix(position[batchRank]);
  at.append(kept - 1, Value());
  return e.slice(memref, at);
}

Value StreamLowering::numEntries() {
  Value count = e.index(1);
  for (Value extent : extents)
    count = e.mul(count, extent);
  return count;
}

StreamViews StreamLowering::viewsAt(Value entry) {
  Values position(extents.size());
  for (int64_t d = extents.size() - 1; d >= 0; --d) {
    position[d] = d == 0 ? entry : e.rem(entry, extents[d]);
    entry = e.div(entry, extents[d]);
  }
  StreamViews views;
  for (Value v : op.getLhs())
    views.lhs.push_back(viewOf(v, position, false, 2));
  for (Value v : op.getRhs())
    views.rhs.push_back(viewOf(v, position, false, 2));
  for (Value v : op.getRows())
    views.rows.push_back(viewOf(v, position, false, 1));
  for (Value v : op.getCols())
    views.cols.push_back(viewOf(v, position, false, 1));
  for (Value v : op.getValues())
    views.values.push_back(viewOf(v, position, false, 2));
  Value head = position[batchRank];
  for (Value v : op.getHeads())
    views.heads.push_back(e.load(v, Emitter::staticDim(v, 0) == 1 ? e.index(0) : head));
  for (Value v : op.getEdges())
    views.edges.push_back(e.slice(v, {Value(), Emitter::staticDim(v, 1) == 1 ? e.index(0) : head}));
  for (Value v : op.getLookups())
    views.lookups.push_back(
        e.slice(v, {Emitter::staticDim(v, 0) == 1 ? e.index(0) : head, Value()}));
  for (auto [sink, v] : llvm::zip(sinks, op.getInits())) {
    bool matrix = sink.kind != SinkKind::RowSum && sink.kind != SinkKind::RowMax;
    views.outs.push_back(viewOf(v, position, sink.kind == SinkKind::Materialize, matrix ? 2 : 1));
  }
  return views;
}

void StreamLowering::forHeads(Value perHead, bool parallel,
                              function_ref<void(const StreamViews &, Value)> body) {
  e.tasks(e.mul(perHead, numEntries()), parallel, [&](Value task) {
    bool isOne = llvm::all_of(extents, [](Value v) { return getConstantIntValue(v) == 1; });
    Value part = isOne ? task : e.rem(task, perHead);
    Value entry = isOne ? e.index(0) : e.div(task, perHead);
    body(viewsAt(entry), part);
  });
}

StreamEntries StreamLowering::evaluate(const StreamViews &views, Value i, Value j, ValueRange dots,
                                       ValueRange rows, ValueRange cols, ValueRange edges,
                                       ValueRange blocks) {
  Values arguments{i, j};
  for (ValueRange group :
       {dots, rows, cols, ValueRange(views.heads), ValueRange(op.getScalars()), edges, blocks})
    arguments.append(group.begin(), group.end());
  StreamEntries result;
  result.entries = evaluateLanes(e, op.getBody().front(), arguments);
  if (op.getMasked())
    result.present = result.entries.pop_back_val();
  return result;
}

Values StreamLowering::loadAll(ValueRange memrefs, Value at) {
  Values loaded;
  for (Value memref : memrefs)
    loaded.push_back(e.load(memref, at));
  return loaded;
}

void StreamLowering::forChunks(Value width, function_ref<void(Value, int64_t)> body) {
  int64_t full = e.shape.vectors(), step = e.shape.panel();
  std::optional<int64_t> known = getConstantIntValue(width);
  if (!known)
    return e.forEach(e.index(0), width, step, [&](Value column) { body(column, full); });
  int64_t vectors = e.shape.vectorsFor(*known), whole = vectors / full * full;
  e.forEach(e.index(0), e.index(whole * e.shape.lanes), step,
            [&](Value column) { body(column, full); });
  if (vectors > whole)
    body(e.index(whole * e.shape.lanes), vectors - whole);
}

OpFoldResult StreamLowering::paddedWidth(Value width) {
  if (std::optional<int64_t> known = getConstantIntValue(width))
    return e.b.getIndexAttr(e.shape.vectorsFor(*known) * e.shape.lanes);
  return e.roundUp(width, e.shape.panel());
}

Value StreamLowering::tailMask(Value width, Value column) {
  std::optional<int64_t> known = getConstantIntValue(width);
  std::optional<int64_t> first = getConstantIntValue(column);
  if (known && (*known % e.shape.lanes == 0 || (first && *first + e.shape.lanes <= *known)))
    return {};
  return e.firstLanes(e.sub(width, column));
}

void StreamLowering::addTo(Value out, ValueRange row, Value column, Value width, Value vector) {
  Values at(row);
  if (Emitter::hasUnitInnerStride(out)) {
    at.push_back(column);
    Value mask = tailMask(width, column);
    e.storeVector(e.addf(e.loadVector(out, at, mask), vector), out, at, mask);
    return;
  }
  for (int64_t lane = 0; lane < e.shape.lanes; ++lane) {
    Value here = e.add(column, lane);
    e.ifThen(e.less(here, width), [&] {
      Values element(row);
      element.push_back(here);
      Value part = vector::ExtractOp::create(e.b, e.loc, vector, lane);
      e.store(e.addf(e.load(out, element), part), out, element);
    });
  }
}

} // namespace attune::tile
