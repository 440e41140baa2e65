// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What each layer is in linalg, arith and tensor. No temporary is larger than a result except the
// transposed weight of nn.linear. Sums over the last dimension come first and leave one number for
// each row; a whole-tensor sum adds those, which keeps the rounding error of large N small.
//   layer_norm: y = (x - mean) * (1 / sqrt(var + epsilon)) * weight + bias
//   frobenius:  |x| = sqrt(sum over rows of (sum over the row of x^2))
#include "Rules.h"
#include "attune/Dialect/NN/Layers.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/LinalgBuilders.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"

using namespace mlir;
using namespace attune;
using namespace attune::nn;
using namespace attune::nn::detail;

SmallVector<int64_t> nn::detail::loops(int64_t count) {
  return llvm::to_vector(llvm::seq<int64_t>(0, count));
}

Value nn::detail::elementwise(OpBuilder &b, Location loc, ValueRange inputs, Body body,
                              Type element) {
  SmallVector<int64_t> all = loops(rankOf(inputs.front()));
  SmallVector<LoopOperand> operands;
  for (Value input : inputs)
    operands.push_back({input, all});
  Value out = buildEmpty(b, loc, mixedSizes(b, loc, inputs.front()),
                         element ? element : Type(b.getF32Type()));
  return buildGeneric(b, loc, operands, {out, all}, body);
}

Value nn::detail::update(OpBuilder &b, Location loc, Value tensor,
                         llvm::function_ref<Value(OpBuilder &, Location, Value)> body) {
  return buildGeneric(
      b, loc, {}, {tensor, loops(rankOf(tensor))},
      [&](OpBuilder &b, Location loc, ValueRange args) { return body(b, loc, args.back()); });
}

Value nn::detail::sumOver(OpBuilder &b, Location loc, Value x, int64_t dim, Value perRow,
                          Body term) {
  SmallVector<OpFoldResult> sizes = mixedSizes(b, loc, x);
  SmallVector<int64_t> all = loops(sizes.size()), kept = all;
  sizes.erase(sizes.begin() + dim);
  kept.erase(kept.begin() + dim);
  SmallVector<LoopOperand> inputs = {{x, all}};
  if (perRow)
    inputs.push_back({perRow, kept});
  return buildGeneric(b, loc, inputs, {buildFilled(b, loc, sizes), kept},
                      [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
                        return arith::AddFOp::create(b, loc, args.back(),
                                                     term(b, loc, args.drop_back()));
                      });
}

Value nn::detail::firstElement(OpBuilder &, Location, ValueRange args) { return args.front(); }

Value nn::detail::sizeAsF32(OpBuilder &b, Location loc, Value x, int64_t dim) {
  ShapedType type = cast<ShapedType>(x.getType());
  if (!type.isDynamicDim(dim))
    return f32Constant(b, loc, double(type.getDimSize(dim)));
  return indexToF32(b, loc, dimValue(b, loc, x, dim));
}

Value nn::detail::divideBy(OpBuilder &b, Location loc, Value tensor, Value divisor) {
  return update(b, loc, tensor, [&](OpBuilder &b, Location loc, Value element) -> Value {
    return arith::DivFOp::create(b, loc, element, divisor);
  });
}

/// The same on rows [N, I]: all dimensions but the last are rows of one product.
static Value linearOfRows(LinearOp op, OpBuilder &b) {
  Location loc = op.getLoc();
  int64_t rank = rankOf(op.getX());
  SmallVector<ReassociationIndices> groups(2);
  for (int64_t d = 0; d + 1 < rank; ++d)
    groups[0].push_back(d);
  groups[1].push_back(rank - 1);
  SmallVector<OpFoldResult> sizes = mixedSizes(b, loc, op.getX());
  sizes.back() = mixedSizes(b, loc, op.getWeight())[0];
  Value rows = tensor::CollapseShapeOp::create(b, loc, op.getX(), groups);
  Value result = LinearOp::create(b, loc, rows, op.getWeight(), op.getBias());
  return tensor::ExpandShapeOp::create(b, loc, op.getType(), result, groups, sizes);
}

Decomposed LinearOp::decompose(OpBuilder &b) {
  Location loc = getLoc();
  // Upstream cannot expand one dimension into several dynamic ones.
  ArrayRef<int64_t> rows = getX().getType().getShape().drop_back();
  if (rows.size() > 1 && llvm::count_if(rows, ShapedType::isDynamic) <= 1)
    return SmallVector<Value>{linearOfRows(*this, b)};
  // Loops: the dimensions of the result, then the summed one, which the inner kernel keeps in
  // registers; it reads rows of the transposed weight without stride.
  int64_t out = rankOf(getX()) - 1, in = out + 1;
  SmallVector<OpFoldResult> sizes = mixedSizes(b, loc, getX());
  SmallVector<OpFoldResult> weightSizes = mixedSizes(b, loc, getWeight());
  sizes.back() = weightSizes[0];
  Value transposed = buildEmpty(b, loc, {weightSizes[1], weightSizes[0]}, b.getF32Type());
  transposed = buildGeneric(b, loc, {{getWeight(), {1, 0}}}, {transposed, {0, 1}}, firstElement);

  SmallVector<int64_t> resultLoops = loops(in), xLoops = resultLoops;
  xLoops.back() = in;
  Value result;
  if (getBias())
    result = buildGeneric(b, loc, {{getBias(), {out}}},
                          {buildEmpty(b, loc, sizes, b.getF32Type()), resultLoops}, firstElement);
  else
    result = buildFilled(b, loc, sizes);
  result = buildGeneric(b, loc, {{getX(), xLoops}, {transposed, {in, out}}}, {result, resultLoops},
                        [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                          Value product = arith::MulFOp::create(b, loc, args[0], args[1]);
                          return arith::AddFOp::create(b, loc, args[2], product);
                        });
  return SmallVector<Value>{result};
}

Decomposed LayerNormOp::decompose(OpBuilder &b) {
  Location loc = getLoc();
  int64_t last = rankOf(getX()) - 1;
  Value width = sizeAsF32(b, loc, getX(), last);
  Value mean = divideBy(b, loc, sumOver(b, loc, getX(), last, {}, firstElement), width);
  auto squaredDifference = [](OpBuilder &b, Location loc, ValueRange args) -> Value {
    Value difference = arith::SubFOp::create(b, loc, args[0], args[1]);
    return arith::MulFOp::create(b, loc, difference, difference);
  };
  Value epsilon = f32Constant(b, loc, getEpsilon().convertToDouble());
  Value one = f32Constant(b, loc, 1.0);
  Value scale =
      update(b, loc, sumOver(b, loc, getX(), last, mean, squaredDifference),
             [&](OpBuilder &b, Location loc, Value sum) -> Value {
               Value variance = arith::DivFOp::create(b, loc, sum, width);
               Value shifted = arith::AddFOp::create(b, loc, variance, epsilon);
               return arith::DivFOp::create(b, loc, one, math::SqrtOp::create(b, loc, shifted));
             });
  SmallVector<int64_t> all = loops(last + 1), rows = loops(last);
  Value out = buildEmpty(b, loc, mixedSizes(b, loc, getX()), b.getF32Type());
  out = buildGeneric(
      b, loc,
      {{getX(), all}, {mean, rows}, {scale, rows}, {getWeight(), {last}}, {getBias(), {last}}},
      {out, all}, [](OpBuilder &b, Location loc, ValueRange args) -> Value {
        Value difference = arith::SubFOp::create(b, loc, args[0], args[1]);
        Value normal = arith::MulFOp::create(b, loc, difference, args[2]);
        Value scaled = arith::MulFOp::create(b, loc, normal, args[3]);
        return arith::AddFOp::create(b, loc, scaled, args[4]);
      });
  return SmallVector<Value>{out};
}

Decomposed ReluOp::decompose(OpBuilder &b) {
  Value zero = f32Constant(b, getLoc(), 0.0);
  // maximumf, not maxnumf: NaN stays NaN.
  return SmallVector<Value>{
      elementwise(b, getLoc(), getX(), [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
        return arith::MaximumFOp::create(b, loc, args[0], zero);
      })};
}

Decomposed MapOp::decompose(OpBuilder &b) {
  return SmallVector<Value>{
      elementwise(b, getLoc(), getInputs(), [&](OpBuilder &b, Location, ValueRange args) {
        SmallVector<Value> values(args.drop_back());
        llvm::append_range(values, getScalars());
        return inlineRegion(b, getBody(), values).front();
      })};
}

Decomposed MeanOp::decompose(OpBuilder &b) {
  Location loc = getLoc();
  int64_t dim = getDim(), rank = rankOf(getX());
  if (getX().getType().getDimSize(dim) != 1) {
    Value sum = sumOver(b, loc, getX(), dim, {}, firstElement);
    return SmallVector<Value>{divideBy(b, loc, sum, sizeAsF32(b, loc, getX(), dim))};
  }
  // One element: the dimension goes to its neighbour, the one before it where there is one.
  SmallVector<ReassociationIndices> groups;
  for (int64_t d = 0; d < rank; ++d) {
    if (!groups.empty() && d == std::max<int64_t>(dim, 1))
      groups.back().push_back(d);
    else
      groups.push_back({d});
  }
  if (rank == 1)
    groups.clear();
  return SmallVector<Value>{
      tensor::CollapseShapeOp::create(b, loc, getType(), getX(), groups).getResult()};
}

LogicalResult MeanOp::canonicalize(MeanOp op, PatternRewriter &rewriter) {
  if (op.getX().getType().getDimSize(op.getDim()) != 1)
    return rewriter.notifyMatchFailure(op, "the dimension is not a static 1");
  rewriter.replaceOp(op, *op.decompose(rewriter));
  return success();
}

static Value frobeniusNorm(OpBuilder &b, Location loc, Value x) {
  auto square = [](OpBuilder &b, Location loc, ValueRange args) -> Value {
    return arith::MulFOp::create(b, loc, args[0], args[0]);
  };
  int64_t rank = rankOf(x);
  Value sum;
  if (rank == 0) {
    sum = elementwise(b, loc, x, square);
  } else {
    Value rows = sumOver(b, loc, x, rank - 1, {}, square);
    sum = rows;
    if (rank > 1)
      sum = buildGeneric(b, loc, {{rows, loops(rank - 1)}}, {buildFilled(b, loc, {}), {}},
                         [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                           return arith::AddFOp::create(b, loc, args[1], args[0]);
                         });
  }
  return math::SqrtOp::create(b, loc, tensor::ExtractOp::create(b, loc, sum, ValueRange()));
}

Decomposed FrobeniusNormOp::decompose(OpBuilder &b) {
  return SmallVector<Value>{frobeniusNorm(b, getLoc(), getX())};
}

Decomposed FrobeniusNormalizeOp::decompose(OpBuilder &b) {
  Value norm = frobeniusNorm(b, getLoc(), getX());
  return SmallVector<Value>{
      elementwise(b, getLoc(), getX(), [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
        return arith::DivFOp::create(b, loc, args[0], norm);
      })};
}

Decomposed GatherOp::decompose(OpBuilder &b) {
  Location loc = getLoc();
  SmallVector<OpFoldResult> sizes = mixedSizes(b, loc, getTable());
  sizes.front() = mixedSizes(b, loc, getIndices()).front();
  SmallVector<int64_t> all = loops(sizes.size());
  Value out = buildEmpty(b, loc, sizes, getTable().getType().getElementType());
  out = buildGeneric(b, loc, {{getIndices(), {0}}}, {out, all},
                     [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
                       SmallVector<Value> place = {
                           arith::IndexCastOp::create(b, loc, b.getIndexType(), args[0])};
                       for (int64_t dim = 1; dim < int64_t(all.size()); ++dim)
                         place.push_back(linalg::IndexOp::create(b, loc, dim));
                       return tensor::ExtractOp::create(b, loc, getTable(), place);
                     });
  return SmallVector<Value>{out};
}
