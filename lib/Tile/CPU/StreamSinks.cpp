// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the sinks of attn.stream do with entries: while a row visits a panel, after the panel, and
// when a block of rows has seen all columns.
#include "StreamDense.h"

#include "attune/Support/PassAttrs.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace attune::tile {

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
    op->setAttr(kNonpositiveAttr, e.b.getUnitAttr());
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

} // namespace attune::tile
