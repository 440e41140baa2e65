// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// attn.map. Its linear form exists where the region is a polynomial of degree at most 2 of one dot
// product x: c0 is a splat, c1 x a scaled dot, and x^2 the entrywise product of two dots, which is
// D products with the dot (attn.hadamard).
#include "attune/Dialect/Attn/Entrywise.h"
#include "attune/Dialect/Attn/Algebra.h"
#include "attune/Dialect/Attn/Kernels.h"
#include "attune/Dialect/Attn/RowLayout.h"
#include "attune/Dialect/Attn/Sources.h"
#include "attune/Sizes/DimSource.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/LinalgBuilders.h"

using namespace mlir;
using namespace attune;
using namespace attune::attn;
using namespace attune::attn::detail;

namespace {
/// A polynomial of degree at most 2 in the entry; a null coefficient is 0. Without a builder only
/// the degree is of interest, and `one` stands for every coefficient that is not 0.
struct Polynomial {
  std::array<Value, 3> coefficients;
  int degree() const { return coefficients[2] ? 2 : coefficients[1] ? 1 : 0; }
};

/// Evaluates the region of a map as a polynomial of its first argument.
class PolynomialEvaluator {
public:
  PolynomialEvaluator(MapOp op, OpBuilder *b) : op(op), b(b) {}

  std::optional<Polynomial> run() {
    if (op.getMatrices().size() != 1 || !op.getRows().empty() || !op.getCols().empty() ||
        !op.getHeads().empty())
      return std::nullopt;
    Block &block = op.getBody().front();
    // x itself: coefficient 1 of degree 1, marked by the argument in analysis only.
    values[block.getArgument(0)] = {{Value(), one(), Value()}};
    for (auto [argument, scalar] : llvm::zip(block.getArguments().drop_front(), op.getScalars()))
      values[argument] = {{scalar, Value(), Value()}};
    for (Operation &nested : block.without_terminator())
      if (!evaluate(nested))
        return std::nullopt;
    return values.lookup(block.getTerminator()->getOperand(0));
  }

private:
  Value one() {
    return b ? f32Constant(*b, op.getLoc(), 1) : Value(op.getBody().front().getArgument(0));
  }

  template <typename OpTy> Value combine(Value x, Value y) {
    return b ? OpTy::create(*b, op.getLoc(), x, y).getResult() : x;
  }
  Value add(Value x, Value y) { return x && y ? combine<arith::AddFOp>(x, y) : x ? x : y; }
  Value negate(Value x) {
    return x && b ? arith::NegFOp::create(*b, op.getLoc(), x).getResult() : x;
  }

  bool evaluate(Operation &nested) {
    Polynomial result;
    if (auto constant = dyn_cast<arith::ConstantOp>(nested)) {
      if (!constant.getType().isF32())
        return false;
      result.coefficients[0] = b ? b->clone(nested)->getResult(0) : one();
    } else if (isa<arith::AddFOp, arith::SubFOp>(nested)) {
      Polynomial x = values.lookup(nested.getOperand(0)), y = values.lookup(nested.getOperand(1));
      for (int i = 0; i < 3; ++i)
        result.coefficients[i] =
            add(x.coefficients[i],
                isa<arith::SubFOp>(nested) ? negate(y.coefficients[i]) : y.coefficients[i]);
    } else if (isa<arith::NegFOp>(nested)) {
      Polynomial x = values.lookup(nested.getOperand(0));
      for (int i = 0; i < 3; ++i)
        result.coefficients[i] = negate(x.coefficients[i]);
    } else if (isa<arith::MulFOp>(nested)) {
      Polynomial x = values.lookup(nested.getOperand(0)), y = values.lookup(nested.getOperand(1));
      for (int i = 0; i < 3; ++i)
        for (int j = 0; j < 3; ++j) {
          if (!x.coefficients[i] || !y.coefficients[j])
            continue;
          if (i + j > 2)
            return false;
          result.coefficients[i + j] =
              add(result.coefficients[i + j],
                  combine<arith::MulFOp>(x.coefficients[i], y.coefficients[j]));
        }
    } else {
      return false;
    }
    values[nested.getResult(0)] = result;
    return true;
  }

  MapOp op;
  OpBuilder *b;
  llvm::DenseMap<Value, Polynomial> values;
};

/// The dot product that `matrix` is, times `scalar` (null for 1); null where it is something else.
std::pair<DotOp, Value> scaledDot(Value matrix) {
  if (auto dot = matrix.getDefiningOp<DotOp>())
    return {dot, Value()};
  auto scale = matrix.getDefiningOp<ScaleOp>();
  if (scale && !scale.getRows() && !scale.getCols() && !scale.getHeads())
    if (auto dot = scale.getInput().getDefiningOp<DotOp>())
      return {dot, scale.getScalar()};
  return {};
}

/// Degree of the polynomial of a dot product that the map is, or none.
std::optional<int> polynomialDegree(MapOp op) {
  if (op.getMatrices().size() != 1 || !scaledDot(op.getMatrices().front()).first)
    return std::nullopt;
  std::optional<Polynomial> polynomial = PolynomialEvaluator(op, nullptr).run();
  return polynomial ? std::optional<int>(polynomial->degree()) : std::nullopt;
}
} // namespace

static LogicalResult verifyMapArguments(MapOp op) {
  size_t expected = op.getMatrices().size() + op.getRows().size() + op.getCols().size() +
                    op.getHeads().size() + op.getScalars().size();
  Block &block = op.getBody().front();
  if (block.getNumArguments() != expected)
    return op.emitOpError("region has ") << block.getNumArguments() << " arguments, expected "
                                         << expected << ", one for each operand (C2)";
  for (BlockArgument arg : block.getArguments())
    if (!arg.getType().isF32())
      return op.emitOpError("region argument ")
             << arg.getArgNumber() << " is " << arg.getType() << ", expected f32 (C2)";
  return success();
}

LogicalResult MapOp::verify() {
  if (getMatrices().empty())
    return emitOpError("must have at least one matrix operand (C1)");
  if (failed(verifyMapArguments(*this)) || failed(verifyElementwiseRegion(*this, getBody(), "C3")))
    return failure();
  MatrixType type = getResult().getType();
  SmallVector<int64_t> shape(cast<MatrixType>(getMatrices().front().getType()).getShape());
  for (auto [i, matrix] : llvm::enumerate(getMatrices())) {
    FailureOr<SmallVector<int64_t>> merged =
        entrywiseShape(std::nullopt, MatrixType::get(getContext(), shape, type.getElementType()),
                       cast<MatrixType>(matrix.getType()));
    if (failed(merged))
      return emitOpError("matrix operand ")
             << i << " is " << matrix.getType() << ", expected the shape of those "
             << "before it or a static 1 in heads or batch (C4)";
    shape = *merged;
    if (mayRepeatEdges(matrix))
      return emitOpError(
          "is a function of a CSR matrix that may hold an edge twice, expected `unique` on its "
          "attn.adjacency (C5)");
  }
  if (failed(verifyCompatibleShape(shape, type.getShape())))
    return emitOpError("result is ") << type << ", expected the shape of the operands (C4)";
  Operation &last = getBody().front().back();
  if (!isa<YieldOp>(last) || last.getNumOperands() != 1 || !last.getOperand(0).getType().isF32()) {
    InFlightDiagnostic diag = emitOpError("region must end in `attn.yield` of one f32 (C6)");
    diag.attachNote(last.getLoc()) << "it ends here";
    return diag;
  }
  for (Value rows : getRows())
    if (failed(verifyRowVector(*this, rows, type, false, "rows", "C7")))
      return failure();
  for (Value cols : getCols())
    if (failed(verifyRowVector(*this, cols, type, true, "cols", "C7")))
      return failure();
  for (Value heads : getHeads())
    if (failed(verifyHeadVector(*this, heads, type, "C7")))
      return failure();
  return success();
}

DimSource MapOp::getDimSource(unsigned, int64_t dim) {
  bool broadcasts = dim < rankOf(getResult()) - 2;
  for (Value matrix : getMatrices()) {
    int64_t size = cast<MatrixType>(matrix.getType()).getDimSize(dim);
    if (!(broadcasts && size == 1))
      return DimSource::of(matrix, dim);
  }
  return DimSource::of(getMatrices().front(), dim);
}

MatrixFacts MapOp::inferFacts(ArrayRef<MatrixFacts> operands) {
  MatrixFacts facts = operands.front();
  facts.entryFlop = SizePoly(
      static_cast<int64_t>(std::distance(getBody().front().begin(), getBody().front().end())) - 1);
  for (const MatrixFacts &operand : operands) {
    facts.entryFlop += operand.entryFlop;
    facts.rowsNonEmpty &= operand.rowsNonEmpty;
    facts.complete &= operand.complete;
    facts.left = narrower(facts.left, operand.left);
    facts.right = narrower(facts.right, operand.right);
    if (operand.support == Support::Full || facts.support == operand.support)
      continue;
    // All pairs and those of the operand are those of the operand.
    if (facts.support != Support::Full)
      facts.rowsNonEmpty = false;
    bool sparser = operand.support == Support::Sparse || facts.support == Support::Full;
    facts.support = sparser ? operand.support : facts.support;
    if (sparser)
      facts.pairs = operand.pairs;
  }
  // Its support is that of a CSR or diagonal matrix: only those pairs are visited anyway.
  facts.hasCheapForm = facts.support == Support::Sparse;
  facts.applyFixed = facts.pairs * facts.entryFlop;
  facts.applyPerColumn = SizePoly(2) * facts.pairs;
  if (std::optional<int> degree = polynomialDegree(*this)) {
    SizePoly dotCost = operands.front().applyPerColumn,
             rank = sizeOf(scaledDot(getMatrices().front()).first.getQ(), rankOf(getResult()) - 1);
    facts.hasCheapForm = true;
    facts.applyFixed = SizePoly();
    facts.applyPerColumn = facts.rows + facts.columns + dotCost;
    if (*degree == 2)
      facts.applyPerColumn += rank * (dotCost + facts.rows + facts.columns);
    facts.form =
        "polynomial(degree " + std::to_string(*degree) + ", " + operands.front().form + ")";
    facts.reason = "cheaper-streamed";
    return facts;
  }
  std::string name = getKernel() ? getKernel()->str() : "map";
  facts.form = (facts.hasCheapForm ? "sparse(" : "streamed(") + name + ")";
  facts.reason = "entrywise-function";
  return facts;
}

/// c0 + c1 x + c2 x^2 of x = s dot(q, k) as an expression of sums and products.
static Value expandPolynomial(MapOp op, SinkBuilder &sinks) {
  OpBuilder &b = sinks.b;
  Location loc = sinks.loc;
  MatrixType type = op.getType();
  auto [dot, scalar] = scaledDot(op.getMatrices().front());
  Polynomial polynomial = *PolynomialEvaluator(op, &b).run();
  Value sum;
  auto addTerm = [&](Value term) {
    sum = sum ? AddOp::create(b, loc, sum, term).getResult() : term;
  };
  if (Value constant = polynomial.coefficients[0]) {
    SmallVector<Value> sizes;
    for (int64_t i = 0; i < type.getRank(); ++i)
      if (type.isDynamicDim(i))
        sizes.push_back(dimValue(b, loc, op.getResult(), i));
    addTerm(SplatOp::create(b, loc, type, constant, sizes));
  }
  Value power = dot.getResult(), factor;
  for (int i = 1; i <= 2; ++i) {
    if (scalar)
      factor = factor ? arith::MulFOp::create(b, loc, factor, scalar).getResult() : scalar;
    if (Value coefficient = polynomial.coefficients[i]) {
      Value total =
          factor ? arith::MulFOp::create(b, loc, coefficient, factor).getResult() : coefficient;
      addTerm(ScaleOp::create(b, loc, power.getType(), power, Value(), Value(), Value(), total));
    }
    if (i == 1)
      power = HadamardOp::create(b, loc, power, power);
  }
  return sum;
}

static FailureOr<Value> polynomialSink(MapOp op, SinkBuilder &sinks, const SinkRequest &request) {
  if (!polynomialDegree(op))
    return failure();
  Value sum = expandPolynomial(op, sinks);
  if (!sum)
    return initFor(sinks, op.getResult(), request);
  return request.v ? sinks.apply(sum, request) : sinks.rowSums(sum, request);
}

FailureOr<Value> MapOp::buildApply(SinkBuilder &sinks, const SinkRequest &request) {
  return polynomialSink(*this, sinks, request);
}

FailureOr<Value> MapOp::buildRowSums(SinkBuilder &sinks, const SinkRequest &request) {
  return polynomialSink(*this, sinks, request);
}

FailureOr<MatrixElement> MapOp::buildElement(ElementBuilder &entries) {
  OpBuilder &b = entries.b;
  SmallVector<Value> arguments;
  Value present;
  for (Value matrix : getMatrices()) {
    FailureOr<MatrixElement> entry = entries.elementOf(matrix);
    if (failed(entry))
      return failure();
    arguments.push_back(entry->value);
    if (entry->present)
      present = present ? arith::AndIOp::create(b, entries.loc, present, entry->present).getResult()
                        : entry->present;
  }
  for (Value rows : getRows())
    arguments.push_back(entries.atRow(rows));
  for (Value cols : getCols())
    arguments.push_back(entries.atColumn(cols));
  for (Value heads : getHeads())
    arguments.push_back(entries.atHead(heads));
  for (Value scalar : getScalars())
    arguments.push_back(entries.scalar(scalar));
  return MatrixElement{inlineRegion(b, getBody(), arguments).front(), present};
}

FailureOr<Value> MapOp::buildSlice(SliceBuilder &slices) {
  SmallVector<Value> matrices, rows, cols;
  for (Value matrix : getMatrices()) {
    FailureOr<Value> slice = slices.slice(matrix);
    if (failed(slice))
      return failure();
    matrices.push_back(*slice);
  }
  int64_t rowPosition = rowDim(rankOf(getResult()));
  for (Value v : getRows())
    rows.push_back(slices.sliceTensor(v, rowPosition));
  for (Value v : getCols())
    cols.push_back(slices.sliceTensor(v, rowPosition));
  auto op = MapOp::create(slices.b, slices.loc, slicedType(getType()), matrices, rows, cols,
                          getHeads(), getScalars(), getKernelAttr());
  IRMapping mapping;
  getBody().cloneInto(&op.getBody(), mapping);
  return op.getResult();
}

#define GET_OP_CLASSES
#include "attune/Dialect/Attn/Entrywise.cpp.inc"
