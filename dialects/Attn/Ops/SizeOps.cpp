// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// attn.dim and attn.data_size.
#include "attune/Dialect/Attn/SizeOps.h"
#include "attune/Dialect/Attn/RowLayout.h"
#include "attune/Sizes/DimSource.h"
#include "attune/Sizes/Sizes.h"

using namespace mlir;
using namespace attune;
using namespace attune::attn;
using namespace attune::attn::detail;

// data_size

LogicalResult DataSizeOp::verify() {
  if (getSymbol().empty())
    return emitOpError("`symbol` is empty, expected the name of a size (C1)");
  if (static_cast<int64_t>(getFactor()) < 1)
    return emitOpError("`factor` is ")
           << static_cast<int64_t>(getFactor()) << ", must be at least 1 (C2)";
  return success();
}

// dim

LogicalResult DimOp::verify() {
  int64_t rank = rankOf(getMatrix()), dim = getDim();
  if (dim < 0 || dim >= rank)
    return emitOpError("dimension ")
           << dim << " must be at least 0 and below the rank " << rank << " (C1)";
  return success();
}

OpFoldResult DimOp::fold(FoldAdaptor) {
  auto type = cast<MatrixType>(getMatrix().getType());
  if (type.isDynamicDim(getDim()))
    return {};
  return Builder(getContext()).getIndexAttr(type.getDimSize(getDim()));
}

namespace {
/// The dimension of an expression is one of the tensors that it is made of.
struct ResolveDim : OpRewritePattern<DimOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(DimOp op, PatternRewriter &rewriter) const override {
    if (!op.getMatrix().getDefiningOp<DimSourceOpInterface>())
      return failure();
    rewriter.replaceOp(op, dimValue(rewriter, op.getLoc(), op.getMatrix(), op.getDim()));
    return success();
  }
};
} // namespace

void DimOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<ResolveDim>(context);
}

SizePoly DimOp::getIndexSize() { return sizeOf(getMatrix(), getDim()); }

SizePoly DataSizeOp::getIndexSize() {
  return SizePoly(static_cast<int64_t>(getFactor())) * SizePoly::symbol(getSymbol());
}

Value MatrixType::buildDim(OpBuilder &b, Location loc, Value value, int64_t dim) const {
  return DimOp::create(b, loc, value, dim);
}

#define GET_OP_CLASSES
#include "attune/Dialect/Attn/SizeOps.cpp.inc"
