// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where the dimensions of an op's results come from, stated once by the op; reification, value
// bounds and the trace of named sizes (Sizes.h) follow from it.
#ifndef ATTUNE_SIZES_DIMSOURCE_H
#define ATTUNE_SIZES_DIMSOURCE_H

#include "attune/Sizes/Sizes.h"

#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

namespace attune {

/// Origin of one dimension of a result: a dimension of another shaped value, or a number or index
/// value; `offset` is added.
struct DimSource {
  mlir::Value shaped;
  int64_t dim = 0;
  mlir::OpFoldResult index;
  int64_t offset = 0;

  static DimSource of(mlir::Value shaped, int64_t dim, int64_t offset = 0) {
    return {shaped, dim, {}, offset};
  }
  static DimSource of(mlir::OpFoldResult index) { return {{}, 0, index, 0}; }
};

} // namespace attune

#include "attune/Sizes/DimSource.h.inc"
#include "attune/Sizes/UnstoredType.h.inc"

namespace attune {

/// Shape of a result from its op's DimSourceOpInterface.
mlir::LogicalResult reifyFromDimSources(mlir::Operation *op, mlir::OpBuilder &b,
                                        mlir::ReifiedRankedShapedTypeDims &dims);
void boundFromDimSources(mlir::Value value, int64_t dim, mlir::ValueBoundsConstraintSet &cstr);

} // namespace attune

#endif
