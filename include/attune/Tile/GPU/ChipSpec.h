// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the schedules must know of a graphics processor: one row for each chip.
#ifndef ATTUNE_TILE_GPU_CHIPSPEC_H
#define ATTUNE_TILE_GPU_CHIPSPEC_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>

namespace attune::tile {

/// Numbers that products of matrices are formed from; sums are in f32 always. `TF32x3` adds what
/// one rounding to tf32 takes away as two more products.
enum class Precision { F32, TF32x3, TF32, BF16 };

/// f32, tf32x3, tf32 or bf16; none for another text.
std::optional<Precision> parsePrecision(llvm::StringRef text);

/// Sizes of a chip, and the tile sizes that go with them.
struct ChipSpec {
  llvm::StringLiteral chip;
  /// Bytes of shared memory that one block can ask for.
  int64_t sharedBytes;
  /// Columns of a tile of pairs, where registers and shared memory allow it: with 32 two blocks fit
  /// on a multiprocessor of sm_80, and sm_90 has room for two with 64.
  int64_t columns;
  /// Copies to shared memory go past the registers (cp.async).
  bool asyncCopies;
  /// Not a property of the chip: what the user asked for.
  Precision precision = Precision::F32;
};

/// The row of the chip; `sm_90a` is that of `sm_90`. None for a chip that is not known.
std::optional<ChipSpec> findChip(llvm::StringRef chip);
/// The known chips, for messages.
llvm::StringRef gpuChips();

} // namespace attune::tile

#endif
