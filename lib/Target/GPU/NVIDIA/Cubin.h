// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Machine code from PTX, by NVIDIA's assembler where one is found.
#ifndef ATTUNE_LIB_TARGET_GPU_NVIDIA_CUBIN_H
#define ATTUNE_LIB_TARGET_GPU_NVIDIA_CUBIN_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <optional>
#include <string>

namespace attune::gpu {

struct Cubin {
  std::string data;
  /// The program or library that made it, and what it says about registers, spills and shared
  /// memory.
  std::string assembler, report;
};

/// None where neither ptxas nor libnvJitLink is found. Tried in this order: the program that
/// ATTUNE_PTXAS names, ptxas in CUDA_HOME/bin and CUDA_PATH/bin, on the path and in
/// /usr/local/cuda/bin, then libnvJitLink.so.13 and .12 where the loader finds them. An empty
/// ATTUNE_PTXAS means that none is to be used.
llvm::Expected<std::optional<Cubin>> assemble(llvm::StringRef ptx, llvm::StringRef chip);

/// Why there is no machine code: where an assembler was looked for, and how to get one.
std::string noAssembler();

} // namespace attune::gpu

#endif
