// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Schedules of attn.stream for graphics processors.
#ifndef ATTUNE_LIB_TILE_GPU_STREAMS_H
#define ATTUNE_LIB_TILE_GPU_STREAMS_H

#include "../Stream.h"
#include "attune/Tile/GpuShape.h"
#include "dialects/NN/NN.h"

namespace attune::tile {

std::unique_ptr<StreamLowering> makeGpuDenseLowering(StreamOp op, Emitter &e,
                                                     const GpuShape &shape);
std::unique_ptr<StreamLowering> makeGpuCsrLowering(StreamOp op, Emitter &e);

/// Lowers nn.csr on memrefs.
void emitGpuCsr(Emitter &e, nn::CsrOp op);

} // namespace attune::tile

#endif
