// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "attune/Dialect/Attn/FlopCount.h"
#include "attune/Dialect/Attn/Stream.h"
#include "attune/Sizes/Sizes.h"

using namespace mlir;

namespace attune::attn {

FlopCount &FlopCount::operator+=(const FlopCount &other) {
  products += other.products;
  rows += other.rows;
  pairs += other.pairs;
  edges += other.edges;
  everyPair += other.everyPair;
  functions += other.functions;
  runs += other.runs;
  return *this;
}

FlopCount FlopCount::map(llvm::function_ref<SizePoly(const SizePoly &)> change) const {
  return {change(products),  change(rows),      change(pairs), change(edges),
          change(everyPair), change(functions), change(runs)};
}

namespace {
/// FLOP of one run of a region.
struct BodyFlop {
  int64_t flop = 0, functions = 0;
};
} // namespace

static bool isFloat(Operation *op) {
  return op->getNumResults() == 1 && isa<FloatType>(getElementTypeOrSelf(op->getResult(0)));
}

/// Whether the op is one of its operands, as x * 1 is: later passes fold it.
static bool isIdentity(Operation *op) {
  SmallVector<OpFoldResult> folded;
  // The first time may only have moved a constant to the right.
  for (int i = 0; i < 2 && folded.empty(); ++i)
    if (failed(op->fold(folded)))
      return false;
  return !folded.empty();
}

static BodyFlop bodyFlop(Region &region) {
  BodyFlop body;
  region.walk([&](Operation *op) {
    if (!isFloat(op) || isIdentity(op))
      return;
    if (isa<math::FmaOp>(op)) {
      body.flop += 2;
    } else if (isa<math::MathDialect>(op->getDialect())) {
      ++body.flop;
      body.functions += !isa<math::AbsFOp, math::SqrtOp>(op);
    } else {
      body.flop += isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp, arith::NegFOp,
                       arith::RemFOp, arith::MaximumFOp, arith::MinimumFOp, arith::MaxNumFOp,
                       arith::MinNumFOp>(op);
    }
  });
  return body;
}

static FlopCount countLinalg(linalg::LinalgOp op) {
  FlopCount count;
  count.runs = SizePoly(1);
  BodyFlop body = bodyFlop(op->getRegion(0));
  SizePoly iterations(1);
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    SizePoly extent = SizePoly::symbol("?");
    bool found = false;
    for (OpOperand &operand : op->getOpOperands())
      for (auto [dim, expr] : llvm::enumerate(op.getMatchingIndexingMap(&operand).getResults()))
        if (auto index = dyn_cast<AffineDimExpr>(expr);
            index && index.getPosition() == loop && !found) {
          extent = sizeOf(operand.get(), dim);
          found = true;
        }
    iterations = iterations * extent;
  }
  bool isProduct = op.getNumReductionLoops() > 0 && op.getNumDpsInputs() == 2;
  (isProduct ? count.products : count.rows) += SizePoly(body.flop) * iterations;
  count.functions += SizePoly(body.functions) * iterations;
  return count;
}

/// Sum over x from `first` to `last` of x held between 0 and `most`, for numbers.
static SizePoly heldSum(int64_t first, int64_t last, int64_t most) {
  auto below = [&](int64_t x) {
    if (x < 0)
      return SizePoly();
    SizePoly held(std::min(x, most));
    SizePoly sum = (held * (held + SizePoly(1))).dividedBy(2);
    return x > most ? sum + SizePoly(x - most) * SizePoly(most) : sum;
  };
  return below(last) - below(first - 1);
}

/// Sum over the rows i of i + shift held between 0 and the number of columns.
static SizePoly heldSum(const SizePoly &rows, const SizePoly &columns, int64_t shift) {
  std::optional<int64_t> n = rows.getConstant(), m = columns.getConstant();
  if (n && m)
    return heldSum(shift, *n - 1 + shift, *m);
  auto triangle = [](const SizePoly &x) { return (x * (x + SizePoly(1))).dividedBy(2); };
  SizePoly before = shift > 0 ? triangle(SizePoly(shift - 1)) : SizePoly();
  SizePoly last = rows + SizePoly(shift - 1);
  // Columns end before rows do where only they are a number, or where the band sticks out.
  if (m || (rows == columns && shift > 0))
    return triangle(columns) + (last - columns) * columns - before;
  return triangle(last) - before;
}

SizePoly bandPairs(const SizePoly &rows, const SizePoly &columns, int64_t left, int64_t right) {
  // Wider bands are taken for the whole matrix where sizes have names.
  constexpr int64_t kWidest = 1 << 20;
  bool known = rows.getConstant() && columns.getConstant();
  auto bounds = [&](int64_t bound) {
    return bound >= 0 && (bound < kWidest || (known && bound < (int64_t(1) << 40)));
  };
  SizePoly pairs = bounds(right) ? heldSum(rows, columns, right + 1) : rows * columns;
  if (bounds(left))
    pairs = pairs - heldSum(rows, columns, -left);
  return pairs;
}

/// Batch times heads: those of any out.
static SizePoly outerSize(StreamOp op) {
  Value init = op.getInits().front();
  SinkKind kind = op.getSinkKind(0);
  int64_t rank = cast<ShapedType>(init.getType()).getRank();
  bool isVector = kind == SinkKind::RowSum || kind == SinkKind::RowMax;
  SmallVector<int64_t> inner = kind == SinkKind::Materialize
                                   ? SmallVector<int64_t>{rank - 2, rank - 1}
                               : isVector ? SmallVector<int64_t>{rank - 2}
                                          : SmallVector<int64_t>{rank - 3, rank - 1};
  SizePoly size(1);
  for (int64_t dim = 0; dim < rank; ++dim)
    if (!llvm::is_contained(inner, dim))
      size = size * sizeOf(init, dim);
  return size;
}

static FlopCount countStream(StreamOp op) {
  FlopCount count;
  count.runs = SizePoly(1);
  BodyFlop body = bodyFlop(op.getBody());
  SizePoly flop(body.flop), functions(body.functions);
  auto width = [](Value v) { return sizeOf(v, cast<ShapedType>(v.getType()).getRank() - 1); };
  for (auto [lhs, distance] : llvm::zip(op.getLhs(), op.getDistance()))
    flop += SizePoly(distance ? 3 : 2) * width(lhs);
  for (unsigned i = 0; i < op.getSinks().size(); ++i) {
    switch (op.getSinkKind(i)) {
    case SinkKind::Softmax: // largest entry so far, difference, exp, sum of weights
      flop += SizePoly(4);
      functions += SizePoly(1);
      [[fallthrough]];
    case SinkKind::Apply:
      flop += SizePoly(2) * width(op.getValues()[op.getValueIndex(i)]);
      break;
    case SinkKind::RowSum:
    case SinkKind::RowMax:
      flop += SizePoly(1);
      break;
    case SinkKind::Materialize:
      break;
    }
  }
  SizePoly visits;
  if (op.getCsrColumns()) {
    visits = sizeOf(op.getCsrColumns(), 0);
  } else if (op.getSegments()) {
    visits = SizePoly::symbol("P");
    // Half of the pairs of each segment, and its diagonal.
    if (op.getBand() && (*op.getBand() == ArrayRef<int64_t>({-1, 0}) ||
                         *op.getBand() == ArrayRef<int64_t>({0, -1})))
      visits = (visits + sizeOfIndex(op.getNumRows())).dividedBy(2);
  } else {
    constexpr int64_t kNone[] = {-1, -1};
    ArrayRef<int64_t> band = op.getBand().value_or(ArrayRef<int64_t>(kNone));
    visits =
        bandPairs(sizeOfIndex(op.getNumRows()), sizeOfIndex(op.getNumColumns()), band[0], band[1]);
  }
  SizePoly outer = outerSize(op);
  count.everyPair = flop * sizeOfIndex(op.getNumRows()) * sizeOfIndex(op.getNumColumns()) * outer;
  visits = visits * outer;
  bool isNarrow = op.getBand() && llvm::all_of(*op.getBand(), [](int64_t v) { return v >= 0; });
  (op.getCsrColumns() || isNarrow ? count.edges : count.pairs) += flop * visits;
  count.functions += functions * visits;
  return count;
}

SizePoly acrossIterations(const SizePoly &body, scf::ForOp loop) {
  if (std::optional<std::string> whole = segmentsOf(loop)) {
    SizePoly segments = sizeOfIndex(loop.getUpperBound());
    return body.substitute(*whole, [&](unsigned power) {
      return power == 0   ? segments
             : power == 1 ? SizePoly::symbol(*whole)
             : power == 2 ? SizePoly::symbol("P")
                          : SizePoly::symbol("?");
    });
  }
  SizePoly trips = sizeOfIndex(loop.getUpperBound()) - sizeOfIndex(loop.getLowerBound());
  std::optional<int64_t> step = getConstantIntValue(loop.getStep());
  if (step != 1)
    trips = step && *step > 0 && trips.getConstant()
                ? SizePoly((*trips.getConstant() + *step - 1) / *step)
                : SizePoly::symbol("?");
  return body * trips;
}

FlopCount countFlop(Operation &op, Branch branch) {
  if (auto linalg = dyn_cast<linalg::LinalgOp>(op))
    return countLinalg(linalg);
  if (auto stream = dyn_cast<StreamOp>(op))
    return countStream(stream);
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return countFlop(*loop.getBody(), branch).map([&](const SizePoly &body) {
      return acrossIterations(body, loop);
    });
  FlopCount count;
  if (auto choice = dyn_cast<scf::IfOp>(op)) {
    if (Block *taken = branch == Branch::Then ? choice.thenBlock() : choice.elseBlock())
      count += countFlop(*taken, branch);
    return count;
  }
  if (op.hasTrait<OpTrait::Elementwise>() && isFloat(&op) &&
      isa<RankedTensorType>(op.getResult(0).getType())) {
    count.rows += elementCount(op.getResult(0));
    count.runs += SizePoly(1);
    return count;
  }
  for (Region &region : op.getRegions())
    for (Block &inner : region)
      count += countFlop(inner, branch);
  return count;
}

FlopCount countFlop(Block &block, Branch branch) {
  FlopCount count;
  for (Operation &op : block)
    count += countFlop(op, branch);
  return count;
}

} // namespace attune::attn
