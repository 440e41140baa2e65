// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The algebra: add, hadamard, scale and transpose. Linear forms:
//   (A + B) V = A V + B V;  (r A c) V = r (A (c V));  A^T V.
#include "attune/Dialect/Attn/Algebra.h"
#include "attune/Dialect/Attn/RowLayout.h"
#include "attune/Dialect/Attn/Sources.h"
#include "attune/Sizes/DimSource.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/LinalgBuilders.h"

#include "llvm/ADT/ScopeExit.h"

using namespace mlir;
using namespace attune;
using namespace attune::attn;
using namespace attune::attn::detail;

static LogicalResult inferEntrywise(MLIRContext *context, std::optional<Location> loc, Value lhs,
                                    Value rhs, SmallVectorImpl<Type> &types) {
  auto a = cast<MatrixType>(lhs.getType()), c = cast<MatrixType>(rhs.getType());
  FailureOr<SmallVector<int64_t>> shape = entrywiseShape(loc, a, c);
  if (failed(shape))
    return failure();
  types.push_back(MatrixType::get(context, *shape, a.getElementType()));
  return success();
}

static Value both(ElementBuilder &entries, Value a, Value c) {
  if (!a || !c)
    return a ? a : c;
  return arith::AndIOp::create(entries.b, entries.loc, a, c);
}

// add

LogicalResult AddOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                      Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferEntrywise(context, loc, adaptor.getLhs(), adaptor.getRhs(), types);
}

DimSource AddOp::getDimSource(unsigned, int64_t dim) {
  return entrywiseDimSource(getLhs(), getRhs(), dim);
}

MatrixFacts AddOp::inferFacts(ArrayRef<MatrixFacts> operands) {
  const MatrixFacts &a = operands[0], &c = operands[1];
  MatrixFacts facts = a;
  facts.left = wider(a.left, c.left);
  facts.right = wider(a.right, c.right);
  facts.rowsNonEmpty = a.rowsNonEmpty || c.rowsNonEmpty;
  facts.complete =
      (a.support == Support::Full && a.complete) || (c.support == Support::Full && c.complete);
  facts.uniqueEntries = a.uniqueEntries && c.uniqueEntries;
  if (a.support != c.support) {
    bool full = a.support == Support::Full || c.support == Support::Full;
    facts.support = full ? Support::Full : Support::Masked;
  }
  return facts;
}

StringRef AddOp::getRewrite() { return "distribute"; }
StringRef AddOp::getWord() { return "sum"; }

// The linear form of a sum stands in the planner, which takes whole sums apart: terms that are
// visited are visited together.

Value AddOp::buildSupport(SupportBuilder &supports) {
  Value lhs = supports.support(getLhs());
  return AddOp::create(supports.b, supports.loc, lhs, supports.support(getRhs()));
}

FailureOr<MatrixElement> AddOp::buildElement(ElementBuilder &entries) {
  FailureOr<MatrixElement> a = entries.elementOf(getLhs());
  FailureOr<MatrixElement> c =
      succeeded(a) ? entries.elementOf(getRhs()) : FailureOr<MatrixElement>(failure());
  if (failed(c))
    return failure();
  OpBuilder &b = entries.b;
  Location loc = entries.loc;
  Value sum = arith::AddFOp::create(b, loc, a->value, c->value);
  if (!a->present && !c->present)
    return MatrixElement{sum, {}};
  if (!a->present)
    return MatrixElement{arith::SelectOp::create(b, loc, c->present, sum, a->value), {}};
  if (!c->present)
    return MatrixElement{arith::SelectOp::create(b, loc, a->present, sum, c->value), {}};
  Value withA = arith::SelectOp::create(b, loc, c->present, sum, a->value);
  Value value = arith::SelectOp::create(b, loc, a->present, withA, c->value);
  return MatrixElement{value, arith::OrIOp::create(b, loc, a->present, c->present)};
}

template <typename OpTy> static FailureOr<Value> sliceBoth(OpTy op, SliceBuilder &slices) {
  FailureOr<Value> lhs = slices.slice(op.getLhs());
  FailureOr<Value> rhs = succeeded(lhs) ? slices.slice(op.getRhs()) : FailureOr<Value>(failure());
  if (failed(rhs))
    return failure();
  return OpTy::create(slices.b, slices.loc, *lhs, *rhs).getResult();
}

FailureOr<Value> AddOp::buildSlice(SliceBuilder &slices) { return sliceBoth(*this, slices); }

// hadamard

LogicalResult HadamardOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                           Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferEntrywise(context, loc, adaptor.getLhs(), adaptor.getRhs(), types);
}

LogicalResult HadamardOp::verify() {
  if (mayRepeatEdges(getLhs()) && mayRepeatEdges(getRhs()))
    return emitOpError(
        "multiplies two CSR matrices that may hold an edge twice, expected `unique` on one (C3)");
  return success();
}

DimSource HadamardOp::getDimSource(unsigned, int64_t dim) {
  return entrywiseDimSource(getLhs(), getRhs(), dim);
}

MatrixFacts HadamardOp::inferFacts(ArrayRef<MatrixFacts> operands) {
  bool lhsSparse =
      operands[0].support == Support::Sparse || operands[0].support == Support::Diagonal;
  const MatrixFacts &a = lhsSparse ? operands[0] : operands[1],
                    &c = lhsSparse ? operands[1] : operands[0];
  MatrixFacts facts = a;
  facts.left = narrower(a.left, c.left);
  facts.right = narrower(a.right, c.right);
  facts.rowsNonEmpty = (a.support == Support::Full && a.complete && c.rowsNonEmpty) ||
                       (c.support == Support::Full && c.complete && a.rowsNonEmpty);
  facts.complete = a.complete && c.complete;
  facts.uniqueEntries = a.uniqueEntries && c.uniqueEntries;
  if (a.support != Support::Sparse && c.support != Support::Full && a.support == Support::Full)
    facts.support = c.support;
  return facts;
}

StringRef HadamardOp::getRewrite() { return "factored-product"; }
StringRef HadamardOp::getDeclineReason() { return "entrywise-product"; }
StringRef HadamardOp::getWord() { return "product"; }

/// That of one factor where the other has all entries, in the shape of the product.
Value HadamardOp::buildSupport(SupportBuilder &supports) {
  for (auto [factor, other] : {std::pair(getLhs(), getRhs()), std::pair(getRhs(), getLhs())}) {
    MatrixFacts facts = factsOf(factor);
    if (facts.support == Support::Full && facts.complete && other.getType() == getType())
      return supports.support(other);
  }
  return {};
}

/// A constant factor moves to a scalar: hadamard(splat(c), A) = c A.
static FailureOr<Value> constantFactorSink(HadamardOp op, SinkBuilder &sinks,
                                           const SinkRequest &request) {
  for (auto [constant, other] :
       {std::pair(op.getLhs(), op.getRhs()), std::pair(op.getRhs(), op.getLhs())}) {
    auto splat = constant.getDefiningOp<SplatOp>();
    if (!splat || other.getType() != op.getType())
      continue;
    SinkRequest inner = request;
    inner.scalar = splat.getValue();
    if (request.scalar)
      inner.scalar = arith::MulFOp::create(sinks.b, sinks.loc, request.scalar, splat.getValue());
    return request.v ? sinks.apply(other, inner) : sinks.rowSums(other, inner);
  }
  return failure();
}

/// Column `a` of a row tensor [B.., n, H, D] as a row vector of its own.
static Value columnOf(SinkBuilder &sinks, Value tensor, Value a) {
  OpBuilder &b = sinks.b;
  int64_t rank = rankOf(tensor);
  SmallVector<OpFoldResult> sizes = mixedSizes(b, sinks.loc, tensor);
  sizes.pop_back();
  SmallVector<int64_t> loops(llvm::to_vector(llvm::seq<int64_t>(0, rank - 1)));
  Value out = buildEmpty(b, sinks.loc, sizes, b.getF32Type());
  return buildGeneric(b, sinks.loc, {}, {out, loops},
                      [&](OpBuilder &b, Location loc, ValueRange) -> Value {
                        SmallVector<Value> at;
                        for (int64_t i = 0; i < rank - 1; ++i)
                          at.push_back(linalg::IndexOp::create(b, loc, i));
                        at.push_back(a);
                        return tensor::ExtractOp::create(b, loc, tensor, at);
                      });
}

/// (q k^T o B) V = sum over the D columns a of q_a (B (k_a V)): each term scales values and result.
static FailureOr<Value> factoredSink(HadamardOp op, SinkBuilder &sinks,
                                     const SinkRequest &request) {
  DotOp dot = op.getLhs().getDefiningOp<DotOp>();
  Value other = op.getRhs();
  if (!dot) {
    dot = op.getRhs().getDefiningOp<DotOp>();
    other = op.getLhs();
  }
  if (!dot || factsOf(other).support != Support::Full)
    return failure();
  OpBuilder &b = sinks.b;
  Location loc = sinks.loc;
  Value q = request.transposed ? dot.getK() : dot.getQ(),
        k = request.transposed ? dot.getQ() : dot.getK();
  Value init = initFor(sinks, op.getResult(), request);
  Value zero = arith::ConstantIndexOp::create(b, loc, 0),
        one = arith::ConstantIndexOp::create(b, loc, 1);
  Value width = dimValue(b, loc, q, rankOf(q) - 1);
  auto loop = scf::ForOp::create(b, loc, zero, width, one, ValueRange{init});
  OpBuilder::InsertionGuard guard(b);
  llvm::scope_exit abandon([&] { loop.erase(); });
  b.setInsertionPointToStart(loop.getBody());
  Value rows = columnOf(sinks, q, loop.getInductionVar()),
        columns = columnOf(sinks, k, loop.getInductionVar());
  Value carried = loop.getRegionIterArgs().front();
  FailureOr<Value> term;
  if (request.v) {
    term = sinks.apply(other, {scaleValues(sinks, request.v, columns), Value(), request.scalar,
                               request.transposed});
  } else {
    Value values = withUnitWidth(sinks, columns);
    term = sinks.apply(other, {values, Value(), request.scalar, request.transposed});
    if (succeeded(term))
      term = withoutUnitWidth(sinks, *term);
  }
  if (failed(term))
    return failure();
  Value sum =
      scaleRows(sinks, *term, rows, carried, false, static_cast<bool>(request.v), op.getResult());
  scf::YieldOp::create(b, loc, sum);
  abandon.release();
  return loop.getResult(0);
}

FailureOr<Value> HadamardOp::buildApply(SinkBuilder &sinks, const SinkRequest &request) {
  FailureOr<Value> result = constantFactorSink(*this, sinks, request);
  return succeeded(result) ? result : factoredSink(*this, sinks, request);
}

FailureOr<Value> HadamardOp::buildRowSums(SinkBuilder &sinks, const SinkRequest &request) {
  FailureOr<Value> result = constantFactorSink(*this, sinks, request);
  return succeeded(result) ? result : factoredSink(*this, sinks, request);
}

FailureOr<MatrixElement> HadamardOp::buildElement(ElementBuilder &entries) {
  FailureOr<MatrixElement> a = entries.elementOf(getLhs());
  FailureOr<MatrixElement> c =
      succeeded(a) ? entries.elementOf(getRhs()) : FailureOr<MatrixElement>(failure());
  if (failed(c))
    return failure();
  return MatrixElement{arith::MulFOp::create(entries.b, entries.loc, a->value, c->value),
                       both(entries, a->present, c->present)};
}

FailureOr<Value> HadamardOp::buildSlice(SliceBuilder &slices) { return sliceBoth(*this, slices); }

// scale

LogicalResult ScaleOp::verify() {
  if (!getRows() && !getCols() && !getHeads() && !getScalar())
    return emitOpError("must have at least one factor (C1)");
  if (getRows() && failed(verifyRowVector(*this, getRows(), getType(), false, "rows", "C2")))
    return failure();
  if (getCols() && failed(verifyRowVector(*this, getCols(), getType(), true, "cols", "C2")))
    return failure();
  if (getHeads() && failed(verifyHeadVector(*this, getHeads(), getType(), "C2")))
    return failure();
  return success();
}

DimSource ScaleOp::getDimSource(unsigned, int64_t dim) { return DimSource::of(getInput(), dim); }

MatrixFacts ScaleOp::inferFacts(ArrayRef<MatrixFacts> operands) { return operands.front(); }

bool ScaleOp::isStructural() { return true; }
StringRef ScaleOp::getRewrite() { return "scaling"; }
StringRef ScaleOp::getWord() { return "scaled"; }

Value ScaleOp::buildSupport(SupportBuilder &supports) { return supports.support(getInput()); }

/// r (A (c V)): column factors go to the values, the scalar to the smallest operand inside, row and
/// head factors to the result. Row sums of A diag(c) are A c, a product with c as the one column.
FailureOr<SmallVector<Value>> ScaleOp::buildSinks(SinkBuilder &sinks,
                                                  ArrayRef<SinkRequest> requests) {
  OpBuilder &b = sinks.b;
  bool transposed = requests.front().transposed;
  Value rows = transposed ? getCols() : getRows(), cols = transposed ? getRows() : getCols();
  bool post = rows || getHeads();
  SmallVector<SinkRequest> asked;
  for (SinkRequest inner : requests) {
    if (getScalar())
      inner.scalar = inner.scalar ? arith::MulFOp::create(b, sinks.loc, inner.scalar, getScalar())
                                  : Value(getScalar());
    if (cols)
      inner.v = inner.v ? scaleValues(sinks, inner.v, cols) : withUnitWidth(sinks, cols);
    if (post || (cols && !requests[asked.size()].v))
      inner.init = Value();
    asked.push_back(inner);
  }
  FailureOr<SmallVector<Value>> results = sinks.sinks(getInput(), asked);
  if (failed(results))
    return failure();
  for (auto [value, request] : llvm::zip(*results, requests)) {
    bool isApply = static_cast<bool>(request.v);
    if (!isApply && cols) {
      value = withoutUnitWidth(sinks, value);
      if (request.init && !post)
        value = arith::AddFOp::create(b, sinks.loc, request.init, value);
    }
    if (rows)
      value = scaleRows(sinks, value, rows, getHeads() ? Value() : request.init, false, isApply,
                        getResult());
    if (getHeads())
      value = scaleRows(sinks, value, getHeads(), request.init, false, isApply, getResult());
  }
  return results;
}

FailureOr<MatrixElement> ScaleOp::buildElement(ElementBuilder &entries) {
  FailureOr<MatrixElement> entry = entries.elementOf(getInput());
  if (failed(entry))
    return failure();
  auto times = [&](Value factor) {
    entry->value = arith::MulFOp::create(entries.b, entries.loc, entry->value, factor);
  };
  if (getRows())
    times(entries.atRow(getRows()));
  if (getCols())
    times(entries.atColumn(getCols()));
  if (getHeads())
    times(entries.atHead(getHeads()));
  if (getScalar())
    times(entries.scalar(getScalar()));
  return entry;
}

FailureOr<Value> ScaleOp::buildSlice(SliceBuilder &slices) {
  FailureOr<Value> input = slices.slice(getInput());
  if (failed(input))
    return failure();
  int64_t position = rowDim(rankOf(getResult()));
  Value rows = getRows() ? slices.sliceTensor(getRows(), position) : Value();
  Value cols = getCols() ? slices.sliceTensor(getCols(), position) : Value();
  return ScaleOp::create(slices.b, slices.loc, slicedType(getType()), *input, rows, cols,
                         getHeads(), getScalar())
      .getResult();
}

// transpose

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *context, std::optional<Location>,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto type = cast<MatrixType>(adaptor.getInput().getType());
  SmallVector<int64_t> shape(type.getShape());
  std::swap(shape[shape.size() - 1], shape[shape.size() - 2]);
  types.push_back(MatrixType::get(context, shape, type.getElementType()));
  return success();
}

DimSource TransposeOp::getDimSource(unsigned, int64_t dim) {
  int64_t rank = rankOf(getResult());
  int64_t source = dim == rank - 1 ? rank - 2 : dim == rank - 2 ? rank - 1 : dim;
  return DimSource::of(getInput(), source);
}

MatrixFacts TransposeOp::inferFacts(ArrayRef<MatrixFacts> operands) {
  MatrixFacts facts = operands.front();
  std::swap(facts.rows, facts.columns);
  std::swap(facts.left, facts.right);
  facts.rowsNonEmpty &= facts.support == Support::Full || facts.support == Support::Segments ||
                        facts.support == Support::Diagonal;
  return facts;
}

bool TransposeOp::isStructural() { return true; }
StringRef TransposeOp::getWord() { return "transposed"; }

Value TransposeOp::buildSupport(SupportBuilder &supports) {
  return TransposeOp::create(supports.b, supports.loc, supports.support(getInput()));
}

FailureOr<SmallVector<Value>> TransposeOp::buildSinks(SinkBuilder &sinks,
                                                      ArrayRef<SinkRequest> requests) {
  SmallVector<SinkRequest> asked(requests);
  for (SinkRequest &request : asked)
    request.transposed = !request.transposed;
  return sinks.sinks(getInput(), asked);
}

FailureOr<MatrixElement> TransposeOp::buildElement(ElementBuilder &entries) {
  return entries.transposedElementOf(getInput());
}

FailureOr<Value> TransposeOp::buildSlice(SliceBuilder &slices) {
  FailureOr<Value> input = slices.slice(getInput());
  if (failed(input))
    return failure();
  return TransposeOp::create(slices.b, slices.loc, *input).getResult();
}

OpFoldResult TransposeOp::fold(FoldAdaptor) {
  auto inner = getInput().getDefiningOp<TransposeOp>();
  return inner && inner.getInput() != getResult() ? OpFoldResult(inner.getInput()) : OpFoldResult();
}

namespace {
/// (Q K^T)^T -> K Q^T, so that equal matrices are equal values.
template <typename OpTy> struct TransposePair : OpRewritePattern<TransposeOp> {
  using OpRewritePattern<TransposeOp>::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op, PatternRewriter &rewriter) const override {
    auto pair = op.getInput().getDefiningOp<OpTy>();
    if (!pair)
      return failure();
    rewriter.replaceOpWithNewOp<OpTy>(op, pair.getK(), pair.getQ());
    return success();
  }
};
} // namespace

void TransposeOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<TransposePair<DotOp>, TransposePair<DistanceOp>>(context);
}

// nystrom: its shape and facts stand with those of chains in Compose.cpp

/// nystrom C X  ->  C (X C^T)
FailureOr<SmallVector<Value>> NystromOp::decompose(OpBuilder &b) {
  Location loc = getLoc();
  Value table = DenseOp::create(b, loc, getX());
  Value right = TransposeOp::create(b, loc, getC());
  right = ComposeOp::create(b, loc, table, right);
  return SmallVector<Value>{ComposeOp::create(b, loc, getC(), right)};
}

#define GET_OP_CLASSES
#include "attune/Dialect/Attn/Algebra.cpp.inc"
