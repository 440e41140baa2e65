// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sizes of tiles. A thread has at most 255 registers, and the tile of pairs and the products must
// stay in them: both together get 144 numbers. The rest are operands and addresses. Shared memory
// is given up in columns first, then in rows.
#include "DenseStream.h"

using namespace mlir;

namespace attune::tile {

/// Numbers that a thread keeps in registers, of at most 255.
static constexpr int64_t kKeptNumbers = 144;
/// Longest row of lhs and rhs that is in shared memory as a whole; of longer ones as much at a
/// time.
static constexpr int64_t kWholeDepth = 128, kPartDepth = 32;
/// Most columns of values that one block gathers.
static constexpr int64_t kMostWidth = 128;
/// Columns of values where the number is not known.
static constexpr int64_t kUnknownWidth = 64;
/// A multiple of what lanes read side by side.
static constexpr int64_t kWidthStep = 8;
/// Numbers between rows that keep lanes apart in the banks of shared memory.
static constexpr int64_t kRowPadding = 4, kEntryPadding = 8;

static int64_t roundUp(int64_t value, int64_t step) { return (value + step - 1) / step * step; }

GpuDenseLowering::GpuDenseLowering(StreamOp op, Emitter &e, const ChipSpec &shape)
    : StreamLowering(op, e), unit(e, shape.precision), asyncCopies(shape.asyncCopies) {
  makePlan(shape);
}

void GpuDenseLowering::layOut() {
  SharedPlan memory;
  plan.lhs.clear();
  plan.rhs.clear();
  plan.values.assign(sinks.size(), {});
  plan.entries.assign(sinks.size(), {});
  plan.entryTile.assign(sinks.size(), -1);
  for (int64_t depth : plan.depths) {
    // Lanes read pairs: eight rows are apart where a row is an odd number of eights.
    int64_t padding = !plan.matrixUnits ? kRowPadding : depth % 16 == 0 ? 8 : 0;
    plan.lhs.push_back(memory.add(plan.blockRows(), depth, padding));
    plan.rhs.push_back(memory.add(plan.blockColumns(), depth, padding));
  }
  for (unsigned s = 0; s < sinks.size(); ++s) {
    if (!takesValues(sinks[s]))
      continue;
    plan.values[s] =
        memory.add(plan.blockColumns(), plan.widths[s], plan.valuesOnUnits ? kRowPadding : 0);
    plan.entryTile[s] = s;
    for (unsigned other = 0; other < s; ++other)
      if (sinks[s].kind == SinkKind::Apply && sinks[other].kind == SinkKind::Apply &&
          sinks[other].entry == sinks[s].entry)
        plan.entryTile[s] = plan.entryTile[other];
    if (plan.entryTile[s] == s && !plan.valuesOnUnits)
      plan.entries[s] = memory.add(plan.blockRows(), plan.blockColumns(), kEntryPadding);
  }
  plan.shared = memory.bytes;
}

void GpuDenseLowering::makePlan(const ChipSpec &shape) {
  if (op.getSegments())
    plan.warps = 2; // segments are short
  if (unit.isUsed()) {
    plan.matrixUnits = true;
    plan.valuesOnUnits = !op.getMasked();
    plan.lanesX = MatrixUnit::kLanesX;
    plan.lanesY = MatrixUnit::kLanesY;
    plan.rows = 4;
  }
  int64_t depthStep = unit.isUsed() ? unit.depth() : 4;
  for (Value lhs : op.getLhs()) {
    int64_t width = cast<MemRefType>(lhs.getType()).getShape().back();
    bool isWhole = !ShapedType::isDynamic(width) && width <= kWholeDepth;
    plan.isResident.push_back(isWhole);
    plan.depths.push_back(isWhole ? roundUp(std::max<int64_t>(width, 1), depthStep) : kPartDepth);
  }
  int64_t widest = 0;
  for (const Sink &sink : sinks) {
    int64_t width = 0;
    if (takesValues(sink)) {
      width = cast<MemRefType>(op.getValues()[sink.value].getType()).getShape().back();
      width = ShapedType::isDynamic(width)
                  ? kUnknownWidth
                  : std::min(roundUp(std::max<int64_t>(width, 1), kWidthStep), kMostWidth);
      widest += width;
    }
    plan.widths.push_back(width);
  }
  int64_t pairs = std::max<int64_t>(plan.depths.size(), 1);
  auto kept = [&] { return plan.rows * (pairs * plan.columns + widest / plan.lanesX); };
  // The sums of tf32x3 are there twice while values are multiplied.
  bool isDouble = shape.precision == Precision::TF32x3;
  plan.columns = (isDouble ? std::min<int64_t>(shape.columns, 32) : shape.columns) / plan.lanesX;
  // Matrix units take two rows of a lane, and of entries `depth` columns at a time.
  int64_t fewestRows = unit.isUsed() ? 2 : 1;
  int64_t fewestColumns = unit.isUsed() ? unit.depth() / plan.lanesX : 1;
  while (kept() > kKeptNumbers && plan.blockColumns() > 32)
    plan.columns /= 2;
  while (kept() > kKeptNumbers && plan.rows > fewestRows)
    plan.rows /= 2;
  layOut();
  while (plan.shared > shape.sharedBytes && plan.columns > fewestColumns) {
    plan.columns /= 2;
    layOut();
  }
  while (plan.shared > shape.sharedBytes && plan.rows > fewestRows) {
    plan.rows /= 2;
    layOut();
  }
}

} // namespace attune::tile
