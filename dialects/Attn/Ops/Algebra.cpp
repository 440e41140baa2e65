// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The algebra: add, hadamard, scale, transpose and the normalisations. Linear forms:
//   (A + B) V = A V + B V;  (r A c) V = r (A (c V));  A^T V;
//   normalize(A) V = (A V) / (A 1).
#include "dialects/Attn/Ops/Detail.h"

#include "llvm/ADT/ScopeExit.h"

using namespace mlir;
using namespace attune;
using namespace attune::attn;
using namespace attune::attn::detail;

static LogicalResult inferEntrywise(MLIRContext *context, std::optional<Location> loc, Value lhs, Value rhs,
                                    SmallVectorImpl<Type> &types) {
  auto a = cast<MatrixType>(lhs.getType()), c = cast<MatrixType>(rhs.getType());
  FailureOr<SmallVector<int64_t>> shape = entrywiseShape(loc, a, c);
  if (failed(shape))
    return failure();
  types.push_back(MatrixType::get(context, *shape, a.getElementType()));
  return success();
}

static Value both(EntryBuilder &entries, Value a, Value c) {
  if (!a || !c)
    return a ? a : c;
  return arith::AndIOp::create(entries.b, entries.loc, a, c);
}

// add

LogicalResult AddOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc, Adaptor adaptor,
                                      SmallVectorImpl<Type> &types) {
  return inferEntrywise(context, loc, adaptor.getLhs(), adaptor.getRhs(), types);
}

DimSource AddOp::getDimSource(unsigned, int64_t dim) { return entrywiseDimSource(getLhs(), getRhs(), dim); }

Facts AddOp::inferFacts(ArrayRef<Facts> operands) {
  const Facts &a = operands[0], &c = operands[1];
  Facts facts = a;
  facts.linear = a.linear && c.linear;
  facts.applyFixed = a.applyFixed + c.applyFixed;
  facts.applyPerColumn = a.applyPerColumn + c.applyPerColumn;
  facts.entryFlop = a.entryFlop + c.entryFlop + Poly(1);
  facts.rowsNonEmpty = a.rowsNonEmpty || c.rowsNonEmpty;
  facts.complete = (a.support == Support::Full && a.complete) || (c.support == Support::Full && c.complete);
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
  facts.reason = a.linear ? c.reason : a.reason;
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

FailureOr<Entry> AddOp::buildEntry(EntryBuilder &entries) {
  FailureOr<Entry> a = entries.entryOf(getLhs());
  FailureOr<Entry> c = succeeded(a) ? entries.entryOf(getRhs()) : FailureOr<Entry>(failure());
  if (failed(c))
    return failure();
  OpBuilder &b = entries.b;
  Location loc = entries.loc;
  Value sum = arith::AddFOp::create(b, loc, a->value, c->value);
  if (!a->present && !c->present)
    return Entry{sum, {}};
  if (!a->present)
    return Entry{arith::SelectOp::create(b, loc, c->present, sum, a->value), {}};
  if (!c->present)
    return Entry{arith::SelectOp::create(b, loc, a->present, sum, c->value), {}};
  Value withA = arith::SelectOp::create(b, loc, c->present, sum, a->value);
  Value value = arith::SelectOp::create(b, loc, a->present, withA, c->value);
  return Entry{value, arith::OrIOp::create(b, loc, a->present, c->present)};
}

template <typename OpTy>
static FailureOr<Value> sliceBoth(OpTy op, SliceBuilder &slices) {
  FailureOr<Value> lhs = slices.slice(op.getLhs());
  FailureOr<Value> rhs = succeeded(lhs) ? slices.slice(op.getRhs()) : FailureOr<Value>(failure());
  if (failed(rhs))
    return failure();
  return OpTy::create(slices.b, slices.loc, *lhs, *rhs).getResult();
}

FailureOr<Value> AddOp::buildSlice(SliceBuilder &slices) { return sliceBoth(*this, slices); }

// hadamard

LogicalResult HadamardOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc, Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  return inferEntrywise(context, loc, adaptor.getLhs(), adaptor.getRhs(), types);
}

LogicalResult HadamardOp::verify() {
  if (mayRepeatEdges(getLhs()) && mayRepeatEdges(getRhs()))
    return emitOpError("multiplies two CSR matrices that may hold an edge twice, expected `unique` on one (C3)");
  return success();
}

DimSource HadamardOp::getDimSource(unsigned, int64_t dim) { return entrywiseDimSource(getLhs(), getRhs(), dim); }

/// Cost of the linear forms of a product with a constant or a factored matrix.
static void factoredFacts(HadamardOp op, ArrayRef<Facts> operands, Facts &facts) {
  if (operands[0].support != Support::Full || operands[1].support != Support::Full)
    return;
  for (auto [factor, other] : {std::pair(op.getLhs(), operands[1]), std::pair(op.getRhs(), operands[0])}) {
    if (!other.linear)
      continue;
    Poly terms(1);
    if (auto dot = factor.getDefiningOp<DotOp>())
      terms = sizeOf(dot.getQ(), rankOf(dot.getQ()) - 1);
    else if (!factor.getDefiningOp<SplatOp>())
      continue;
    facts.linear = true;
    facts.applyFixed = terms * other.applyFixed;
    facts.applyPerColumn = terms * (other.applyPerColumn + facts.rows + facts.columns);
    return;
  }
}

Facts HadamardOp::inferFacts(ArrayRef<Facts> operands) {
  bool lhsSparse = operands[0].support == Support::Sparse || operands[0].support == Support::Diagonal;
  const Facts &a = lhsSparse ? operands[0] : operands[1], &c = lhsSparse ? operands[1] : operands[0];
  Facts facts = a;
  facts.entryFlop = a.entryFlop + c.entryFlop + Poly(1);
  facts.rowsNonEmpty = (a.support == Support::Full && c.rowsNonEmpty) || (c.support == Support::Full && a.rowsNonEmpty);
  facts.complete = a.complete && c.complete;
  facts.uniqueEntries = a.uniqueEntries && c.uniqueEntries;
  bool sparse = a.support == Support::Sparse;
  if (!sparse && c.support != Support::Full && a.support == Support::Full) {
    facts.support = c.support;
    facts.pairs = c.pairs;
  }
  facts.linear = sparse;
  facts.applyFixed = facts.pairs * facts.entryFlop;
  facts.applyPerColumn = Poly(2) * facts.pairs;
  factoredFacts(*this, operands, facts);
  facts.form = "product(" + operands[0].form + ", " + operands[1].form + ")";
  facts.reason = "entrywise-product";
  return facts;
}

/// A constant factor moves to a scalar: hadamard(splat(c), A) = c A.
static FailureOr<Value> constantFactorSink(HadamardOp op, SinkBuilder &sinks, const SinkRequest &request) {
  for (auto [constant, other] : {std::pair(op.getLhs(), op.getRhs()), std::pair(op.getRhs(), op.getLhs())}) {
    auto splat = constant.getDefiningOp<SplatOp>();
    if (!splat || other.getType() != op.getType() || !analyze(other).linear)
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
  return buildGeneric(b, sinks.loc, {}, {out, loops}, [&](OpBuilder &b, Location loc, ValueRange) -> Value {
    SmallVector<Value> at;
    for (int64_t i = 0; i < rank - 1; ++i)
      at.push_back(linalg::IndexOp::create(b, loc, i));
    at.push_back(a);
    return tensor::ExtractOp::create(b, loc, tensor, at);
  });
}

/// (q k^T o B) V = sum over the D columns a of q_a (B (k_a V)): each term scales values and result.
static FailureOr<Value> factoredSink(HadamardOp op, SinkBuilder &sinks, const SinkRequest &request) {
  DotOp dot = op.getLhs().getDefiningOp<DotOp>();
  Value other = op.getRhs();
  if (!dot || !analyze(other).linear) {
    dot = op.getRhs().getDefiningOp<DotOp>();
    other = op.getLhs();
  }
  if (!dot || !analyze(other).linear || analyze(other).support != Support::Full)
    return failure();
  OpBuilder &b = sinks.b;
  Location loc = sinks.loc;
  Value q = request.transposed ? dot.getK() : dot.getQ(), k = request.transposed ? dot.getQ() : dot.getK();
  Value init = initFor(sinks, op.getResult(), request);
  Value zero = arith::ConstantIndexOp::create(b, loc, 0), one = arith::ConstantIndexOp::create(b, loc, 1);
  Value width = dimValue(b, loc, q, rankOf(q) - 1);
  auto loop = scf::ForOp::create(b, loc, zero, width, one, ValueRange{init});
  OpBuilder::InsertionGuard guard(b);
  auto abandon = llvm::make_scope_exit([&] { loop.erase(); });
  b.setInsertionPointToStart(loop.getBody());
  Value rows = columnOf(sinks, q, loop.getInductionVar()), columns = columnOf(sinks, k, loop.getInductionVar());
  Value carried = loop.getRegionIterArgs().front();
  FailureOr<Value> term;
  if (request.v) {
    term = sinks.apply(other, {scaleValues(sinks, request.v, columns), Value(), request.scalar, request.transposed});
  } else {
    Value values = withUnitWidth(sinks, columns);
    term = sinks.apply(other, {values, Value(), request.scalar, request.transposed});
    if (succeeded(term))
      term = withoutUnitWidth(sinks, *term);
  }
  if (failed(term))
    return failure();
  Value sum = scaleRows(sinks, *term, rows, carried, false, static_cast<bool>(request.v), op.getResult());
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

FailureOr<Entry> HadamardOp::buildEntry(EntryBuilder &entries) {
  FailureOr<Entry> a = entries.entryOf(getLhs());
  FailureOr<Entry> c = succeeded(a) ? entries.entryOf(getRhs()) : FailureOr<Entry>(failure());
  if (failed(c))
    return failure();
  return Entry{arith::MulFOp::create(entries.b, entries.loc, a->value, c->value),
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

Facts ScaleOp::inferFacts(ArrayRef<Facts> operands) {
  Facts facts = operands.front();
  int64_t factors = !!getRows() + !!getCols() + !!getHeads() + !!getScalar();
  facts.entryFlop += Poly(factors);
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
    inner.scalar = request.scalar
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
    value = scaleRows(sinks, value, rows, op.getHeads() ? Value() : request.init, false, isApply, op.getResult());
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

FailureOr<Entry> ScaleOp::buildEntry(EntryBuilder &entries) {
  FailureOr<Entry> entry = entries.entryOf(getInput());
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
  return ScaleOp::create(slices.b, slices.loc, slicedType(getType()), *input, rows, cols, getHeads(), getScalar())
      .getResult();
}

// transpose

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *context, std::optional<Location>, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
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

Facts TransposeOp::inferFacts(ArrayRef<Facts> operands) {
  Facts facts = operands.front();
  std::swap(facts.rows, facts.columns);
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

FailureOr<Entry> TransposeOp::buildEntry(EntryBuilder &entries) { return entries.transposedEntryOf(getInput()); }

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

// normalize_rows

DimSource NormalizeRowsOp::getDimSource(unsigned, int64_t dim) { return DimSource::of(getInput(), dim); }

Facts NormalizeRowsOp::inferFacts(ArrayRef<Facts> operands) {
  Facts facts = operands.front();
  facts.applyFixed = facts.applyFixed + facts.applyFixed + facts.applyPerColumn;
  facts.applyPerColumn += facts.rows;
  facts.entryFlop += Poly(1);
  facts.form = "normalized(" + facts.form + ")";
  return facts;
}

/// A matrix that is positive exactly where `matrix` has an entry. Sums and chains keep their form: the support
/// of a product of matrices is that of the product of their supports.
static Value supportOf(SinkBuilder &sinks, Value matrix) {
  OpBuilder &b = sinks.b;
  Location loc = sinks.loc;
  Operation *op = matrix.getDefiningOp();
  if (auto scale = dyn_cast_if_present<ScaleOp>(op))
    return supportOf(sinks, scale.getInput());
  if (auto normalize = dyn_cast_if_present<NormalizeRowsOp>(op))
    return supportOf(sinks, normalize.getInput());
  if (auto transpose = dyn_cast_if_present<TransposeOp>(op))
    return TransposeOp::create(b, loc, supportOf(sinks, transpose.getInput()));
  if (auto sum = dyn_cast_if_present<AddOp>(op)) {
    Value lhs = supportOf(sinks, sum.getLhs());
    return AddOp::create(b, loc, lhs, supportOf(sinks, sum.getRhs()));
  }
  if (auto chain = dyn_cast_if_present<ComposeOp>(op)) {
    Value lhs = supportOf(sinks, chain.getLhs());
    return ComposeOp::create(b, loc, lhs, supportOf(sinks, chain.getRhs()));
  }
  auto type = cast<MatrixType>(matrix.getType());
  Facts facts = analyze(matrix);
  if (facts.support == Support::Full && facts.complete) {
    SmallVector<Value> sizes;
    for (int64_t i = 0; i < type.getRank(); ++i)
      if (type.isDynamicDim(i))
        sizes.push_back(dimValue(b, loc, matrix, i));
    return SplatOp::create(b, loc, type, f32Constant(b, loc, 1), sizes);
  }
  auto indicator = MapOp::create(b, loc, type, matrix, ValueRange(), ValueRange(),
                                 ValueRange(), ValueRange(), b.getStringAttr("support"));
  OpBuilder::InsertionGuard guard(b);
  b.createBlock(&indicator.getBody(), {}, {b.getF32Type()}, {loc});
  YieldOp::create(b, loc, f32Constant(b, loc, 1));
  return indicator;
}

/// Row sums fit to divide by: 1 where a row has no entry, so that its 0 stays 0.
static FailureOr<Value> guardedSums(SinkBuilder &sinks, Value matrix, Value sums) {
  Facts facts = analyze(matrix);
  OpBuilder &b = sinks.b;
  Location loc = sinks.loc;
  if (facts.rowsNonEmpty && (facts.rows == facts.columns || facts.columns.getConstant().value_or(0) > 0))
    return sums;
  SmallVector<int64_t> loops(llvm::to_vector(llvm::seq<int64_t>(0, rankOf(sums))));
  Value out = buildEmpty(b, loc, mixedSizes(b, loc, sums), b.getF32Type());
  Value one = f32Constant(b, loc, 1);
  if (facts.rowsNonEmpty) {
    Value columns = dimValue(b, loc, matrix, rankOf(matrix) - 1);
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    Value empty = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, columns, zero);
    return buildGeneric(b, loc, {{sums, loops}}, {out, loops}, [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
      return arith::SelectOp::create(b, loc, empty, one, args[0]);
    });
  }
  // Count the present entries.
  FailureOr<Value> counts = sinks.rowSums(supportOf(sinks, matrix), {});
  if (failed(counts))
    return failure();
  return buildGeneric(b, loc, {{sums, loops}, {*counts, loops}}, {out, loops},
                      [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
                        Value zero = f32Constant(b, loc, 0);
                        Value empty = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, args[1], zero);
                        return arith::SelectOp::create(b, loc, empty, one, args[0]);
                      });
}

FailureOr<Value> NormalizeRowsOp::buildApply(SinkBuilder &sinks, const SinkRequest &request) {
  if (request.transposed) {
    FailureOr<Value> sums = sinks.rowSums(getInput(), {});
    if (succeeded(sums))
      sums = guardedSums(sinks, getInput(), *sums);
    if (failed(sums))
      return failure();
    Value values = scaleRows(sinks, request.v, *sums, Value(), true, true, getResult());
    SinkRequest inner = request;
    inner.v = values;
    return sinks.apply(getInput(), inner);
  }
  FailureOr<std::pair<Value, Value>> products =
      sinks.applyAndRowSums(getInput(), {request.v, Value(), Value(), false});
  if (failed(products))
    return failure();
  FailureOr<Value> sums = guardedSums(sinks, getInput(), products->second);
  if (failed(sums))
    return failure();
  if (!request.scalar)
    return scaleRows(sinks, products->first, *sums, request.init, true, true, getResult());
  Value quotient = scaleRows(sinks, products->first, *sums, Value(), true, true, getResult());
  Value out = request.init ? request.init
                           : buildEmpty(sinks.b, sinks.loc, mixedSizes(sinks.b, sinks.loc, quotient), sinks.b.getF32Type());
  return buildGeneric(sinks.b, sinks.loc, {rowTensor(quotient, RowLoop, WidthLoop)},
                      rowTensor(out, RowLoop, WidthLoop, true), [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
                        Value scaled = arith::MulFOp::create(b, loc, args[0], request.scalar);
                        return request.init ? arith::AddFOp::create(b, loc, args[1], scaled).getResult() : scaled;
                      });
}

FailureOr<Value> NormalizeRowsOp::buildRowSums(SinkBuilder &sinks, const SinkRequest &request) {
  if (request.transposed) {
    // Column sums of A / s are A^T (1 / s).
    return failure();
  }
  FailureOr<Value> sums = sinks.rowSums(getInput(), {});
  if (failed(sums))
    return failure();
  FailureOr<Value> guarded = guardedSums(sinks, getInput(), *sums);
  if (failed(guarded))
    return failure();
  int64_t rank = rankOf(getResult());
  Value out = initFor(sinks, getResult(), request);
  return buildGeneric(sinks.b, sinks.loc, {rowVector(*sums, rank, RowLoop), rowVector(*guarded, rank, RowLoop)},
                      rowVector(out, rank, RowLoop, true), [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
                        Value ratio = arith::DivFOp::create(b, loc, args[0], args[1]);
                        if (request.scalar)
                          ratio = arith::MulFOp::create(b, loc, ratio, request.scalar);
                        return arith::AddFOp::create(b, loc, args[2], ratio);
                      });
}

FailureOr<Entry> NormalizeRowsOp::buildEntry(EntryBuilder &entries) {
  FailureOr<Value> sums = entries.outer().rowSums(getInput(), {});
  if (failed(sums))
    return failure();
  FailureOr<Entry> entry = entries.entryOf(getInput());
  if (failed(entry))
    return failure();
  entry->value = arith::DivFOp::create(entries.b, entries.loc, entry->value, entries.atRow(*sums));
  return entry;
}

// softmax

LogicalResult SoftmaxOp::verify() {
  if (mayRepeatEdges(getInput()))
    return emitOpError("is over a CSR matrix that may hold an edge twice, expected `unique` on its attn.adjacency (C1)");
  return success();
}

DimSource SoftmaxOp::getDimSource(unsigned, int64_t dim) { return DimSource::of(getInput(), dim); }

Facts SoftmaxOp::inferFacts(ArrayRef<Facts> operands) {
  Facts facts = operands.front();
  facts.linear = facts.support == Support::Sparse;
  facts.entryFlop += Poly(3);
  facts.applyFixed = facts.pairs * facts.entryFlop;
  facts.applyPerColumn = Poly(2) * facts.pairs;
  facts.form = facts.linear ? "sparse(softmax)" : "streamed(softmax)";
  facts.reason = "softmax-not-separable";
  return facts;
}

FailureOr<Value> SoftmaxOp::buildApply(SinkBuilder &sinks, const SinkRequest &request) {
  if (request.transposed)
    return failure();
  return sinks.softmaxApply(getInput(), request);
}

FailureOr<Value> SoftmaxOp::buildRowSums(SinkBuilder &, const SinkRequest &) { return failure(); }

FailureOr<Entry> SoftmaxOp::buildEntry(EntryBuilder &entries) {
  SinkBuilder &outer = entries.outer();
  OpBuilder &b = outer.b;
  FailureOr<Value> maxima = outer.rowMax(getInput());
  if (failed(maxima))
    return failure();
  // Row sums of exp(a - m) come first; the entry is exp(a - m) over them.
  auto shifted = MapOp::create(b, outer.loc, getType(), getInput(), *maxima, ValueRange(), ValueRange(), ValueRange(),
                               b.getStringAttr("exp"));
  {
    OpBuilder::InsertionGuard guard(b);
    Block *block = b.createBlock(&shifted.getBody(), {}, {b.getF32Type(), b.getF32Type()}, {outer.loc, outer.loc});
    Value difference = arith::SubFOp::create(b, outer.loc, block->getArgument(0), block->getArgument(1));
    YieldOp::create(b, outer.loc, math::ExpOp::create(b, outer.loc, difference).getResult());
  }
  FailureOr<Value> sums = outer.rowSums(shifted.getResult(), {});
  if (failed(sums))
    return failure();
  FailureOr<Entry> entry = entries.entryOf(shifted.getResult());
  if (failed(entry))
    return failure();
  entry->value = arith::DivFOp::create(entries.b, entries.loc, entry->value, entries.atRow(*sums));
  return entry;
}

// normalize_symmetric

LogicalResult NormalizeSymmetricOp::verify() {
  if (failed(mergeSizes(getType().getNumRows(), getType().getNumColumns(), false)))
    return emitOpError("has ") << getType().getNumRows() << " rows and " << getType().getNumColumns()
                               << " columns, expected a square matrix (C1)";
  return success();
}

DimSource NormalizeSymmetricOp::getDimSource(unsigned, int64_t dim) { return DimSource::of(getInput(), dim); }

Facts NormalizeSymmetricOp::inferFacts(ArrayRef<Facts> operands) {
  Facts facts = operands.front();
  facts.form = "normalized-symmetric(" + facts.form + ")";
  return facts;
}
