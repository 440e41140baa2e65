// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The vector registers of a target and the sizes of the blocks of work that follow from them.
#ifndef ATTUNE_LIB_TILE_VECTORSHAPE_H
#define ATTUNE_LIB_TILE_VECTORSHAPE_H

#include <algorithm>
#include <cstdint>

namespace attune::tile {

/// Lanes of a vector register and how many registers there are.
struct VectorShape {
  int64_t lanes = 16;
  int64_t registers = 32;
  /// Narrow targets may lack a fused multiply-add; there it would be a library call.
  bool hasFma = true;

  /// The target's registers with `lanes` f32 numbers each; as many as x86 has of that width unless
  /// `registers` says so. SSE has 16 and no fused multiply-add, NEON has 32 and one.
  static VectorShape forLanes(int64_t lanes, int64_t registers = 0) {
    if (!registers)
      registers = lanes >= 16 ? 32 : 16;
    return {lanes, registers, lanes >= 8 || registers >= 32};
  }
  /// The same registers holding f64 numbers.
  VectorShape forDoubles() const { return {lanes / 2, registers, hasFma}; }

  /// Rows of the register tile.
  int64_t rows() const { return 6; }
  /// Vectors in a row of the register tile: accumulators, one row of the right operand and one
  /// broadcast element fill the registers without spilling.
  int64_t vectors() const { return registers >= 32 ? 4 : 2; }
  /// Columns of the register tile, and of a packed panel.
  int64_t panel() const { return vectors() * lanes; }
  /// Vectors that a row of `columns` columns takes.
  int64_t vectorsFor(int64_t columns) const { return (columns + lanes - 1) / lanes; }
};

/// Most rows of a task: what is packed for a panel is used for so many rows. A multiple of the
/// tile's rows.
inline constexpr int64_t kTaskRows = 192;
/// Fewest rows of a task, while there are so many.
inline constexpr int64_t kMinTaskRows = 48;
/// Longest run of products that is summed up in one accumulator.
inline constexpr int64_t kSumBlock = 128;
/// Elements, or multiply-adds, below which starting threads costs more than it gains.
inline constexpr int64_t kSmallElements = 16 * 1024;
inline constexpr int64_t kSmallProducts = 384 * 1024;

} // namespace attune::tile

#endif
