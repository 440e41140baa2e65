// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// attn.attention: what an importer writes, and its decomposition into algebra.
#include "attune/Dialect/Attn/Surface.h"
#include "attune/Dialect/Attn/Algebra.h"
#include "attune/Dialect/Attn/Entrywise.h"
#include "attune/Dialect/Attn/Kernels.h"
#include "attune/Dialect/Attn/RowLayout.h"
#include "attune/Dialect/Attn/Sinks.h"
#include "attune/Dialect/Attn/Sources.h"
#include "attune/Dialect/Attn/Structure.h"
#include "attune/Sizes/DimSource.h"
#include "attune/Support/LinalgBuilders.h"

using namespace mlir;
using namespace attune;
using namespace attune::attn;
using namespace attune::attn::detail;

// attention

LogicalResult AttentionOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto q = dyn_cast<RankedTensorType>(adaptor.getQ().getType()),
       k = dyn_cast<RankedTensorType>(adaptor.getK().getType());
  auto v = dyn_cast<RankedTensorType>(adaptor.getV().getType());
  FailureOr<SmallVector<int64_t>> pairs = pairShape(loc, q, k, "q", "k");
  if (failed(pairs))
    return failure();
  int64_t rank = q.getRank(), rows = rowDim(rank);
  if (!q.getElementType().isF32() || !k.getElementType().isF32())
    return emitOptionalError(loc, "`q` and `k` must be f32 tensors (C1)");
  if (!v || v.getRank() != rank || !v.getElementType().isF32() ||
      failed(mergeSizes(v.getDimSize(rows), k.getDimSize(rows), false)))
    return emitOptionalError(loc, "`v` is ", adaptor.getV().getType(),
                             ", expected f32 with the rank and rows of `k` (C4)");
  SmallVector<int64_t> shape(v.getShape());
  shape[rows] = q.getDimSize(rows);
  for (int64_t i = 0; i < rank - 1; ++i) {
    if (i == rows)
      continue;
    FailureOr<int64_t> size = mergeSizes((*pairs)[i > rows ? i - 1 : i], v.getDimSize(i), true);
    if (failed(size))
      return emitOptionalError(loc, "`v` has size ", v.getDimSize(i), " in dim ", i, ", expected ",
                               (*pairs)[i > rows ? i - 1 : i], " as `q` and `k` or 1 (C5)");
    shape[i] = *size;
  }
  types.push_back(RankedTensorType::get(shape, v.getElementType()));
  return success();
}

LogicalResult AttentionOp::verify() {
  if (!findKernel(getKernel()))
    return emitOpError("unknown kernel \"")
           << getKernel() << "\", expected " << kernelNames() << " (C6)";
  if (!llvm::is_contained(normalizeNames(), getNormalize()))
    return emitOpError("unknown normalisation \"")
           << getNormalize() << "\", expected none, rows or softmax (C6)";
  if (getNormalize() == "softmax" && getKernel() != "exp")
    return emitOpError("softmax normalisation goes with the kernel \"exp\", got \"")
           << getKernel() << "\" (C7)";
  FailureOr<SmallVector<int64_t>> pairs =
      pairShape(std::nullopt, getQ().getType(), getK().getType(), "q", "k");
  if (failed(pairs)) // inferReturnTypes says why
    return success();
  auto matrix = MatrixType::get(getContext(), *pairs, Float32Type::get(getContext()));
  if (getSegments() &&
      failed(verifyMask(*this, matrix, MaskKind::Segments, getSegments(), "C8", "C8")))
    return failure();
  if (getCausal() && failed(verifyMask(*this, matrix, MaskKind::Causal, Value(), "C8", "C8")))
    return failure();
  if (getKeyMask() &&
      failed(verifyMask(*this, matrix, MaskKind::KeyMask, getKeyMask(), "C8", "C8")))
    return failure();
  return success();
}

DimSource AttentionOp::getDimSource(unsigned, int64_t dim) {
  int64_t rank = rankOf(getQ()), rows = rowDim(rank);
  if (dim == rank - 1)
    return DimSource::of(getV(), dim);
  if (dim == rows)
    return DimSource::of(getQ(), rows);
  DimSource pair = broadcastSource(getQ(), dim, getK(), dim);
  return broadcastSource(pair.shaped, pair.dim, getV(), dim);
}

FailureOr<SmallVector<Value>> AttentionOp::decompose(OpBuilder &b) {
  Location loc = getLoc();
  const Kernel *kernel = findKernel(getKernel());
  Value score = kernel->ofDistance ? DistanceOp::create(b, loc, getQ(), getK()).getResult()
                                   : DotOp::create(b, loc, getQ(), getK()).getResult();
  auto type = cast<MatrixType>(score.getType());
  if (getScale().convertToDouble() != 1.0)
    score = ScaleOp::create(b, loc, type, score, Value(), Value(), Value(),
                            realConstant(b, loc, getScale().convertToDouble()));
  bool isSoftmax = getNormalize() == "softmax"; // takes the exponential itself
  if (!isSoftmax) {
    auto map = MapOp::create(b, loc, type, score, ValueRange(), ValueRange(), ValueRange(),
                             ValueRange(), getKernelAttr());
    OpBuilder::InsertionGuard guard(b);
    Block *block = b.createBlock(&map.getBody(), {}, {b.getF32Type()}, {loc});
    YieldOp::create(b, loc, kernel->build(b, loc, block->getArgument(0)));
    score = map.getResult();
  }
  auto restrictTo = [&](MaskKind kind, Value mask) {
    score = RestrictOp::create(b, loc, type, score, kind, mask, DenseI64ArrayAttr());
  };
  if (getSegments())
    restrictTo(MaskKind::Segments, getSegments());
  if (getCausal())
    restrictTo(MaskKind::Causal, Value());
  if (getKeyMask())
    restrictTo(MaskKind::KeyMask, getKeyMask());
  if (isSoftmax)
    score = SoftmaxOp::create(b, loc, type, score);
  else if (getNormalize() == "rows")
    score = NormalizeRowsOp::create(b, loc, type, score);
  return SmallVector<Value>{ApplyOp::create(b, loc, score, getV(), Value())};
}

#define GET_OP_CLASSES
#include "attune/Dialect/Attn/Surface.cpp.inc"
