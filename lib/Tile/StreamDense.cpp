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
#include "Stream.h"

#include "dialects/NN/NN.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace attune::tile {

namespace {

class DenseLowering : public StreamLowering {
public:
  using StreamLowering::StreamLowering;
  void emit() override;

private:
  /// The small buffers of one task. Those of a sink stand at its number, null where it has none.
  struct Buffers {
    Values packed, dots;
    Value columns;
    Values entries, products, packedValues;
    Values state, total, scale;
  };

  /// Rows and columns that one visit covers; the segment that they lie in, and where its block
  /// begins in a table of blocks.
  struct Range {
    Value rowBegin, rowEnd, columnBegin, columnEnd;
    Value segmentBegin = {}, segmentEnd = {}, blockStart = {}, isWide = {};
  };

  Buffers allocate(const StreamViews &views);
  void release(const Buffers &buffers);
  void emitBlock(const StreamViews &views, const Buffers &buffers, const Range &range);
  void emitSegments(const StreamViews &views, const Buffers &buffers, Value rowBegin, Value rowEnd);
  void reset(const StreamViews &views, const Buffers &buffers, Value rows);
  void pack(const StreamViews &views, const Buffers &buffers, Value begin, Value columns);
  void emitDots(const StreamViews &views, const Buffers &buffers, Value first, Value rowEnd,
                Value columns);
  void emitEntries(const StreamViews &views, const Buffers &buffers, const Range &range, Value tile,
                   Value panel, Value columns);
  Value loadWithin(Value table, Value at, Value end);
  Value lookUp(Value table, Value places);
  Values loadBlock(const StreamViews &views, const Range &range, Value row, Value column);
  Value beginRow(const Buffers &buffers, unsigned s, Value inBlock);
  Value gather(const StreamViews &views, const Buffers &buffers, unsigned s, Value row,
               Value inTile, Value panel, Value chunk, ValueRange entries, ValueRange masks,
               Value running);
  void finishRow(const Buffers &buffers, unsigned s, Value inTile, Value inBlock, Value columns,
                 Value running);
  void emitProducts(const StreamViews &views, const Buffers &buffers, Value tile, Value panel,
                    Value columns);
  void finish(const StreamViews &views, const Buffers &buffers, const Range &range);

  Value widthOf(const StreamViews &views, const Sink &sink) {
    return e.dim(views.values[sink.value], 1);
  }
  /// The panel's values can be read where they are.
  bool readsInPlace(Value values) {
    int64_t width = Emitter::staticDim(values, 1);
    return Emitter::hasUnitInnerStride(values) && !ShapedType::isDynamic(width) &&
           width % e.shape.lanes == 0;
  }
  int64_t panelColumns();
  bool needsInPanel() {
    return llvm::any_of(sinks, [](const Sink &sink) { return sink.kind != SinkKind::Apply; });
  }
};

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

/// A vector of elements from `at` on; those from `end` on are 0. Masked loads are for the last ones
/// only: some processors do them slowly.
Value DenseLowering::loadWithin(Value table, Value at, Value end) {
  OpBuilder &b = e.b;
  VectorType type = e.vectorType(cast<MemRefType>(table.getType()).getElementType());
  auto whole = [&]() -> Value { return e.loadVector(table, at); };
  auto part = [&]() -> Value { return e.loadVector(table, at, e.firstLanes(e.sub(end, at))); };
  auto none = [&]() -> Value { return arith::ConstantOp::create(b, e.loc, b.getZeroAttr(type)); };
  Value isWhole =
      arith::CmpIOp::create(b, e.loc, arith::CmpIPredicate::sle, e.add(at, e.shape.lanes), end);
  return e.choose(type, isWhole, whole,
                  [&] { return e.choose(type, e.less(at, end), part, none); });
}

/// The elements of `table` at `places` (i32). Wide vectors are gathered; else lane by lane, which
/// costs less than what a gather becomes on processors with 8 lanes.
Value DenseLowering::lookUp(Value table, Value places) {
  OpBuilder &b = e.b;
  if (e.shape.lanes >= 16) {
    Value all = arith::ConstantOp::create(
        b, e.loc, DenseElementsAttr::get(e.vectorType(b.getI1Type()), true));
    return vector::GatherOp::create(b, e.loc, e.f32Vector(), table, ValueRange(e.index(0)), places,
                                    all, e.splat(0.0));
  }
  Values elements;
  for (int64_t lane = 0; lane < e.shape.lanes; ++lane) {
    Value place = vector::ExtractOp::create(b, e.loc, places, lane);
    place = arith::IndexCastUIOp::create(b, e.loc, b.getIndexType(), place);
    elements.push_back(e.load(table, place));
  }
  return vector::FromElementsOp::create(b, e.loc, e.f32Vector(), elements);
}

/// The table's entries at a vector of columns, as f32, then what each lookup holds for them. Lanes
/// beyond the row are some class, so that lookups stay inside their tables.
Values DenseLowering::loadBlock(const StreamViews &views, const Range &range, Value row,
                                Value column) {
  OpBuilder &b = e.b;
  Location loc = e.loc;
  Value table = op.getBlockTable();
  Type element = cast<MemRefType>(table.getType()).getElementType();
  Value length = e.sub(range.segmentEnd, range.segmentBegin);
  Value at = e.add(e.add(range.blockStart, e.mul(e.sub(row, range.segmentBegin), length)),
                   e.sub(column, range.segmentBegin));
  VectorType f32 = e.f32Vector(), i32 = e.vectorType(b.getI32Type());
  if (element.isF32())
    return {loadWithin(table, at, e.dim(table, 0))};
  auto constant = [&](int64_t value) {
    return e.splat(arith::ConstantIntOp::create(b, loc, value, 32));
  };
  Value classes;
  if (element.isInteger(8)) {
    Value low = arith::ExtUIOp::create(b, loc, i32, loadWithin(table, at, e.dim(table, 0)));
    Value isWide = e.splat(range.isWide);
    // Narrow graphs have no second plane.
    Value high = loadWithin(table, e.add(at, e.mul(length, length)),
                            e.select(range.isWide, e.dim(table, 0), at));
    high = arith::ShLIOp::create(b, loc, arith::ExtUIOp::create(b, loc, i32, high), constant(8));
    Value isMark = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, low,
                                         constant(nn::HopTableOp::kUnreachableByte));
    Value narrow = e.select(isMark, constant(nn::HopTableOp::kUnreachable), low);
    classes = e.select(isWide, arith::OrIOp::create(b, loc, low, high), narrow);
  } else {
    classes = loadWithin(table, at, e.dim(table, 0));
    if (element.isInteger(64) && !views.lookups.empty())
      classes = arith::TruncIOp::create(b, loc, i32, classes);
  }
  Values results;
  Value place = classes;
  // A table without lookups may hold any whole numbers.
  results.push_back(arith::SIToFPOp::create(b, loc, f32, classes));
  for (Value lookup : views.lookups) {
    int64_t last = Emitter::staticDim(lookup, 0) - 1;
    results.push_back(lookUp(lookup, arith::MinUIOp::create(b, loc, place, constant(last))));
  }
  return results;
}

/// What a sink keeps while a row visits the panel; null for those that keep nothing.
Value DenseLowering::beginRow(const Buffers &buffers, unsigned s, Value inBlock) {
  switch (sinks[s].kind) {
  case SinkKind::RowSum:
    return e.loadVector(buffers.total[s], {inBlock, e.index(0)});
  case SinkKind::RowMax:
  case SinkKind::Softmax:
    return e.loadVector(buffers.state[s], {inBlock, e.index(0)});
  case SinkKind::Apply:
  case SinkKind::Materialize:
    return {};
  }
  llvm_unreachable("all kinds");
}

/// An absent entry of softmax until the row's largest entry is known: a NaN that no arithmetic
/// makes.
constexpr int32_t kAbsentBits = static_cast<int32_t>(0xffffdead);

/// Takes the entries of a chunk to the sink; returns what it keeps.
Value DenseLowering::gather(const StreamViews &views, const Buffers &buffers, unsigned s, Value row,
                            Value inTile, Value panel, Value chunk, ValueRange entries,
                            ValueRange masks, Value running) {
  int64_t lanes = e.shape.lanes;
  auto masked = [&](unsigned v, Value absent) {
    return masks[v] ? e.select(masks[v], entries[v], absent) : Value(entries[v]);
  };
  Value lowest = e.splat(e.negativeInfinity());
  for (unsigned v = 0; v < entries.size(); ++v) {
    Value at = e.add(chunk, v * lanes);
    switch (sinks[s].kind) {
    case SinkKind::Apply:
      // Columns beyond the last are not read again. Absent entries are stored as -0.0, which the
      // product skips: adding 0.0 makes it +0.0 where it is an entry.
      e.storeVector(op.getMasked()
                        ? e.select(masks[v], e.addf(entries[v], e.splat(0.0)), e.splat(-0.0))
                        : Value(entries[v]),
                    buffers.entries[s], {inTile, at});
      break;
    case SinkKind::RowSum:
      running = e.addf(running, masked(v, e.splat(0.0)));
      break;
    case SinkKind::RowMax:
      running = arith::MaximumFOp::create(e.b, e.loc, running, masked(v, lowest));
      break;
    case SinkKind::Softmax: {
      Value absent = arith::BitcastOp::create(
          e.b, e.loc, e.f32Vector(),
          e.splat(arith::ConstantIntOp::create(e.b, e.loc, kAbsentBits, 32)));
      e.storeVector(masked(v, op.getMasked() ? absent : lowest), buffers.entries[s], {inTile, at});
      running = e.larger(running, masked(v, lowest));
      break;
    }
    case SinkKind::Materialize:
      e.storeVector(entries[v], views.outs[s], {row, e.add(panel, at)}, masks[v]);
      break;
    }
  }
  return running;
}

/// After the panel: softmax turns its entries into weights below the largest one.
void DenseLowering::finishRow(const Buffers &buffers, unsigned s, Value inTile, Value inBlock,
                              Value columns, Value running) {
  Value zero = e.index(0), nothing = e.splat(0.0);
  if (sinks[s].kind == SinkKind::RowSum)
    return e.storeVector(running, buffers.total[s], {inBlock, zero});
  if (sinks[s].kind == SinkKind::RowMax)
    return e.storeVector(running, buffers.state[s], {inBlock, zero});
  Value before = e.loadVector(buffers.state[s], {inBlock, zero});
  Value after = e.maxLanes(running);
  e.storeVector(after, buffers.state[s], {inBlock, zero});
  // Without any entry so far: exp(-inf - 0) = 0 rather than exp(-inf + inf).
  Value none = arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OEQ, after,
                                     e.splat(e.negativeInfinity()));
  Value base = e.select(none, nothing, after);
  auto expBelow = [&](Value exponent) -> Value {
    auto op = math::ExpOp::create(e.b, e.loc, exponent);
    op->setAttr("attune.nonpositive", e.b.getUnitAttr());
    return op;
  };
  Value scale = expBelow(e.subf(before, base));
  e.storeVector(scale, buffers.scale[s], {inTile, zero});
  Value total = e.mulf(e.loadVector(buffers.total[s], {inBlock, zero}), scale);
  total = e.fold(zero, columns, e.shape.panel(), {total}, [&](Value chunk, ValueRange sum) {
    Value next = sum[0];
    for (int64_t v = 0; v < e.shape.vectors(); ++v) {
      Values at{inTile, e.add(chunk, v * e.shape.lanes)};
      Value entry = e.loadVector(buffers.entries[s], at);
      Value weight = expBelow(e.subf(entry, base)), stored = weight;
      if (op.getMasked()) {
        Value bits = arith::BitcastOp::create(e.b, e.loc, e.vectorType(e.b.getI32Type()), entry);
        Value absent = arith::CmpIOp::create(
            e.b, e.loc, arith::CmpIPredicate::eq, bits,
            e.splat(arith::ConstantIntOp::create(e.b, e.loc, kAbsentBits, 32)));
        stored = e.select(absent, e.splat(-0.0), e.addf(weight, nothing));
        weight = e.select(absent, nothing, weight);
      }
      e.storeVector(stored, buffers.entries[s], at);
      next = e.addf(next, weight);
    }
    return Values{next};
  })[0];
  e.storeVector(total, buffers.total[s], {inBlock, zero});
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

void DenseLowering::finish(const StreamViews &views, const Buffers &buffers, const Range &range) {
  Value zero = e.index(0);
  e.forEach(zero, e.sub(range.rowEnd, range.rowBegin), 1, [&](Value inBlock) {
    Value row = e.add(range.rowBegin, inBlock);
    for (unsigned s = 0; s < sinks.size(); ++s) {
      Value out = views.outs[s];
      if (sinks[s].kind == SinkKind::Materialize)
        continue;
      if (sinks[s].kind == SinkKind::RowSum) {
        Value total = e.sumLanes(e.loadVector(buffers.total[s], {inBlock, zero}));
        e.store(e.addf(e.load(out, row), total), out, row);
        continue;
      }
      if (sinks[s].kind == SinkKind::RowMax) {
        Value largest =
            vector::ReductionOp::create(e.b, e.loc, vector::CombiningKind::MAXIMUMF,
                                        e.loadVector(buffers.state[s], {inBlock, zero}));
        e.store(arith::MaximumFOp::create(e.b, e.loc, e.load(out, row), largest), out, row);
        continue;
      }
      Value factor;
      if (sinks[s].kind == SinkKind::Softmax) {
        Value total = e.sumLanes(e.loadVector(buffers.total[s], {inBlock, zero}));
        Value none =
            arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OEQ, total, e.f32(0.0));
        factor = e.splat(e.select(none, e.f32(0.0), e.divf(e.f32(1.0), total)));
      }
      Value width = widthOf(views, sinks[s]);
      e.forEach(zero, width, e.shape.lanes, [&](Value column) {
        Value product = e.loadVector(buffers.products[s], {inBlock, column});
        addTo(out, row, column, width, factor ? e.mulf(product, factor) : product);
      });
    }
  });
}

} // namespace

std::unique_ptr<StreamLowering> makeDenseLowering(StreamOp op, Emitter &e) {
  return std::make_unique<DenseLowering>(op, e);
}

} // namespace attune::tile
