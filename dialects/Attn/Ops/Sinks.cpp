// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The sinks apply, row_sums, materialize and nystrom_residual.
#include "attune/Dialect/Attn/Sinks.h"
#include "attune/Dialect/Attn/RowLayout.h"
#include "attune/Sizes/DimSource.h"

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

// nystrom_residual

/// nystrom_residual C X  ->  diagonal - sum over b of (C X)_ib C_ib, on the stored C.
FailureOr<SmallVector<Value>> NystromResidualOp::decompose(OpBuilder &b) {
  Location loc = getLoc();
  Value c = MaterializeOp::create(b, loc, getMatrix());
  auto type = cast<RankedTensorType>(c.getType());
  int64_t rank = type.getRank();
  // Loops: batch and heads, row, column b of X; then row a of X, which is summed over.
  int64_t outer = rank - 2, row = outer, columnB = outer + 1, columnA = outer + 2;
  auto isOne = [](Value v, int64_t d) { return cast<ShapedType>(v.getType()).getDimSize(d) == 1; };
  auto mapped = [&](Value v, int64_t first, int64_t second) {
    LoopOperand operand{v, {}};
    for (int64_t d = 0; d < outer; ++d)
      operand.loops.push_back(isOne(v, d) ? ~d : d);
    operand.loops.append({first, second});
    return operand;
  };
  SmallVector<OpFoldResult> sizes = mixedSizes(b, loc, c), tableSizes = mixedSizes(b, loc, getX());
  for (int64_t d = 0; d < outer; ++d)
    if (isOne(c, d))
      sizes[d] = tableSizes[d];
  SmallVector<int64_t> all = llvm::to_vector(llvm::seq<int64_t>(0, outer));
  LoopOperand product{buildFilled(b, loc, sizes), all};
  product.loops.append({row, columnB});
  product.value = buildGeneric(b, loc, {mapped(c, row, columnA), mapped(getX(), columnA, columnB)},
                               product, [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                                 Value term = arith::MulFOp::create(b, loc, args[0], args[1]);
                                 return arith::AddFOp::create(b, loc, args[2], term);
                               });
  // Rows come before heads in the result.
  SmallVector<int64_t> resultLoops = all;
  SmallVector<OpFoldResult> resultSizes(sizes.begin(), sizes.end() - 2);
  int64_t place = outer == 0 ? 0 : outer - 1;
  resultLoops.insert(resultLoops.begin() + place, row);
  resultSizes.insert(resultSizes.begin() + place, sizes[rank - 2]);
  LoopOperand result{buildFilled(b, loc, resultSizes, getDiagonal().convertToDouble()),
                     resultLoops};
  return SmallVector<Value>{buildGeneric(b, loc, {product, mapped(c, row, columnB)}, result,
                                         [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                                           Value term =
                                               arith::MulFOp::create(b, loc, args[0], args[1]);
                                           return arith::SubFOp::create(b, loc, args[2], term);
                                         })};
}

#define GET_OP_CLASSES
#include "attune/Dialect/Attn/Sinks.cpp.inc"
