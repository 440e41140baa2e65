// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The table of chips. Shared memory is what one block can ask for (CUDA C++ Programming Guide,
// table of technical specifications by compute capability; for gfx90a the 64 KiB of local data
// share).
#include "attune/Tile/GPU/ChipSpec.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

namespace attune::tile {

static constexpr int64_t kKiB = 1024;

static const ChipSpec shapes[] = {
    {"sm_80", 163 * kKiB, 32, true},  {"sm_86", 99 * kKiB, 32, true},
    {"sm_87", 163 * kKiB, 32, true},  {"sm_89", 99 * kKiB, 32, true},
    {"sm_90", 227 * kKiB, 64, true},  {"sm_100", 227 * kKiB, 64, true},
    {"sm_103", 227 * kKiB, 64, true}, {"sm_120", 99 * kKiB, 32, true},
    {"gfx90a", 64 * kKiB, 32, false},
};

std::optional<Precision> parsePrecision(llvm::StringRef text) {
  return llvm::StringSwitch<std::optional<Precision>>(text)
      .Case("f32", Precision::F32)
      .Case("tf32x3", Precision::TF32x3)
      .Case("tf32", Precision::TF32)
      .Case("bf16", Precision::BF16)
      .Default(std::nullopt);
}

std::optional<ChipSpec> findChip(llvm::StringRef chip) {
  if (chip.starts_with("sm_"))
    chip.consume_back("a");
  const ChipSpec *found =
      llvm::find_if(shapes, [&](const ChipSpec &shape) { return shape.chip == chip; });
  return found == std::end(shapes) ? std::nullopt : std::optional(*found);
}

llvm::StringRef gpuChips() { return "sm_80, sm_86, sm_87, sm_89, sm_90, sm_100, sm_103 or sm_120"; }

} // namespace attune::tile
