// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// attn.stream over the edges of each row, as far as all targets do the same: one loop over the
// edges evaluates the region on numbers and gathers entry * values[column] for some columns of the
// result at a time; maxima, which softmax needs first, take a loop of their own. How columns are
// spread over lanes or threads is up to the target.
#ifndef ATTUNE_LIB_TILE_CSRSTREAM_H
#define ATTUNE_LIB_TILE_CSRSTREAM_H

#include "Stream.h"

namespace attune::tile {

class CsrStreamLowering : public StreamLowering {
public:
  using StreamLowering::StreamLowering;

protected:
  /// A row with what its edges have in common.
  struct Row {
    const StreamViews &views;
    Value number, begin, end;
    /// Elements of `rows` there, and the largest entry of each sink that needs it.
    Values rows, largest;
  };

  // What a target decides.

  /// Dot product or squared distance number `n` of a pair.
  virtual Value product(const StreamViews &views, unsigned n, Value row, Value column) = 0;
  /// Gathers the sinks in `which`, all but maxima, in one or more calls of `gather`.
  virtual void gatherColumns(const Row &row, llvm::ArrayRef<unsigned> which) = 0;
  /// The columns of sink `s` that one call of `gather` takes, from `first` on; an accumulator each.
  virtual Values columnsFrom(const StreamViews &views, unsigned s, Value first, int64_t count) = 0;
  /// A number for all columns of an accumulator.
  virtual Value spread(Value number) = 0;
  /// The values of sink `s` at those columns.
  virtual Value loadColumns(const StreamViews &views, unsigned s, Value row, Value column) = 0;
  /// `body` by one of the threads that have the row; where `condition` (null: always) holds.
  virtual void once(Value condition, llvm::function_ref<void()> body) = 0;
  /// Adds to the result of sink `s`: a number of the row, or columns.
  virtual void addNumber(const StreamViews &views, unsigned s, Value row, Value sum) = 0;
  virtual void addColumns(const StreamViews &views, unsigned s, Value row, Value column,
                          Value sum) = 0;

  // What all share.

  /// Visits the row's edges for all sinks.
  void gatherRow(const StreamViews &views, Value row);
  /// The row without maxima.
  Row rowAt(const StreamViews &views, Value row);
  /// The sinks in `which` in one loop over the edges, their columns from `first` on; with the first
  /// columns sums and stored entries as well.
  void gather(const Row &row, llvm::ArrayRef<unsigned> which, Value first, int64_t count);
  /// The visited edge's column, and its entries.
  std::pair<Value, StreamEntries> visit(const Row &row, Value edge);
  /// The entry of sink `s`, `absent` where it is not there.
  Value pick(const StreamEntries &entries, unsigned s, Value absent);
  Value widthOf(const StreamViews &views, unsigned s) {
    return e.dim(views.values[sinks[s].value], 1);
  }
};

} // namespace attune::tile

#endif
