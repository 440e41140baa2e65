// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Schedules of attn.stream for graphics processors.
#ifndef ATTUNE_LIB_TILE_GPU_STREAMS_H
#define ATTUNE_LIB_TILE_GPU_STREAMS_H

#include "../Stream.h"
#include "attune/Dialect/NN/Layers.h"
#include "attune/Tile/GPU/ChipSpec.h"

namespace attune::tile {

/// Marks a stream with the numbers of those of its sinks whose result holds nothing yet and begins
/// at 0.
inline constexpr llvm::StringLiteral kFromZeroAttr = "attune.from_zero";
bool isFromZero(StreamOp op, unsigned s);
/// Adds `sum` to what the result of sink `s` holds at `at`.
void addToResult(Emitter &e, StreamOp op, unsigned s, Value out, ValueRange at, Value sum);

std::unique_ptr<StreamLowering> makeGpuDenseLowering(StreamOp op, Emitter &e,
                                                     const ChipSpec &shape);
std::unique_ptr<StreamLowering> makeGpuCsrLowering(StreamOp op, Emitter &e);

/// Lowers nn.csr on memrefs.
void emitGpuCsr(Emitter &e, nn::CsrOp op);

} // namespace attune::tile

#endif
