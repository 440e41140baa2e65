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
  facts.hasCheapForm = a.hasCheapForm && c.hasCheapForm;
  facts.applyFixed = a.applyFixed + c.applyFixed;
  facts.applyPerColumn = a.applyPerColumn + c.applyPerColumn;
  facts.entryFlop = a.entryFlop + c.entryFlop + SizePoly(1);
  facts.left = wider(a.left, c.left);
  facts.right = wider(a.right, c.right);
  facts.rowsNonEmpty = a.rowsNonEmpty || c.rowsNonEmpty;
  facts.complete =
      (a.support == Support::Full && a.complete) || (c.support == Support::Full && c.complete);
  facts.uniqueEntries = a.uniqueEntries && c.uniqueEntries;
  if (a.support != c.support) {
    bool segments = a.support == Support::Segments || c.support == Support::Segments;
    bool full = a.support == Support::Full || c.support == Support::Full;
    facts.support = full ? Support::Full : Support::Masked;
    facts.pairs = full || !segments ? a.rows * a.columns : a.pairs + c.pairs;
  }
  // Two CSR matrices have the union of their edges, which no single one lists.
  if (a.support == Support::Sparse && c.support == Support::Sparse)
    facts.pairs = a.pairs + c.pairs;
  facts.form = "sum(" + a.form + ", " + c.form + ")";
  facts.reason = a.hasCheapForm ? c.reason : a.reason;
  return facts;
}

FailureOr<Value> AddOp::buildApply(SinkBuilder &sinks, const SinkRequest &request) {
  SinkRequest first = request;
  if (getLhs().getType() != getType()) // fewer heads: the whole result is needed as destination
    first.init = initFor(sinks, getResult(), request);
  FailureOr<Value> partial = sinks.apply(getLhs(), first);
  if (failed(partial))
    return failure();
  SinkRequest second = request;
  second.init = *partial;
  return sinks.apply(getRhs(), second);
}

FailureOr<Value> AddOp::buildRowSums(SinkBuilder &sinks, const SinkRequest &request) {
  SinkRequest first = request;
  if (getLhs().getType() != getType()) // fewer heads: the whole result is needed as destination
    first.init = initFor(sinks, getResult(), request);
  FailureOr<Value> partial = sinks.rowSums(getLhs(), first);
  if (failed(partial))
    return failure();
  SinkRequest second = request;
  second.init = *partial;
  return sinks.rowSums(getRhs(), second);
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

/// Cost of the linear forms of a product with a constant or a factored matrix.
static void factoredFacts(HadamardOp op, ArrayRef<MatrixFacts> operands, MatrixFacts &facts) {
  if (operands[0].support != Support::Full || operands[1].support != Support::Full)
    return;
  for (auto [factor, other] :
       {std::pair(op.getLhs(), operands[1]), std::pair(op.getRhs(), operands[0])}) {
    if (!other.hasCheapForm)
      continue;
    SizePoly terms(1);
    if (auto dot = factor.getDefiningOp<DotOp>())
      terms = sizeOf(dot.getQ(), rankOf(dot.getQ()) - 1);
    else if (!factor.getDefiningOp<SplatOp>())
      continue;
    facts.hasCheapForm = true;
    facts.applyFixed = terms * other.applyFixed;
    facts.applyPerColumn = terms * (other.applyPerColumn + facts.rows + facts.columns);
    return;
  }
}

MatrixFacts HadamardOp::inferFacts(ArrayRef<MatrixFacts> operands) {
  bool lhsSparse =
      operands[0].support == Support::Sparse || operands[0].support == Support::Diagonal;
  const MatrixFacts &a = lhsSparse ? operands[0] : operands[1],
                    &c = lhsSparse ? operands[1] : operands[0];
  MatrixFacts facts = a;
  facts.entryFlop = a.entryFlop + c.entryFlop + SizePoly(1);
  facts.left = narrower(a.left, c.left);
  facts.right = narrower(a.right, c.right);
  facts.rowsNonEmpty = (a.support == Support::Full && a.complete && c.rowsNonEmpty) ||
                       (c.support == Support::Full && c.complete && a.rowsNonEmpty);
  facts.complete = a.complete && c.complete;
  facts.uniqueEntries = a.uniqueEntries && c.uniqueEntries;
  bool sparse = a.support == Support::Sparse;
  if (!sparse && c.support != Support::Full && a.support == Support::Full) {
    facts.support = c.support;
    facts.pairs = c.pairs;
  }
  facts.hasCheapForm = sparse;
  facts.applyFixed = facts.pairs * facts.entryFlop;
  facts.applyPerColumn = SizePoly(2) * facts.pairs;
  factoredFacts(*this, operands, facts);
  facts.form = "product(" + operands[0].form + ", " + operands[1].form + ")";
  facts.reason = "entrywise-product";
  return facts;
}

/// A constant factor moves to a scalar: hadamard(splat(c), A) = c A.
static FailureOr<Value> constantFactorSink(HadamardOp op, SinkBuilder &sinks,
                                           const SinkRequest &request) {
  for (auto [constant, other] :
       {std::pair(op.getLhs(), op.getRhs()), std::pair(op.getRhs(), op.getLhs())}) {
    auto splat = constant.getDefiningOp<SplatOp>();
    if (!splat || other.getType() != op.getType() || !factsOf(other).hasCheapForm)
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
  if (!dot || !factsOf(other).hasCheapForm) {
    dot = op.getRhs().getDefiningOp<DotOp>();
    other = op.getLhs();
  }
  if (!dot || !factsOf(other).hasCheapForm || factsOf(other).support != Support::Full)
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

MatrixFacts ScaleOp::inferFacts(ArrayRef<MatrixFacts> operands) {
  MatrixFacts facts = operands.front();
  int64_t factors = !!getRows() + !!getCols() + !!getHeads() + !!getScalar();
  facts.entryFlop += SizePoly(factors);
  if (getRows() || getHeads())
    facts.applyPerColumn += facts.rows;
  if (getCols())
    facts.applyPerColumn += facts.columns;
  facts.form = "scaled(" + facts.form + ")";
  return facts;
}

/// r (A (c V)): column factors go to the values, the scalar to the smallest operand inside, row and
/// head factors to the result.
static FailureOr<Value> scaledSink(ScaleOp op, SinkBuilder &sinks, const SinkRequest &request) {
  Value rows = request.transposed ? op.getCols() : op.getRows();
  Value cols = request.transposed ? op.getRows() : op.getCols();
  SinkRequest inner = request;
  if (op.getScalar())
    inner.scalar =
        request.scalar
            ? arith::MulFOp::create(sinks.b, sinks.loc, request.scalar, op.getScalar()).getResult()
            : op.getScalar();
  bool post = rows || op.getHeads();
  if (post)
    inner.init = Value();
  FailureOr<Value> result;
  if (!request.v && cols) {
    // Row sums of A diag(c) are A c: a product with c as the one value column.
    inner.v = withUnitWidth(sinks, cols);
    Value init = inner.init;
    inner.init = Value();
    result = sinks.apply(op.getInput(), inner);
    if (failed(result))
      return failure();
    result = withoutUnitWidth(sinks, *result);
    if (init)
      result = arith::AddFOp::create(sinks.b, sinks.loc, init, *result).getResult();
  } else {
    if (cols)
      inner.v = scaleValues(sinks, request.v, cols);
    result = request.v ? sinks.apply(op.getInput(), inner) : sinks.rowSums(op.getInput(), inner);
  }
  if (failed(result) || !post)
    return result;
  bool isApply = static_cast<bool>(request.v);
  Value value = *result;
  if (rows)
    value = scaleRows(sinks, value, rows, op.getHeads() ? Value() : request.init, false, isApply,
                      op.getResult());
  if (op.getHeads())
    value = scaleRows(sinks, value, op.getHeads(), request.init, false, isApply, op.getResult());
  return value;
}

FailureOr<Value> ScaleOp::buildApply(SinkBuilder &sinks, const SinkRequest &request) {
  return scaledSink(*this, sinks, request);
}

FailureOr<Value> ScaleOp::buildRowSums(SinkBuilder &sinks, const SinkRequest &request) {
  return scaledSink(*this, sinks, request);
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
  facts.form = "transposed(" + facts.form + ")";
  return facts;
}

FailureOr<Value> TransposeOp::buildApply(SinkBuilder &sinks, const SinkRequest &request) {
  SinkRequest inner = request;
  inner.transposed = !request.transposed;
  return sinks.apply(getInput(), inner);
}

FailureOr<Value> TransposeOp::buildRowSums(SinkBuilder &sinks, const SinkRequest &request) {
  SinkRequest inner = request;
  inner.transposed = !request.transposed;
  return sinks.rowSums(getInput(), inner);
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
