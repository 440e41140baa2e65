// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the lowerings of attn.stream share: the loops over batch entries and heads, views of the
// operands there, and the evaluation of the region.
#ifndef ATTUNE_LIB_TILE_STREAM_H
#define ATTUNE_LIB_TILE_STREAM_H

#include "Emitter.h"
#include "attune/Dialect/Attn/Stream.h"

namespace attune::tile {

using attn::SinkKind;
using attn::StreamOp;

/// The operands at one batch entry and head: matrices [rows, width], vectors [rows], numbers.
struct StreamViews {
  Values lhs, rhs, rows, cols, heads, edges, lookups, values, outs;
};

/// Entries of a pair (or of a vector of pairs); `present` is null where always present.
struct StreamEntries {
  Values entries;
  Value present;
};

class StreamLowering {
public:
  StreamLowering(StreamOp op, Emitter &e);
  virtual ~StreamLowering() = default;
  /// Emits the loops in front of the op.
  virtual void emit() = 0;

protected:
  StreamOp op;
  Emitter &e;
  int64_t batchRank = 0;
  /// Extents of the batch dimensions and of the heads.
  Values extents;
  Value numRows, numColumns;

  struct Sink {
    SinkKind kind;
    int64_t entry;
    /// Number in `values`, or -1.
    int64_t value;
  };
  llvm::SmallVector<Sink> sinks;

  bool takesValues(const Sink &sink) const {
    return sink.kind == SinkKind::Apply || sink.kind == SinkKind::Softmax;
  }
  /// Number of batch entries times heads.
  Value numEntries();
  /// The operands at one batch entry and head.
  StreamViews viewsAt(Value entry);
  /// Tasks for all batch entries and heads times `perHead`; `body` gets the views and a number
  /// below `perHead`.
  void forHeads(Value perHead, bool parallel,
                llvm::function_ref<void(const StreamViews &, Value)> body);
  /// `blocks`: the entry of a table of blocks, then what the lookups hold there.
  StreamEntries evaluate(const StreamViews &views, Value i, Value j, ValueRange dots,
                         ValueRange rows, ValueRange cols, ValueRange edges,
                         ValueRange blocks = {});
  /// Elements at `at` of vectors.
  Values loadAll(ValueRange memrefs, Value at);
  /// In steps of whole register-tile rows over `width` columns: offset and number of vectors.
  void forChunks(Value width, llvm::function_ref<void(Value, int64_t)> body);
  /// `width` rounded up to what forChunks covers.
  mlir::OpFoldResult paddedWidth(Value width);
  /// Mask of the columns below `width` in the vector that begins at `column`; null where all are.
  Value tailMask(Value width, Value column);
  /// out[.., column ..] += vector for the columns below `width`.
  void addTo(Value out, ValueRange row, Value column, Value width, Value vector);

private:
  Value viewOf(Value memref, ValueRange position, bool headFirst, int64_t kept);
};

std::unique_ptr<StreamLowering> makeDenseLowering(StreamOp op, Emitter &e);
std::unique_ptr<StreamLowering> makeCsrLowering(StreamOp op, Emitter &e);

} // namespace attune::tile

#endif
