// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// attn.stream over columns panel by panel: the loops (StreamDense.cpp), what each kind of sink does
// with entries (StreamSinks.cpp), and entries that are read from tables (StreamBlocks.cpp).
#ifndef ATTUNE_LIB_TILE_CPU_STREAMDENSE_H
#define ATTUNE_LIB_TILE_CPU_STREAMDENSE_H

#include "../Stream.h"

namespace attune::tile {

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
  void emitProducts(const StreamViews &views, const Buffers &buffers, Value tile, Value panel,
                    Value columns);

  // StreamBlocks.cpp
  Value loadWithin(Value table, Value at, Value end);
  Value lookUp(Value table, Value places);
  Values loadBlock(const StreamViews &views, const Range &range, Value row, Value column);

  // StreamSinks.cpp
  Value beginRow(const Buffers &buffers, unsigned s, Value inBlock);
  Value gather(const StreamViews &views, const Buffers &buffers, unsigned s, Value row,
               Value inTile, Value panel, Value chunk, ValueRange entries, ValueRange masks,
               Value running);
  void finishRow(const Buffers &buffers, unsigned s, Value inTile, Value inBlock, Value columns,
                 Value running);
  void finish(const StreamViews &views, const Buffers &buffers, const Range &range);

  Value widthOf(const StreamViews &views, const Sink &sink) {
    return e.dim(views.values[sink.value], 1);
  }
  /// The panel's values can be read where they are.
  bool readsInPlace(Value values) {
    int64_t width = Emitter::staticDim(values, 1);
    return Emitter::hasUnitInnerStride(values) && !mlir::ShapedType::isDynamic(width) &&
           width % e.shape.lanes == 0;
  }
  int64_t panelColumns();
  bool needsInPanel() {
    return llvm::any_of(sinks, [](const Sink &sink) { return sink.kind != SinkKind::Apply; });
  }
};

} // namespace attune::tile

#endif
