// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// attn.stream over columns tile by tile: the kernel (DenseStream.cpp), what sinks do with the
// entries of a tile (DenseSinks.cpp), and the sizes of tiles (DensePlan.cpp).
#ifndef ATTUNE_LIB_TILE_GPU_DENSESTREAM_H
#define ATTUNE_LIB_TILE_GPU_DENSESTREAM_H

#include "Block.h"
#include "MatrixUnit.h"
#include "Streams.h"

namespace attune::tile {

/// Sizes of a block's tiles. A warp has lanesY * rows rows, and each of its lanes every lanesY-th
/// of them; of the columns every lanesX-th, or with matrix units every lanesX-th pair.
struct DensePlan {
  int64_t warps = 4;
  /// Lanes of a warp side by side in a row of the tile, and one below the other.
  int64_t lanesX = 8, lanesY = 4;
  bool matrixUnits = false;
  /// Also for entries times values: not where entries can be absent, whose values may be anything.
  bool valuesOnUnits = false;
  /// Rows and columns of pairs of one thread.
  int64_t rows = 8, columns = 4;
  int64_t blockRows() const { return warps * lanesY * rows; }
  int64_t blockColumns() const { return columns * lanesX; }
  int64_t threads() const { return warps * kWarp; }

  /// Numbers of a row of lhs and rhs that are in shared memory at a time, for each product; the
  /// whole row is there, once for all columns, where `isResident`.
  llvm::SmallVector<int64_t> depths;
  llvm::SmallVector<bool> isResident;
  /// For each sink with values its columns in a block, a multiple of 8; 0 for other sinks.
  llvm::SmallVector<int64_t> widths;
  /// Numbers of values that a thread reads at once from a row, for each sink.
  int64_t vector(unsigned s) const {
    if (matrixUnits)
      return 2;
    return widths[s] % (4 * lanesX) == 0 ? 4 : widths[s] % (2 * lanesX) == 0 ? 2 : 1;
  }
  /// Columns of a sink's values that belong to one thread.
  int64_t own(unsigned s) const { return widths[s] / lanesX; }

  /// Tiles of the products, and of each sink its entries and values. Sinks that apply the same
  /// entry share its tile.
  llvm::SmallVector<SharedTile> lhs, rhs, entries, values;
  llvm::SmallVector<int64_t> entryTile;
  int64_t shared = 0;
};

class GpuDenseLowering : public StreamLowering {
public:
  GpuDenseLowering(StreamOp op, Emitter &e, const ChipSpec &shape);
  void emit() override;

private:
  /// Rows and columns of one visit; the segment's first row and column, and its block in a table.
  struct Range {
    Value rowBegin, rowEnd, columnBegin, columnEnd;
    Value segmentBegin = {}, segmentEnd = {}, blockStart = {}, isWide = {};
  };
  /// What a thread keeps of each sink from tile to tile: products [rows x own], the largest entry
  /// and the sum of each row. In this order in the loop's values.
  struct SinkState {
    Values products, largest, total;
  };
  using State = llvm::SmallVector<SinkState>;

  // DensePlan.cpp
  void makePlan(const ChipSpec &shape);
  void layOut();

  // DenseStream.cpp
  Range segmentRange(Value segment);
  void emitRange(const StreamViews &views, const Range &range);
  void copyLhs(const StreamViews &views, const Range &range, unsigned n, Value depth);
  void copyRhs(const StreamViews &views, const Range &range, unsigned n, Value first, Value depth);
  void copyValues(const StreamViews &views, const Range &range, Value first);
  Values emitProducts(const StreamViews &views, const Range &range, unsigned n, Value first);
  Values productTile(unsigned n, ValueRange sums);
  Values matrixTile(unsigned n, ValueRange sums);
  void emitEntries(const StreamViews &views, const Range &range, Value first,
                   llvm::ArrayRef<Values> products, llvm::ArrayRef<Values> rowOperands,
                   State &state);
  void applyValues(unsigned s, State &state);
  void applyMatrices(unsigned s, State &state);
  Value loadClass(const Range &range, Value row, Value column);
  Values loadBlockEntry(const StreamViews &views, const Range &range, Value row, Value column);
  Value row(int64_t i) { return e.add(firstRow, i * plan.lanesY); }
  Value column(int64_t j) {
    if (plan.matrixUnits)
      return e.add(e.mul(lane, 2), j / 2 * MatrixUnit::kColumns + j % 2);
    return e.add(lane, j * plan.lanesX);
  }
  /// Whether a block has all columns of every sink's values.
  bool hasOneChunk() const {
    return llvm::all_of(llvm::seq<unsigned>(0, sinks.size()), [&](unsigned s) {
      if (!plan.widths[s])
        return true;
      Value values = const_cast<StreamOp &>(op).getValues()[sinks[s].value];
      int64_t width = mlir::cast<mlir::MemRefType>(values.getType()).getShape().back();
      return !mlir::ShapedType::isDynamic(width) && width <= plan.widths[s];
    });
  }
  bool hasValues() const {
    return llvm::any_of(sinks, [&](const Sink &sink) { return takesValues(sink); });
  }

  // DenseSinks.cpp
  State initialState();
  static Values flatten(const State &state);
  State unflatten(ValueRange values);
  void gatherRow(const StreamViews &views, const Range &range, unsigned s, int64_t i, Value first,
                 ValueRange entries, ValueRange masks, SinkState &state);
  void finish(const StreamViews &views, const Range &range, State &state);
  void store(const StreamViews &views, unsigned s, int64_t i, Value row, SinkState &state);

  DensePlan plan;
  MatrixUnit unit;
  BlockEmitter *block = nullptr;
  bool asyncCopies;
  /// Of the thread: its first row in the block, its number in the warp's row.
  Value firstRow, lane;
  /// First column of values, where a block has not all.
  Value chunk;
  /// With matrix units, the entries of the tile that each sink multiplies, [rows x columns].
  llvm::SmallVector<Values> ownEntries;
};

} // namespace attune::tile

#endif
