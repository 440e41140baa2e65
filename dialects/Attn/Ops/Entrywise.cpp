// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// attn.map. Its linear form exists where the matrix is a polynomial of degree at most 2 of one dot
// product x, however it is written: c0 is a splat, c1 x a scaled dot, and x^2 the entrywise product
// of two dots, which is D products with the dot (attn.hadamard).
#include "attune/Dialect/Attn/Entrywise.h"
#include "attune/Dialect/Attn/Algebra.h"
#include "attune/Dialect/Attn/Kernels.h"
#include "attune/Dialect/Attn/RowLayout.h"
#include "attune/Dialect/Attn/Sources.h"
#include "attune/Dialect/Attn/Surface.h"
#include "attune/Sizes/DimSource.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/LinalgBuilders.h"

using namespace mlir;
using namespace attune;
using namespace attune::attn;
using namespace attune::attn::detail;

namespace {
/// A polynomial of degree at most 2 in a dot product; a null coefficient is 0.
struct Polynomial {
  std::array<Value, 3> coefficients;
  bool isNumber() const { return !coefficients[1] && !coefficients[2]; }
};

/// Reads a matrix as a polynomial of one dot product, by what its regions compute: through nested
/// maps, sums and products of such polynomials. Coefficients are built at `b`; without a builder
/// they are values that say no more than that they are there.
class PolynomialReader {
public:
  explicit PolynomialReader(OpBuilder *b) : b(b) {}

  std::optional<Polynomial> read(Value matrix) {
    Operation *op = matrix.getDefiningOp();
    if (auto product = dyn_cast_if_present<DotOp>(op)) {
      if (dot && dot != product)
        return fail(op);
      dot = product;
      return Polynomial{{Value(), one(op), Value()}};
    }
    if (auto splat = dyn_cast_if_present<SplatOp>(op))
      return Polynomial{{splat.getValue(), Value(), Value()}};
    if (auto scale = dyn_cast_if_present<ScaleOp>(op);
        scale && !scale.getRows() && !scale.getCols() && !scale.getHeads()) {
      std::optional<Polynomial> input = read(scale.getInput());
      return input ? multiply(op, *input, {{scale.getScalar(), Value(), Value()}}) : input;
    }
    if (isa_and_present<AddOp, HadamardOp>(op)) {
      std::optional<Polynomial> lhs = read(op->getOperand(0));
      std::optional<Polynomial> rhs = lhs ? read(op->getOperand(1)) : lhs;
      if (!rhs)
        return rhs;
      return isa<AddOp>(op) ? std::optional(add(op, *lhs, *rhs)) : multiply(op, *lhs, *rhs);
    }
    if (auto map = dyn_cast_if_present<MapOp>(op); map && map.getMatrices().size() == 1 &&
                                                   map.getRows().empty() && map.getCols().empty() &&
                                                   map.getHeads().empty())
      return readMap(map);
    return fail(op);
  }

  DotOp dot;
  /// The op that is no polynomial.
  Operation *culprit = nullptr;

private:
  std::optional<Polynomial> fail(Operation *op) {
    if (!culprit)
      culprit = op;
    return std::nullopt;
  }

  Value one(Operation *op) { return b ? f32Constant(*b, op->getLoc(), 1) : op->getResult(0); }

  /// x op y, at the builder.
  template <typename OpTy> Value combine(Operation *at, Value x, Value y) {
    return b ? b->createOrFold<OpTy>(at->getLoc(), x, y) : x;
  }

  Polynomial add(Operation *at, const Polynomial &x, const Polynomial &y) {
    Polynomial sum;
    for (int i = 0; i < 3; ++i) {
      Value p = x.coefficients[i], q = y.coefficients[i];
      sum.coefficients[i] = p && q ? combine<arith::AddFOp>(at, p, q) : p ? p : q;
    }
    return sum;
  }

  Polynomial negate(Operation *at, Polynomial x) {
    for (Value &coefficient : x.coefficients)
      if (coefficient && b)
        coefficient = arith::NegFOp::create(*b, at->getLoc(), coefficient);
    return x;
  }

  std::optional<Polynomial> multiply(Operation *at, const Polynomial &x, const Polynomial &y) {
    Polynomial product;
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 3; ++j) {
        if (!x.coefficients[i] || !y.coefficients[j])
          continue;
        if (i + j > 2)
          return fail(at);
        Value term = combine<arith::MulFOp>(at, x.coefficients[i], y.coefficients[j]);
        Value &sum = product.coefficients[i + j];
        sum = sum ? combine<arith::AddFOp>(at, sum, term) : term;
      }
    return product;
  }

  std::optional<Polynomial> power(Operation *at, const Polynomial &x, int64_t exponent) {
    if (exponent == 0)
      return Polynomial{{one(at), Value(), Value()}};
    if (exponent == 1)
      return x;
    return exponent == 2 ? multiply(at, x, x) : fail(at);
  }

  std::optional<Polynomial> readMap(MapOp map) {
    std::optional<Polynomial> input = read(map.getMatrices().front());
    if (!input)
      return input;
    Block &block = map.getBody().front();
    llvm::DenseMap<Value, Polynomial> values;
    values[block.getArgument(0)] = *input;
    for (auto [argument, scalar] : llvm::zip(block.getArguments().drop_front(), map.getScalars()))
      values[argument] = {{scalar, Value(), Value()}};
    for (Operation &op : block.without_terminator()) {
      SmallVector<Polynomial> operands = llvm::map_to_vector(
          op.getOperands(), [&](Value operand) { return values.lookup(operand); });
      std::optional<Polynomial> result = evaluate(op, operands);
      if (!result)
        return result;
      values[op.getResult(0)] = *result;
    }
    return values.lookup(block.getTerminator()->getOperand(0));
  }

  /// A function of numbers is a number, whatever it computes.
  Polynomial number(Operation &op, ArrayRef<Polynomial> operands) {
    if (!b)
      return {{op.getResult(0), Value(), Value()}};
    Operation *clone = b->clone(op);
    for (auto [i, operand] : llvm::enumerate(operands)) {
      Value value = operand.coefficients[0];
      clone->setOperand(i, value ? value : f32Constant(*b, op.getLoc(), 0));
    }
    clone->moveBefore(b->getInsertionBlock(), b->getInsertionPoint());
    return {{clone->getResult(0), Value(), Value()}};
  }

  std::optional<Polynomial> evaluate(Operation &op, ArrayRef<Polynomial> x) {
    if (op.getNumResults() != 1 || op.getNumRegions() != 0)
      return fail(&op);
    if (llvm::all_of(x, [](const Polynomial &operand) { return operand.isNumber(); }))
      return number(op, x);
    if (isa<arith::AddFOp>(op))
      return add(&op, x[0], x[1]);
    if (isa<arith::SubFOp>(op))
      return add(&op, x[0], negate(&op, x[1]));
    if (isa<arith::NegFOp>(op))
      return negate(&op, x[0]);
    if (isa<arith::MulFOp>(op))
      return multiply(&op, x[0], x[1]);
    if (isa<math::FmaOp>(op)) {
      std::optional<Polynomial> product = multiply(&op, x[0], x[1]);
      return product ? std::optional(add(&op, *product, x[2])) : product;
    }
    if (isa<arith::DivFOp>(op) && x[1].isNumber() && x[1].coefficients[0]) {
      Polynomial quotient = x[0];
      for (Value &coefficient : quotient.coefficients)
        if (coefficient)
          coefficient = combine<arith::DivFOp>(&op, coefficient, x[1].coefficients[0]);
      return quotient;
    }
    APFloat exponent(0.0f);
    if (isa<math::PowFOp>(op) && matchPattern(op.getOperand(1), m_ConstantFloat(&exponent)) &&
        exponent.isInteger())
      return power(&op, x[0], static_cast<int64_t>(exponent.convertToFloat()));
    APInt integer;
    if (isa<math::FPowIOp>(op) && matchPattern(op.getOperand(1), m_ConstantInt(&integer)))
      return power(&op, x[0], integer.getSExtValue());
    return fail(&op);
  }

  OpBuilder *b;
};
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

namespace {
/// f(scaled(A)) = f(A), or whatever else has the entries of A present, where f ignores the values.
struct SkipIgnoredValues : OpRewritePattern<MapOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MapOp op, PatternRewriter &rewriter) const override {
    bool changed = false;
    for (OpOperand &operand : op.getMatricesMutable()) {
      Operation *source = operand.get().getDefiningOp();
      auto map = dyn_cast_if_present<MapOp>(source);
      bool keepsPresence =
          (map && map.getMatrices().size() == 1) ||
          isa_and_present<ScaleOp, NormalizeRowsOp, NormalizeSymmetricOp, SoftmaxOp>(source);
      if (!keepsPresence || !op.getBody().getArgument(operand.getOperandNumber()).use_empty() ||
          source->getOperand(0).getType() != operand.get().getType())
        continue;
      rewriter.modifyOpInPlace(op, [&] { operand.set(source->getOperand(0)); });
      changed = true;
    }
    return success(changed);
  }
};
} // namespace

void MapOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<SkipIgnoredValues>(context);
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
  for (const MatrixFacts &operand : operands) {
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
  }
  return facts;
}

StringRef MapOp::getRewrite() { return "polynomial"; }
StringRef MapOp::getDeclineReason() { return "entrywise-function"; }

std::string MapOp::describeForm(ArrayRef<std::string>) {
  PolynomialReader reader(nullptr);
  std::optional<Polynomial> polynomial = reader.read(getResult());
  if (!polynomial)
    return "polynomial";
  int degree = polynomial->coefficients[2] ? 2 : polynomial->coefficients[1] ? 1 : 0;
  return inWords("polynomial", {"degree " + std::to_string(degree),
                                reader.dot ? reader.dot.describeForm({}) : "constant"});
}

std::string MapOp::describeElement(ArrayRef<std::string>) {
  return getKernel() ? getKernel()->str() : "map";
}

/// c0 + c1 x + c2 x^2 of x = dot(q, k) as an expression of sums and products; null for 0.
static Value expandPolynomial(MapOp op, SinkBuilder &sinks) {
  OpBuilder &b = sinks.b;
  Location loc = sinks.loc;
  MatrixType type = op.getType();
  PolynomialReader reader(&b);
  Polynomial polynomial = *reader.read(op.getResult());
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
  Value power = reader.dot ? reader.dot.getResult() : Value();
  for (int i = 1; i <= 2; ++i) {
    Value coefficient = polynomial.coefficients[i];
    if (i == 2 && coefficient)
      power = HadamardOp::create(b, loc, power, power);
    if (coefficient && matchPattern(coefficient, m_OneFloat()))
      addTerm(power);
    else if (coefficient)
      addTerm(
          ScaleOp::create(b, loc, power.getType(), power, Value(), Value(), Value(), coefficient));
  }
  return sum;
}

static FailureOr<Value> polynomialSink(MapOp op, SinkBuilder &sinks, const SinkRequest &request) {
  PolynomialReader reader(nullptr);
  auto outer = [](Value matrix) {
    return cast<MatrixType>(matrix.getType()).getShape().drop_back(2);
  };
  bool isPolynomial =
      reader.read(op.getResult()) && (!reader.dot || outer(reader.dot) == outer(op.getResult()));
  if (!isPolynomial) {
    sinks.decline(op.getDeclineReason(), reader.culprit);
    return failure();
  }
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
