// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Slices of tensors, shared by the tensor and scf ops.
#ifndef ATTUNE_LIB_REFERENCE_SLICES_H
#define ATTUNE_LIB_REFERENCE_SLICES_H

#include "ScalarProgram.h"

#include "mlir/Interfaces/ViewLikeInterface.h"

namespace attune::reference {

struct Slice {
  Shape offsets, sizes, strides;
};

Slice sliceOf(mlir::OffsetSizeAndStrideOpInterface op, Frame &frame);

/// Calls `visit(element of the slice, element of the whole)`; fails where the slice leaves `shape`.
mlir::LogicalResult forEachOfSlice(mlir::Operation *op, Frame &frame, const Slice &slice,
                                   const Shape &shape,
                                   llvm::function_ref<void(int64_t, int64_t)> visit);

/// Writes `source` to a slice; sizes of 1 may be missing in the source's shape.
mlir::LogicalResult insertSlice(mlir::Operation *op, Frame &frame, const Slice &slice,
                                const Tensor &source, Tensor &target);

} // namespace attune::reference

#endif
