// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// attn.stream over all columns, or over those of the row's segment.
//
// A block owns a tile of rows at one batch entry and head. Its threads visit the columns tile by
// tile:
//   1. products of rows and columns, from tiles of lhs and rhs in shared memory, in registers;
//   2. the region on each pair, then sums and maxima in registers, and the entries that are
//   multiplied
//      with values to a tile in shared memory; only lanes of the same warp read them there;
//   3. entries times values, from shared memory, added up in registers.
// While values are multiplied the next tile of rhs is on its way to shared memory, and while
// products are formed the next tile of values. The order of barriers:
//   wait for rhs, barrier, products, barrier, copy the next rhs, entries, wait for values, barrier,
//   values, barrier, copy the next values.
// Softmax keeps for each row the largest entry so far and scales sums and products when it grows.
// A graph of a batch (a segment) has blocks of its own, so that ragged sizes need no padding.
#include "DenseStream.h"
#include "attune/Dialect/NN/Graph.h"

using namespace mlir;

namespace attune::tile {

void GpuDenseLowering::emit() {
  int64_t blockRows = plan.blockRows();
  Value tiles = e.ceilDiv(numRows, blockRows), segments, tilesOfSegment;
  if (op.getSegments()) {
    // As many blocks for each segment as it has tiles on average; a longer one's blocks visit more.
    segments = e.sub(e.dim(op.getSegments(), 0), e.index(1));
    tilesOfSegment = e.max(e.ceilDiv(tiles, e.max(segments, e.index(1))), e.index(1));
    tiles = e.mul(segments, tilesOfSegment);
  }
  Value chunks = e.index(1);
  for (unsigned s = 0; s < sinks.size(); ++s)
    if (plan.widths[s])
      chunks = e.max(
          chunks,
          e.ceilDiv(e.dim(op.getValues()[sinks[s].value],
                          cast<MemRefType>(op.getValues()[sinks[s].value].getType()).getRank() - 1),
                    plan.widths[s]));
  Grid grid{e.mul(e.mul(tiles, chunks), numEntries())};
  grid.threads = plan.threads();
  grid.shared = plan.shared;
  emitLaunch(e, "stream", grid, [&](Value thread, ValueRange id) {
    BlockEmitter emitter(e, thread, plan.threads(), asyncCopies);
    block = &emitter;
    SmallVector<SharedTile *> used;
    for (auto *group : {&plan.lhs, &plan.rhs, &plan.entries, &plan.values})
      for (SharedTile &tile : *group)
        if (tile.rows)
          used.push_back(&tile);
    if (!used.empty())
      block->allocate(used);
    Value inWarp = e.rem(thread, e.index(kWarp));
    lane = e.rem(inWarp, e.index(plan.lanesX));
    firstRow =
        e.add(e.mul(e.div(thread, kWarp), plan.lanesY * plan.rows), e.div(inWarp, plan.lanesX));
    Value rest = id[0];
    chunk = e.rem(rest, chunks);
    rest = e.div(rest, chunks);
    Value tile = e.rem(rest, tiles);
    StreamViews views = viewsAt(e.div(rest, tiles));
    if (!op.getSegments())
      return emitRange(views, {e.mul(tile, blockRows), numRows, e.index(0), numColumns});
    Range whole = segmentRange(e.div(tile, tilesOfSegment));
    Value first = e.add(whole.rowBegin, e.mul(e.rem(tile, tilesOfSegment), blockRows));
    e.forEach(first, whole.rowEnd, e.mul(tilesOfSegment, blockRows), [&](Value begin) {
      Range range = whole;
      range.rowBegin = begin;
      // Tiles of the rows before are still read.
      block->barrier();
      emitRange(views, range);
    });
  });
}

GpuDenseLowering::Range GpuDenseLowering::segmentRange(Value segment) {
  auto at = [&](Value offsets, Value g) { return e.toIndex(e.load(offsets, g)); };
  Value begin = at(op.getSegments(), segment), end = at(op.getSegments(), e.add(segment, 1));
  Range range{begin, end, begin, end, begin, end};
  if (Value starts = op.getBlockStarts()) {
    range.blockStart = at(starts, segment);
    // A compact table has one byte for each pair, or two.
    Value size = e.sub(at(starts, e.add(segment, 1)), range.blockStart);
    Value pairs = e.mul(e.sub(end, begin), e.sub(end, begin));
    range.isWide = arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::ne, size, pairs);
  }
  return range;
}

void GpuDenseLowering::copyLhs(const StreamViews &views, const Range &range, unsigned n,
                               Value depth) {
  block->copy({views.lhs[n], range.rowBegin, range.rowEnd, depth, e.dim(views.lhs[n], 1)},
              plan.lhs[n]);
}

void GpuDenseLowering::copyRhs(const StreamViews &views, const Range &range, unsigned n,
                               Value first, Value depth) {
  block->copy({views.rhs[n], first, range.columnEnd, depth, e.dim(views.rhs[n], 1)}, plan.rhs[n]);
}

void GpuDenseLowering::copyValues(const StreamViews &views, const Range &range, Value first) {
  for (unsigned s = 0; s < sinks.size(); ++s)
    if (plan.widths[s]) {
      Value values = views.values[sinks[s].value];
      block->copy({values, first, range.columnEnd, e.mul(chunk, plan.widths[s]), e.dim(values, 1)},
                  plan.values[s]);
    }
}

/// Adds the products of what is in shared memory to `sums`.
Values GpuDenseLowering::productTile(unsigned n, ValueRange sums) {
  const SharedTile &lhs = plan.lhs[n], &rhs = plan.rhs[n];
  bool isDistance = op.getDistance()[n];
  // Squares of differences are not products of two matrices.
  if (plan.matrixUnits && !isDistance)
    return matrixTile(n, sums);
  auto numbers = [&](Value four) {
    Values found;
    for (int64_t t = 0; t < 4; ++t)
      found.push_back(vector::ExtractOp::create(e.b, e.loc, four, t));
    return found;
  };
  return e.fold(e.index(0), e.index(plan.depths[n]), 4, sums, [&](Value k, ValueRange in) {
    SmallVector<Values> columns;
    for (int64_t j = 0; j < plan.columns; ++j)
      columns.push_back(numbers(block->loadShared(rhs, column(j), k, 4)));
    Values next(in);
    for (int64_t i = 0; i < plan.rows; ++i) {
      Values own = numbers(block->loadShared(lhs, row(i), k, 4));
      for (int64_t t = 0; t < 4; ++t)
        for (int64_t j = 0; j < plan.columns; ++j) {
          Value &sum = next[i * plan.columns + j];
          Value left = own[t], right = columns[j][t];
          if (isDistance)
            left = right = e.subf(left, right);
          sum = e.fma(left, right, sum);
        }
    }
    return next;
  });
}

/// The same on matrix units.
Values GpuDenseLowering::matrixTile(unsigned n, ValueRange sums) {
  Value group = e.rem(firstRow, e.index(MatrixUnit::kLanesY));
  auto pairs = [&](const SharedTile &tile, Value line, Value k, Values &numbers) {
    Value two = block->loadShared(tile, line, e.add(k, e.mul(lane, 2)), 2);
    for (int64_t t = 0; t < 2; ++t)
      numbers.push_back(vector::ExtractOp::create(e.b, e.loc, two, t));
  };
  return e.fold(e.index(0), e.index(plan.depths[n]), unit.depth(), sums,
                [&](Value k, ValueRange in) {
                  Values next(in);
                  SmallVector<MatrixUnit::Operand> columns;
                  for (int64_t j = 0; j < plan.columns; j += 2) {
                    Values numbers;
                    for (int64_t p = 0; p < unit.pairs(); ++p)
                      pairs(plan.rhs[n], e.add(group, j / 2 * MatrixUnit::kColumns),
                            e.add(k, 8 * p), numbers);
                    columns.push_back(unit.pack(numbers));
                  }
                  for (int64_t i = 0; i < plan.rows; i += 2) {
                    Values numbers;
                    for (int64_t p = 0; p < unit.pairs(); ++p)
                      for (int64_t y = 0; y < 2; ++y)
                        pairs(plan.lhs[n], row(i + y), e.add(k, 8 * p), numbers);
                    MatrixUnit::Operand own = unit.pack(numbers);
                    for (int64_t j = 0; j < plan.columns; j += 2)
                      unit.multiply(own, columns[j / 2], cornersOf(next, i, j, plan.columns));
                  }
                  return next;
                });
}

/// Product number `n` of the thread's pairs, row by row.
Values GpuDenseLowering::emitProducts(const StreamViews &views, const Range &range, unsigned n,
                                      Value first) {
  Values zeros(plan.rows * plan.columns, e.f32(0.0));
  if (plan.isResident[n])
    return productTile(n, zeros);
  return e.fold(e.index(0), e.dim(views.lhs[n], 1), plan.depths[n], zeros,
                [&](Value depth, ValueRange in) {
                  block->barrier();
                  copyLhs(views, range, n, depth);
                  copyRhs(views, range, n, first, depth);
                  block->commit();
                  block->wait(0);
                  block->barrier();
                  return unit.addTo(in, [&](ValueRange begin) { return productTile(n, begin); });
                });
}

void GpuDenseLowering::emitRange(const StreamViews &views, const Range &whole) {
  Range range = whole;
  if (op.getBand()) {
    // Bounds beyond any matrix are none.
    constexpr int64_t kNone = int64_t(1) << 40;
    auto [left, right] = std::pair((*op.getBand())[0], (*op.getBand())[1]);
    Value tileEnd = e.min(e.add(range.rowBegin, plan.blockRows()), range.rowEnd);
    if (left >= 0 && left < kNone)
      range.columnBegin = e.max(range.columnBegin, e.sub(range.rowBegin, e.index(left)));
    if (right >= 0 && right < kNone)
      range.columnEnd = e.min(range.columnEnd, e.add(tileEnd, right));
  }
  SmallVector<Values> rowOperands;
  Value lastRow = e.sub(range.rowEnd, e.index(1));
  for (int64_t i = 0; i < plan.rows; ++i)
    rowOperands.push_back(loadAll(views.rows, e.min(e.add(range.rowBegin, row(i)), lastRow)));

  auto copyResident = [&](Value first) {
    for (unsigned n = 0; n < views.rhs.size(); ++n)
      if (plan.isResident[n])
        copyRhs(views, range, n, first, e.index(0));
    block->commit();
  };
  for (unsigned n = 0; n < views.lhs.size(); ++n)
    if (plan.isResident[n])
      copyLhs(views, range, n, e.index(0));
  copyResident(range.columnBegin);
  bool withValues = hasValues();
  if (withValues) {
    copyValues(views, range, range.columnBegin);
    block->commit();
  }
  Value step = e.index(plan.blockColumns());
  Values last =
      e.fold(range.columnBegin, range.columnEnd, step, flatten(initialState()),
             [&](Value first, ValueRange in) {
               State state = unflatten(in);
               Value next = e.add(first, step);
               block->wait(withValues ? 1 : 0);
               block->barrier();
               SmallVector<Values> products;
               for (unsigned n = 0; n < views.lhs.size(); ++n)
                 products.push_back(emitProducts(views, range, n, first));
               ownEntries.assign(sinks.size(), Values(plan.rows * plan.columns, e.f32(0.0)));
               block->barrier();
               copyResident(next);
               emitEntries(views, range, first, products, rowOperands, state);
               if (withValues) {
                 block->wait(1);
                 block->barrier();
                 for (unsigned s = 0; s < sinks.size(); ++s)
                   if (plan.widths[s])
                     applyValues(s, state);
                 block->barrier();
                 copyValues(views, range, next);
                 block->commit();
               }
               return flatten(state);
             });
  block->wait(0);
  State state = unflatten(last);
  finish(views, range, state);
}

/// Entries, which are in the lanes that the matrix units want them in, times values.
void GpuDenseLowering::applyMatrices(unsigned s, State &state) {
  const SharedTile &values = plan.values[s];
  const Values &entries = ownEntries[plan.entryTile[s]];
  Value group = e.rem(firstRow, e.index(MatrixUnit::kLanesY));
  int64_t own = plan.own(s);
  state[s].products = unit.addTo(state[s].products, [&](ValueRange begin) {
    Values sums(begin);
    for (int64_t j = 0; j < plan.columns; j += 2 * unit.pairs()) {
      SmallVector<MatrixUnit::Operand> rows;
      for (int64_t i = 0; i < plan.rows; i += 2) {
        Values numbers;
        for (int64_t p = 0; p < unit.pairs(); ++p)
          for (int64_t y = 0; y < 2; ++y)
            numbers.append({entries[(i + y) * plan.columns + j + 2 * p],
                            entries[(i + y) * plan.columns + j + 2 * p + 1]});
        rows.push_back(unit.pack(numbers));
      }
      for (int64_t z = 0; z < own; z += 2) {
        Values numbers;
        for (int64_t p = 0; p < 2 * unit.pairs(); ++p)
          numbers.push_back(
              block->loadShared(values, column(j + p), e.add(group, z / 2 * MatrixUnit::kColumns)));
        MatrixUnit::Operand columns = unit.pack(numbers);
        for (int64_t i = 0; i < plan.rows; i += 2)
          unit.multiply(rows[i / 2], columns, cornersOf(sums, i, z, own));
      }
    }
    return sums;
  });
}

/// Products of the tile of entries and that of values.
void GpuDenseLowering::applyValues(unsigned s, State &state) {
  if (plan.valuesOnUnits)
    return applyMatrices(s, state);
  const SharedTile &entries = plan.entries[plan.entryTile[s]], &values = plan.values[s];
  int64_t vector = plan.vector(s), own = plan.own(s);
  int64_t step = std::min<int64_t>(plan.blockColumns(), 4);
  Value mine = e.mul(lane, vector);
  state[s].products = e.fold(
      e.index(0), e.index(plan.blockColumns()), step, state[s].products,
      [&](Value j, ValueRange in) {
        SmallVector<Values> rows(step);
        for (int64_t t = 0; t < step; ++t)
          for (int64_t part = 0; part < own / vector; ++part) {
            Value numbers = block->loadShared(values, e.add(j, t),
                                              e.add(mine, part * vector * plan.lanesX), vector);
            for (int64_t y = 0; y < vector; ++y)
              rows[t].push_back(vector::ExtractOp::create(e.b, e.loc, numbers, y));
          }
        Values next(in);
        for (int64_t i = 0; i < plan.rows; ++i) {
          Value four = block->loadShared(entries, row(i), j, step);
          for (int64_t t = 0; t < step; ++t) {
            Value entry = vector::ExtractOp::create(e.b, e.loc, four, t), absent;
            if (op.getMasked()) {
              Value bits = arith::BitcastOp::create(e.b, e.loc, e.b.getI32Type(), entry);
              absent =
                  arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::eq, bits,
                                        arith::ConstantIntOp::create(e.b, e.loc, INT32_MIN, 32));
            }
            for (int64_t z = 0; z < own; ++z) {
              Value &sum = next[i * own + z];
              Value more = e.fma(entry, rows[t][z], sum);
              sum = absent ? e.select(absent, sum, more) : more;
            }
          }
        }
        return next;
      });
}

/// The class of a pair in a table of bytes, or of 32 or 64 bits; as i32, or i64 without lookups.
Value GpuDenseLowering::loadClass(const Range &range, Value row, Value column) {
  OpBuilder &b = e.b;
  Value table = op.getBlockTable();
  Type element = cast<MemRefType>(table.getType()).getElementType(), i32 = b.getI32Type();
  Value length = e.sub(range.segmentEnd, range.segmentBegin);
  Value at = e.add(e.add(range.blockStart, e.mul(e.sub(row, range.segmentBegin), length)),
                   e.sub(column, range.segmentBegin));
  if (!element.isInteger(8)) {
    Value found = e.load(table, at);
    if (element.isInteger(64) && !op.getLookups().empty())
      found = arith::TruncIOp::create(b, e.loc, i32, found);
    return found;
  }
  auto constant = [&](int64_t value) { return arith::ConstantIntOp::create(b, e.loc, value, 32); };
  Value low = arith::ExtUIOp::create(b, e.loc, i32, e.load(table, at));
  // Narrow graphs have no second plane: the first is read again.
  Value plane = e.select(range.isWide, e.add(at, e.mul(length, length)), at);
  Value high = arith::ExtUIOp::create(b, e.loc, i32, e.load(table, plane));
  Value wide =
      arith::OrIOp::create(b, e.loc, low, arith::ShLIOp::create(b, e.loc, high, constant(8)));
  Value isMark = arith::CmpIOp::create(b, e.loc, arith::CmpIPredicate::eq, low,
                                       constant(nn::HopTableOp::kUnreachableByte));
  Value narrow = e.select(isMark, constant(nn::HopTableOp::kUnreachable), low);
  return e.select(range.isWide, wide, narrow);
}

/// The table's entry of a pair as f32, then what each lookup holds for it.
Values GpuDenseLowering::loadBlockEntry(const StreamViews &views, const Range &range, Value row,
                                        Value column) {
  OpBuilder &b = e.b;
  Value found = loadClass(range, row, column);
  if (found.getType().isF32())
    return {found};
  Values results{arith::SIToFPOp::create(b, e.loc, b.getF32Type(), found)};
  for (Value lookup : views.lookups) {
    Value last = arith::ConstantIntOp::create(b, e.loc, Emitter::staticDim(lookup, 0) - 1, 32);
    Value place = arith::MinUIOp::create(b, e.loc, found, last);
    results.push_back(e.load(
        lookup, arith::IndexCastUIOp::create(b, e.loc, b.getIndexType(), place).getResult()));
  }
  return results;
}

void GpuDenseLowering::emitEntries(const StreamViews &views, const Range &range, Value first,
                                   ArrayRef<Values> products, ArrayRef<Values> rowOperands,
                                   State &state) {
  Value lastRow = e.sub(range.rowEnd, e.index(1)), lastColumn = e.sub(range.columnEnd, e.index(1));
  Values columns, isThere;
  SmallVector<Values> columnOperands;
  for (int64_t j = 0; j < plan.columns; ++j) {
    Value at = e.add(first, column(j));
    isThere.push_back(e.less(at, range.columnEnd));
    columns.push_back(e.min(at, lastColumn));
    columnOperands.push_back(loadAll(views.cols, columns.back()));
  }
  for (int64_t i = 0; i < plan.rows; ++i) {
    Value at = e.min(e.add(range.rowBegin, row(i)), lastRow);
    // Of each sink the entries of the row, and which of them are there.
    SmallVector<Values> entries(sinks.size());
    Values masks;
    for (int64_t j = 0; j < plan.columns; ++j) {
      Values dots, blocks;
      for (const Values &product : products)
        dots.push_back(product[i * plan.columns + j]);
      if (op.getBlockTable())
        blocks = loadBlockEntry(views, range, at, columns[j]);
      StreamEntries found =
          evaluate(views, at, columns[j], dots, rowOperands[i], columnOperands[j], {}, blocks);
      for (unsigned s = 0; s < sinks.size(); ++s)
        entries[s].push_back(found.entries[sinks[s].entry]);
      masks.push_back(found.present
                          ? arith::AndIOp::create(e.b, e.loc, isThere[j], found.present).getResult()
                          : isThere[j]);
    }
    for (unsigned s = 0; s < sinks.size(); ++s)
      gatherRow(views, range, s, i, first, entries[s], masks, state[s]);
  }
}

std::unique_ptr<StreamLowering> makeGpuDenseLowering(StreamOp op, Emitter &e,
                                                     const ChipSpec &shape) {
  return std::make_unique<GpuDenseLowering>(op, e, shape);
}

} // namespace attune::tile
