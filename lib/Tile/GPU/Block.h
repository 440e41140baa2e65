// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What threads of one block do together: shared memory, barriers, copies, sums over lanes.
#ifndef ATTUNE_LIB_TILE_GPU_BLOCK_H
#define ATTUNE_LIB_TILE_GPU_BLOCK_H

#include "Launch.h"

namespace attune::tile {

/// A tile in shared memory: `rows` rows of `columns` numbers, a whole number of fours, `stride`
/// numbers apart.
struct SharedTile {
  int64_t rows = 0, columns = 0, stride = 0;
  /// Its first byte in the block's memory.
  int64_t offset = 0;
  Value memref = {};

  int64_t bytes() const { return rows * stride * 4; }
};

/// Deals out the shared memory of a block.
struct SharedPlan {
  int64_t bytes = 0;

  SharedTile add(int64_t rows, int64_t columns, int64_t padding) {
    SharedTile tile{rows, columns, columns + padding, bytes};
    bytes += (tile.bytes() + 127) / 128 * 128;
    return tile;
  }
};

/// Part of a matrix [rows, width] in device memory.
struct TileSource {
  Value matrix;
  /// Rows from `rowBegin` on; those from `rowEnd` on are 0 in the tile.
  Value rowBegin, rowEnd;
  /// Columns from `columnBegin` on; those from `columnEnd` on are 0 in the tile.
  Value columnBegin, columnEnd;
};

class BlockEmitter {
public:
  BlockEmitter(Emitter &e, Value thread, int64_t threads, bool asyncCopies)
      : e(e), thread(thread), threads(threads), asyncCopies(asyncCopies) {}

  Emitter &e;
  Value thread;
  int64_t threads;
  bool asyncCopies;

  /// Makes views of the block's shared memory.
  void allocate(llvm::ArrayRef<SharedTile *> tiles);
  void barrier();
  /// Orders the lanes of the warp; a chip without asynchronous copies orders the block, so all
  /// threads must come here.
  void warpBarrier();
  /// Starts to fill the tile; `wait` and a barrier must come before it is read. Four numbers at a
  /// time where the matrix is known to be aligned to them, else one at a time.
  void copy(const TileSource &source, const SharedTile &tile);
  /// What was copied since the last call is one group. The first call must dominate every wait.
  void commit();
  /// Waits for this thread's groups but the last `pending`.
  void wait(int64_t pending);

  Value loadShared(const SharedTile &tile, Value row, Value column);
  /// Four numbers (`width` of them) of a row; the column is a multiple of it.
  Value loadShared(const SharedTile &tile, Value row, Value column, int64_t width);
  void storeShared(Value value, const SharedTile &tile, Value row, Value column);
  /// The value of 32 bits of another lane of the warp.
  Value shuffle(mlir::gpu::ShuffleMode mode, Value value, Value offset);
  /// The value of the lane whose number differs in the bits of `mask`.
  Value shuffleXor(Value value, int64_t mask);
  /// Joins the values of groups of `lanes` lanes; all of them get the result.
  Value joinLanes(Value value, int64_t lanes, llvm::function_ref<Value(Value, Value)> join);

private:
  Value shared, token;
};

/// Whether every row of the matrix, seen as fours of numbers, is aligned to them as far as types
/// say.
bool isAlignedToFours(Value matrix);

} // namespace attune::tile

#endif
