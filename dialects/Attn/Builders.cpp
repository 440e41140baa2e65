// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "attune/Dialect/Attn/AttnBase.h"

using namespace mlir;

namespace attune::attn {

FailureOr<Value> SliceBuilder::slice(Value matrix) {
  auto op = matrix.getDefiningOp<MatrixOpInterface>();
  return op ? op.buildSlice(*this) : FailureOr<Value>(failure());
}

Value SliceBuilder::sliceTensor(Value tensor, int64_t dim) {
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0)),
      strides(type.getRank(), b.getIndexAttr(1));
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, tensor);
  offsets[dim] = offset;
  sizes[dim] = size;
  return tensor::ExtractSliceOp::create(b, loc, tensor, offsets, sizes, strides);
}

} // namespace attune::attn
