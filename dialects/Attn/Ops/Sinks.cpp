// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The sinks apply, row_sums and materialize; attn.dim; attn.attention, which decomposes into
// algebra.
#include "dialects/Attn/Kernels.h"
#include "dialects/Attn/Ops/Detail.h"

using namespace mlir;
using namespace attune;
using namespace attune::attn;
using namespace attune::attn::detail;

// apply

LogicalResult ApplyOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                        Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto matrix = cast<MatrixType>(adaptor.getMatrix().getType());
  auto v = dyn_cast<RankedTensorType>(adaptor.getV().getType());
  int64_t rank = matrix.getRank();
  if (!v || v.getRank() != rank)
    return emitOptionalError(loc, "`v` is ", adaptor.getV().getType(),
                             ", expected a tensor of rank ", rank, ", that of the matrix (C1)");
  if (!v.getElementType().isF32())
    return emitOptionalError(loc, "`v` must hold f32, got ", v.getElementType(), " (C1)");
  int64_t rows = rowDim(rank);
  if (failed(mergeSizes(matrix.getNumColumns(), v.getDimSize(rows), false)))
    return emitOptionalError(loc, "`v` has ", v.getDimSize(rows), " rows, expected ",
                             matrix.getNumColumns(), ", the columns of the matrix (C2)");
  SmallVector<int64_t> shape(v.getShape());
  shape[rows] = matrix.getNumRows();
  for (int64_t i = 0; i < rank - 1; ++i) {
    if (i == rows)
      continue;
    int64_t fromMatrix = matrix.getDimSize(i > rows ? i - 1 : i);
    FailureOr<int64_t> size = mergeSizes(fromMatrix, v.getDimSize(i), true);
    if (failed(size))
      return emitOptionalError(loc, "`v` has size ", v.getDimSize(i), " in dim ", i, ", expected ",
                               fromMatrix, " as the matrix or 1 (C3)");
    shape[i] = *size;
  }
  types.push_back(RankedTensorType::get(shape, v.getElementType()));
  return success();
}

LogicalResult ApplyOp::verify() {
  if (getInit() && getInit().getType() != getType())
    return emitOpError("`init` is ")
           << getInit().getType() << ", expected the result's type " << getType() << " (C4)";
  return success();
}

DimSource ApplyOp::getDimSource(unsigned, int64_t dim) {
  int64_t rank = rankOf(getResult()), rows = rowDim(rank);
  if (dim == rank - 1)
    return DimSource::of(getV(), dim);
  if (dim == rows)
    return DimSource::of(getMatrix(), rank - 2);
  return broadcastSource(getMatrix(), dim > rows ? dim - 1 : dim, getV(), dim);
}

namespace {
/// apply(A, V) into zeros -> apply(A, V).
struct DropZeroInit : OpRewritePattern<ApplyOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ApplyOp op, PatternRewriter &rewriter) const override {
    auto fill = op.getInit() ? op.getInit().getDefiningOp<linalg::FillOp>() : nullptr;
    if (!fill || !matchPattern(fill.getInputs().front(), m_PosZeroFloat()))
      return failure();
    rewriter.modifyOpInPlace(op, [&] { op.getInitMutable().clear(); });
    return success();
  }
};
} // namespace

void ApplyOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<DropZeroInit>(context);
}

// row_sums

LogicalResult RowSumsOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  auto matrix = cast<MatrixType>(adaptor.getMatrix().getType());
  int64_t rank = matrix.getRank();
  SmallVector<int64_t> shape(matrix.getShape().drop_back(std::min<int64_t>(rank, 3)));
  shape.push_back(matrix.getNumRows());
  if (rank > 2)
    shape.push_back(matrix.getNumHeads());
  types.push_back(RankedTensorType::get(shape, matrix.getElementType()));
  return success();
}

LogicalResult RowSumsOp::verify() {
  if (getInit() && getInit().getType() != getType())
    return emitOpError("`init` is ")
           << getInit().getType() << ", expected the result's type " << getType() << " (C1)";
  return success();
}

DimSource RowSumsOp::getDimSource(unsigned, int64_t dim) {
  int64_t rank = rankOf(getMatrix()), rows = rowDim(rank);
  if (dim == rows)
    return DimSource::of(getMatrix(), rank - 2);
  return DimSource::of(getMatrix(), dim > rows ? dim - 1 : dim);
}

// materialize

LogicalResult MaterializeOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                              Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto matrix = cast<MatrixType>(adaptor.getMatrix().getType());
  types.push_back(RankedTensorType::get(matrix.getShape(), matrix.getElementType()));
  return success();
}

DimSource MaterializeOp::getDimSource(unsigned, int64_t dim) {
  return DimSource::of(getMatrix(), dim);
}

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
  if (!llvm::is_contained({"none", "rows", "softmax"}, getNormalize()))
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

Value AttentionOp::decompose(OpBuilder &b) {
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
  return ApplyOp::create(b, loc, score, getV(), Value());
}
