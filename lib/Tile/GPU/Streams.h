// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Schedules of attn.stream for graphics processors.
#ifndef ATTUNE_LIB_TILE_GPU_STREAMS_H
#define ATTUNE_LIB_TILE_GPU_STREAMS_H

#include "../Stream.h"
#include "attune/Tile/GPU/ChipSpec.h"

namespace attune::nn {
class CsrOp;
} // namespace attune::nn

namespace attune::tile {

/// Whether the result of sink `s` begins at 0 (kFromZeroAttr).
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
