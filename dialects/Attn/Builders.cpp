// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Services that matrix ops use to state their algebra.
#include "attune/Dialect/Attn/AttnBase.h"
#include "attune/Dialect/Attn/Entrywise.h"
#include "attune/Dialect/Attn/Sources.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/LinalgBuilders.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace attune::attn {

FailureOr<Value> SliceBuilder::slice(Value matrix) {
  if (Value slice = known.lookup(matrix))
    return slice;
  auto op = matrix.getDefiningOp<MatrixOpInterface>();
  FailureOr<Value> slice = op ? op.buildSlice(*this) : FailureOr<Value>(failure());
  if (succeeded(slice))
    known[matrix] = *slice;
  return slice;
}

Value SupportBuilder::support(Value matrix) {
  if (Value found = known.lookup(matrix))
    return found;
  OpBuilder::InsertionGuard place(b);
  if (standsBehind)
    b.setInsertionPointAfterValue(matrix);
  auto type = cast<MatrixType>(matrix.getType());
  MatrixFacts facts = factsOf(matrix);
  Value result;
  if (auto op = matrix.getDefiningOp<MatrixOpInterface>())
    result = op.buildSupport(*this);
  if (!result && facts.support == Support::Full && facts.complete) {
    SmallVector<Value> sizes;
    for (int64_t i = 0; i < type.getRank(); ++i)
      if (type.isDynamicDim(i))
        sizes.push_back(dimValue(b, loc, matrix, i));
    result = SplatOp::create(b, loc, type, f32Constant(b, loc, 1), sizes);
  }
  if (!result) {
    auto indicator = MapOp::create(b, loc, type, matrix, ValueRange(), ValueRange(), ValueRange(),
                                   ValueRange(), b.getStringAttr("support"));
    OpBuilder::InsertionGuard guard(b);
    b.createBlock(&indicator.getBody(), {}, {b.getF32Type()}, {loc});
    YieldOp::create(b, loc, f32Constant(b, loc, 1));
    result = indicator;
  }
  return known[matrix] = result;
}

std::string inWords(StringRef name, ArrayRef<std::string> operands) {
  constexpr size_t kLongest = 400;
  std::string text = name.str();
  if (operands.empty())
    return text;
  std::string list = llvm::join(operands, ", ");
  return text + "(" + (text.size() + list.size() > kLongest ? ".." : list) + ")";
}

FailureOr<SmallVector<Value>> buildEach(Operation *op, SinkBuilder &sinks,
                                        ArrayRef<SinkRequest> requests) {
  auto matrix = cast<MatrixOpInterface>(op);
  SmallVector<Value> results;
  for (const SinkRequest &request : requests) {
    FailureOr<Value> result =
        request.v ? matrix.buildApply(sinks, request) : matrix.buildRowSums(sinks, request);
    if (failed(result))
      return failure();
    results.push_back(*result);
  }
  return results;
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
