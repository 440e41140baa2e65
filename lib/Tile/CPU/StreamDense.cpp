// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// attn.stream over all columns, or over those of the row's segment.
//
// A task owns a block of rows. For each panel of columns it packs the rhs operands transposed, then
// for each tile of rows
//   1. forms the dot products in registers and puts them in a small buffer (tile rows x panel),
//   2. evaluates the region on vectors of that buffer, row by row: sums and maxima are kept per row
//      as vectors, entries that are multiplied with values go to another small buffer,
//   3. multiplies these with the panel's values, in registers that begin at zero, and adds the
//      product to the block's result.
// A panel has as many columns as fit into the first cache with their values: the longer it is, the
// fewer times sums, maxima and products are fetched and put back.
// Softmax keeps for each row the largest entry m so far, and the sum and product of exp(entry - m);
// when m grows to m', both are scaled by exp(m - m').
// All small buffers have whole tiles and vectors: the rows that a last tile has too many repeat the
// last row, and are never stored; columns beyond the last are masked in sums and left out of
// products.
#include "StreamDense.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace attune::tile {

/// Columns of a panel, whole register tiles: so many that their operands take 24 KiB, at most 128.
int64_t DenseLowering::panelColumns() {
  int64_t numbers = 0, step = e.shape.panel();
  auto count = [&](Value operand) {
    int64_t width = cast<MemRefType>(operand.getType()).getShape().back();
    numbers += ShapedType::isDynamic(width) ? 64 : width;
  };
  for (Value rhs : op.getRhs())
    count(rhs);
  for (Value values : op.getValues())
    count(values);
  int64_t fitting = 24 * 1024 / 4 / std::max<int64_t>(numbers, 1);
  return std::clamp(fitting, step, std::max<int64_t>(step, 128)) / step * step;
}

void DenseLowering::emit() {
  Value rows = e.rowsOfTask(numRows, e.shape.rows(), e.index(8));
  // Less than two blocks' rows are one: each block packs all columns.
  Value isFew = e.less(numRows, e.index(2 * kMinTaskRows));
  rows = e.select(isFew, e.index(2 * kMinTaskRows), rows);
  forHeads(e.ceilDiv(numRows, rows), /*parallel=*/true, [&](const StreamViews &views, Value block) {
    Buffers buffers = allocate(views);
    Value begin = e.mul(block, rows);
    Value end = e.min(e.add(begin, rows), numRows);
    if (op.getSegments())
      emitSegments(views, buffers, begin, end);
    else
      emitBlock(views, buffers, {begin, end, e.index(0), numColumns});
    release(buffers);
  });
}

/// Visits the parts of the block that lie in one segment each.
void DenseLowering::emitSegments(const StreamViews &views, const Buffers &buffers, Value rowBegin,
                                 Value rowEnd) {
  Value offsets = op.getSegments();
  auto offsetAt = [&](Value g) { return e.toIndex(e.load(offsets, g)); };
  Value first = e.segmentOf(offsets, rowBegin),
        last = e.segmentOf(offsets, e.sub(rowEnd, e.index(1)));
  e.forEach(first, e.add(last, 1), 1, [&](Value g) {
    Value begin = offsetAt(g), end = offsetAt(e.add(g, 1));
    Range range{e.max(begin, rowBegin), e.min(end, rowEnd), begin, end, begin, end};
    if (Value starts = op.getBlockStarts()) {
      range.blockStart = e.toIndex(e.load(starts, g));
      // A compact table has one byte for each pair, or two.
      Value size = e.sub(e.toIndex(e.load(starts, e.add(g, 1))), range.blockStart);
      Value pairs = e.mul(e.sub(end, begin), e.sub(end, begin));
      range.isWide = arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::ne, size, pairs);
    }
    e.ifThen(e.less(range.rowBegin, range.rowEnd), [&] { emitBlock(views, buffers, range); });
  });
}

DenseLowering::Buffers DenseLowering::allocate(const StreamViews &views) {
  OpBuilder &b = e.b;
  auto size = [&](int64_t n) -> OpFoldResult { return b.getIndexAttr(n); };
  OpFoldResult tile = size(e.shape.rows()), panel = size(panelColumns()), block = size(kTaskRows),
               lanes = size(e.shape.lanes);
  Buffers buffers;
  for (Value rhs : views.rhs) {
    buffers.packed.push_back(e.alloc({e.dim(rhs, 1), panel}));
    buffers.dots.push_back(e.alloc({tile, panel}));
  }
  if (!views.cols.empty())
    buffers.columns = e.alloc({size(views.cols.size()), panel});
  SmallVector<std::pair<int64_t, Value>> shared;
  for (const Sink &sink : sinks) {
    bool softmax = sink.kind == SinkKind::Softmax, sum = sink.kind == SinkKind::RowSum;
    bool largest = sink.kind == SinkKind::RowMax;
    Value entries, products, packedValues;
    if (sink.kind == SinkKind::Apply) {
      auto *it = llvm::find_if(shared, [&](auto &known) { return known.first == sink.entry; });
      if (it == shared.end())
        it = &shared.emplace_back(sink.entry, e.alloc({tile, panel}));
      entries = it->second;
    } else if (softmax) {
      entries = e.alloc({tile, panel});
    }
    if (takesValues(sink)) {
      OpFoldResult width = paddedWidth(widthOf(views, sink));
      products = e.alloc({block, width});
      if (!readsInPlace(views.values[sink.value]))
        packedValues = e.alloc({panel, width});
    }
    buffers.entries.push_back(entries);
    buffers.products.push_back(products);
    buffers.packedValues.push_back(packedValues);
    buffers.total.push_back(softmax || sum ? e.alloc({block, lanes}) : Value());
    buffers.state.push_back(softmax || largest ? e.alloc({block, lanes}) : Value());
    buffers.scale.push_back(softmax ? e.alloc({tile, lanes}) : Value());
  }
  return buffers;
}

void DenseLowering::release(const Buffers &buffers) {
  llvm::SmallSetVector<Value, 16> all;
  for (const Values *group :
       {&buffers.packed, &buffers.dots, &buffers.entries, &buffers.products, &buffers.packedValues,
        &buffers.state, &buffers.total, &buffers.scale})
    all.insert(group->begin(), group->end());
  all.insert(buffers.columns);
  for (Value buffer : all)
    if (buffer)
      e.free(buffer);
}

void DenseLowering::reset(const StreamViews &views, const Buffers &buffers, Value rows) {
  Value zero = e.f32(0.0), lowest = e.negativeInfinity();
  for (unsigned s = 0; s < sinks.size(); ++s) {
    if (buffers.products[s])
      e.fill(buffers.products[s], zero, rows);
    if (buffers.total[s])
      e.fill(buffers.total[s], zero, rows);
    if (buffers.state[s])
      e.fill(buffers.state[s], lowest, rows);
  }
}

void DenseLowering::emitBlock(const StreamViews &views, const Buffers &buffers,
                              const Range &whole) {
  Range range = whole;
  if (op.getBand()) {
    // Bounds beyond any matrix are none.
    constexpr int64_t kNone = int64_t(1) << 40;
    auto [left, right] = std::pair((*op.getBand())[0], (*op.getBand())[1]);
    if (left >= 0 && left < kNone)
      range.columnBegin = e.max(range.columnBegin, e.sub(range.rowBegin, e.index(left)));
    if (right >= 0 && right < kNone)
      range.columnEnd = e.min(range.columnEnd, e.add(range.rowEnd, right));
  }
  Value rows = e.sub(range.rowEnd, range.rowBegin);
  Value wholeTiles = e.roundUp(rows, e.shape.rows());
  reset(views, buffers, wholeTiles);
  e.forEach(range.columnBegin, range.columnEnd, panelColumns(), [&](Value panel) {
    Value columns = e.min(e.sub(range.columnEnd, panel), e.index(panelColumns()));
    pack(views, buffers, panel, columns);
    e.forEach(e.index(0), rows, e.shape.rows(), [&](Value tile) {
      emitDots(views, buffers, e.add(range.rowBegin, tile), range.rowEnd, columns);
      emitEntries(views, buffers, range, tile, panel, columns);
      emitProducts(views, buffers, tile, panel, columns);
    });
  });
  finish(views, buffers, range);
}

void DenseLowering::pack(const StreamViews &views, const Buffers &buffers, Value begin,
                         Value columns) {
  Value zero = e.index(0), last = e.sub(e.add(begin, columns), e.index(1));
  Value padded = e.roundUp(columns, e.shape.panel());
  for (auto [rhs, packed] : llvm::zip(views.rhs, buffers.packed))
    packPanel(e, rhs, /*columnsFirst=*/true, begin, last, zero, e.dim(rhs, 1), packed, padded);
  if (buffers.columns) {
    e.forEach(zero, padded, 1, [&](Value j) {
      Value column = e.min(e.add(begin, j), last);
      for (auto [number, source] : llvm::enumerate(views.cols))
        e.store(e.load(source, column), buffers.columns, {e.index(number), j});
    });
  }
  for (unsigned s = 0; s < sinks.size(); ++s) {
    Value packed = buffers.packedValues[s];
    if (!packed)
      continue;
    Value source = views.values[sinks[s].value];
    Value width = e.dim(source, 1);
    Value lastColumn = e.sub(width, e.index(1));
    Value paddedWidth = e.dim(packed, 1);
    e.forEach(zero, columns, 1, [&](Value j) {
      Value row = e.add(begin, j);
      if (!Emitter::hasUnitInnerStride(source)) {
        e.forEach(zero, paddedWidth, 1, [&](Value column) {
          e.store(e.load(source, {row, e.min(column, lastColumn)}), packed, {j, column});
        });
        return;
      }
      e.forEach(zero, paddedWidth, e.shape.lanes, [&](Value column) {
        Value part = e.loadVector(source, {row, column}, tailMask(width, column));
        e.storeVector(part, packed, {j, column});
      });
    });
  }
}

void DenseLowering::emitDots(const StreamViews &views, const Buffers &buffers, Value first,
                             Value rowEnd, Value columns) {
  int64_t tileRows = e.shape.rows(), vectors = e.shape.vectors(), lanes = e.shape.lanes;
  if (views.lhs.empty())
    return;
  Values rows;
  Value last = e.sub(rowEnd, e.index(1));
  for (int64_t r = 0; r < tileRows; ++r)
    rows.push_back(r == 0 ? first : e.min(e.add(first, r), last));
  e.forEach(e.index(0), columns, e.shape.panel(), [&](Value chunk) {
    Values at;
    for (int64_t v = 0; v < vectors; ++v)
      at.push_back(e.add(chunk, v * lanes));
    for (auto [n, lhs] : llvm::enumerate(views.lhs)) {
      Value left = lhs, packed = buffers.packed[n];
      Values sums = e.registerTile(
          tileRows, vectors, e.index(0), e.dim(left, 1), op.getDistance()[n],
          [&](int64_t r, Value k) { return e.load(left, {rows[r], k}); },
          [&](Value k, int64_t v) { return e.loadVector(packed, {k, at[v]}); });
      for (int64_t r = 0; r < tileRows; ++r)
        for (int64_t v = 0; v < vectors; ++v)
          e.storeVector(sums[r * vectors + v], buffers.dots[n], {e.index(r), at[v]});
    }
  });
}

void DenseLowering::emitEntries(const StreamViews &views, const Buffers &buffers,
                                const Range &range, Value tile, Value panel, Value columns) {
  int64_t vectors = e.shape.vectors(), lanes = e.shape.lanes;
  Value left = e.sub(e.sub(range.rowEnd, range.rowBegin), tile);
  Value tileRows = e.min(left, e.index(e.shape.rows()));
  e.forEach(e.index(0), tileRows, 1, [&](Value inTile) {
    Value inBlock = e.add(tile, inTile);
    Value row = e.add(range.rowBegin, inBlock);
    Values rowElements = loadAll(views.rows, row), inits;
    SmallVector<unsigned> kept;
    for (unsigned s = 0; s < sinks.size(); ++s)
      if (Value begin = beginRow(buffers, s, inBlock)) {
        kept.push_back(s);
        inits.push_back(begin);
      }
    auto visit = [&](Value chunk, ValueRange running) {
      SmallVector<Values> entries(op.getBody().front().getTerminator()->getNumOperands());
      Values masks;
      for (int64_t v = 0; v < vectors; ++v) {
        Value at = e.add(chunk, v * lanes);
        Values dots, columnElements, blocks;
        for (Value dot : buffers.dots)
          dots.push_back(e.loadVector(dot, {inTile, at}));
        for (unsigned c = 0; c < views.cols.size(); ++c)
          columnElements.push_back(e.loadVector(buffers.columns, {e.index(c), at}));
        if (op.getBlockTable())
          blocks = loadBlock(views, range, row, e.add(panel, at));
        StreamEntries here = evaluate(views, row, e.steps(e.add(panel, at)), dots, rowElements,
                                      columnElements, {}, blocks);
        for (auto [n, entry] : llvm::enumerate(here.entries))
          entries[n].push_back(e.splat(entry));
        Value present = here.present ? e.splat(here.present) : Value();
        if (needsInPanel()) {
          Value inPanel = e.firstLanes(e.sub(columns, at));
          present = present ? arith::AndIOp::create(e.b, e.loc, present, inPanel) : inPanel;
        }
        masks.push_back(present);
      }
      Values next;
      for (unsigned s = 0; s < sinks.size(); ++s) {
        auto *place = llvm::find(kept, s);
        Value before = place == kept.end() ? Value() : Value(running[place - kept.begin()]);
        Value after = gather(views, buffers, s, row, inTile, panel, chunk, entries[sinks[s].entry],
                             masks, before);
        if (before)
          next.push_back(after);
      }
      return next;
    };
    Values totals = e.fold(e.index(0), columns, e.shape.panel(), inits, visit);
    for (auto [s, total] : llvm::zip(kept, totals))
      finishRow(buffers, s, inTile, inBlock, columns, total);
  });
}

void DenseLowering::emitProducts(const StreamViews &views, const Buffers &buffers, Value tile,
                                 Value panel, Value columns) {
  int64_t tileRows = e.shape.rows(), lanes = e.shape.lanes;
  for (unsigned s = 0; s < sinks.size(); ++s) {
    if (!takesValues(sinks[s]))
      continue;
    Value packed = buffers.packedValues[s], values = views.values[sinks[s].value];
    Value entries = buffers.entries[s], products = buffers.products[s];
    forChunks(widthOf(views, sinks[s]), [&](Value begin, int64_t vectors) {
      Values at;
      for (int64_t v = 0; v < vectors; ++v)
        at.push_back(e.add(begin, v * lanes));
      Values sums = e.registerTile(
          tileRows, vectors, e.index(0), columns, /*distance=*/false,
          [&](int64_t r, Value k) { return e.load(entries, {e.index(r), k}); },
          [&](Value k, int64_t v) {
            return packed ? e.loadVector(packed, {k, at[v]})
                          : e.loadVector(values, {e.add(panel, k), at[v]});
          },
          /*skipAbsent=*/op.getMasked());
      for (int64_t r = 0; r < tileRows; ++r) {
        Value row = e.add(tile, r);
        Value scale =
            buffers.scale[s] ? e.loadVector(buffers.scale[s], {e.index(r), e.index(0)}) : Value();
        for (int64_t v = 0; v < vectors; ++v) {
          Value before = e.loadVector(products, {row, at[v]}), sum = sums[r * vectors + v];
          e.storeVector(scale ? e.fma(before, scale, sum) : e.addf(before, sum), products,
                        {row, at[v]});
        }
      }
    });
  }
}

std::unique_ptr<StreamLowering> makeDenseLowering(StreamOp op, Emitter &e) {
  return std::make_unique<DenseLowering>(op, e);
}

} // namespace attune::tile
