// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Building gpu.launch: a kernel is written where it is started; gpu-kernel-outlining makes a
// function of it later.
#ifndef ATTUNE_LIB_TILE_GPU_LAUNCH_H
#define ATTUNE_LIB_TILE_GPU_LAUNCH_H

#include "../Emitter.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

namespace attune::tile {

/// The module that all kernels stand in.
inline constexpr llvm::StringLiteral kKernelModule = "kernels";
/// Threads of a warp.
inline constexpr int64_t kWarp = 32;

/// Blocks of a grid (x, y, z; null for 1), threads of a block, bytes of shared memory of a block.
struct Grid {
  Value x, y = {}, z = {};
  int64_t threads = 256;
  int64_t shared = 0;
};

/// Emits a launch in front of the builder's place. `body` gets the thread and the block's x, y, z,
/// and emits what one thread does. `name` becomes part of the kernel's.
void emitLaunch(Emitter &e, llvm::StringRef name, const Grid &grid,
                llvm::function_ref<void(Value thread, ValueRange block)> body);

/// A launch with one thread for each number below `count`.
void emitForEach(Emitter &e, llvm::StringRef name, Value count, int64_t threads,
                 llvm::function_ref<void(Value)> body);

/// Position of element number `linear` in an array of these extents, last dimension fastest.
Values delinearize(Emitter &e, Value linear, ValueRange extents);

} // namespace attune::tile

#endif
