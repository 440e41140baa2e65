// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Layers of image models: conv2d, batch_norm, gelu, interpolate. Rules are numbered as in
// Vision.td. A convolution is one linalg.generic whose input moves by the sum of two loops, so
// that it needs no copy of patches; it runs on register tiles as any other contraction does.
#include "attune/Dialect/NN/Vision.h"
#include "Rules.h"
#include "attune/Sizes/DimSource.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/Errors.h"
#include "attune/Support/LinalgBuilders.h"

#include <numeric>

using namespace mlir;
using namespace attune;
using namespace attune::nn;
using namespace attune::nn::detail;

//===----------------------------------------------------------------------===//
// conv2d
//===----------------------------------------------------------------------===//

/// Largest stride, padding and size, so that sums and products of them stay whole numbers.
static constexpr int64_t kMost = 1 << 20;

static bool isPair(ArrayRef<int64_t> values, int64_t least) {
  return values.size() == 2 &&
         llvm::all_of(values, [&](int64_t v) { return v >= least && v <= kMost; });
}

/// Pixels of the result along one dimension, 0 or less where the kernel is larger than the image.
static int64_t outputSize(int64_t size, int64_t kernel, int64_t stride, int64_t padding) {
  int64_t room = size + 2 * padding - kernel;
  return room < 0 ? 0 : room / stride + 1;
}

LogicalResult Conv2dOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  ValueRange operands = adaptor.getOperands();
  StringRef name = getOperationName();
  RankedTensorType x = inferableType(loc, name, "x", operands[0], "C1", 4, 4);
  if (!x)
    return failure();
  if (x.isDynamicDim(1) || x.isDynamicDim(2))
    return emitOptionalError(loc, "'", name, "' op `x` has shape ", show(x.getShape()),
                             ", expected a static height and width (C1)");
  RankedTensorType weight = inferableType(loc, name, "weight", operands[1], "C2", 4, 4);
  if (!weight)
    return failure();
  if (!weight.hasStaticShape() || llvm::is_contained(weight.getShape(), 0))
    return emitOptionalError(loc, "'", name, "' op `weight` has shape ", show(weight.getShape()),
                             ", expected static sizes of at least 1 (C2)");
  // Before the defaults are filled in.
  static constexpr int64_t kOnes[] = {1, 1}, kZeros[] = {0, 0};
  DenseI64ArrayAttr givenStrides = adaptor.getStridesAttr(),
                    givenPadding = adaptor.getPaddingAttr();
  ArrayRef<int64_t> strides = givenStrides ? givenStrides.asArrayRef() : ArrayRef(kOnes);
  ArrayRef<int64_t> padding = givenPadding ? givenPadding.asArrayRef() : ArrayRef(kZeros);
  if (!isPair(strides, 1))
    return emitOptionalError(loc, "'", name, "' op `strides` is ", show(strides),
                             ", expected two numbers from 1 to ", kMost, " (C3)");
  if (!isPair(padding, 0))
    return emitOptionalError(loc, "'", name, "' op `padding` is ", show(padding),
                             ", expected two numbers from 0 to ", kMost, " (C3)");
  SmallVector<int64_t> shape = {x.getDimSize(0), 0, 0, weight.getDimSize(0)};
  for (int64_t d : {0, 1}) {
    int64_t size = x.getDimSize(d + 1), kernel = weight.getDimSize(d + 2);
    shape[d + 1] = outputSize(size, kernel, strides[d], padding[d]);
    if (shape[d + 1] >= 1)
      continue;
    if (!loc)
      return failure();
    return noteOrigin(mlir::emitError(*loc)
                          << "'" << name << "' op `weight` has a kernel of " << kernel
                          << ", expected at most " << size + 2 * padding[d]
                          << ", the padded image's " << (d == 0 ? "height" : "width") << " (C5)",
                      operands[0], "x");
  }
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  return success();
}

LogicalResult Conv2dOp::verify() {
  if (failed(verifyInferable(*this)))
    return failure();
  // (C4)
  RankedTensorType x = getX().getType(), weight = getWeight().getType();
  int64_t channels = x.getDimSize(3), groups = getGroups();
  if (groups < 1 || weight.getDimSize(0) % groups != 0)
    return emitOpError() << "`groups` is " << groups << ", expected a divisor of "
                         << weight.getDimSize(0) << ", the channels of the result (C4)";
  bool isDepthwise = weight.getDimSize(1) == 1 && weight.getDimSize(0) == groups;
  if (groups > 1 && !isDepthwise && ShapedType::isDynamic(channels))
    return emitOpError() << "`x` has a dynamic number of channels, expected a static one with "
                         << groups << " groups (C4)";
  if (!mayBeEqual(channels, groups * weight.getDimSize(1)))
    return noteOrigin(emitOpError() << "`x` has " << channels << " channels, expected "
                                    << groups * weight.getDimSize(1) << ", those of `weight` in "
                                    << groups << " groups (C4)",
                      getWeight(), "weight");
  if (failed(verifyF32(*this, getX(), "x", "C7")) ||
      failed(verifyF32(*this, getWeight(), "weight", "C7")))
    return failure();
  if (!getBias())
    return success();
  if (failed(verifyVector(*this, getBias(), "bias", weight.getDimSize(0),
                          {getWeight(), "weight", "the channels of the result"}, "C6")))
    return failure();
  return verifyF32(*this, getBias(), "bias", "C7");
}

DimSource Conv2dOp::getDimSource(unsigned, int64_t dim) {
  if (dim == 0)
    return DimSource::of(getX(), 0);
  return DimSource::of(Builder(getContext()).getIndexAttr(getType().getDimSize(dim)));
}

SizePoly Conv2dOp::getFlop() {
  ArrayRef<int64_t> weight = getWeight().getType().getShape();
  return SizePoly(2 * weight[1] * weight[2] * weight[3]) * elementCount(getResult());
}

/// The image with zeros around it.
static Value padImage(Conv2dOp op, OpBuilder &b) {
  Location loc = op.getLoc();
  ArrayRef<int64_t> padding = op.getPadding();
  if (padding[0] == 0 && padding[1] == 0)
    return op.getX();
  SmallVector<OpFoldResult> sizes = mixedSizes(b, loc, op.getX()), padded = sizes;
  SmallVector<OpFoldResult> offsets(4, b.getIndexAttr(0)), strides(4, b.getIndexAttr(1));
  for (int64_t d : {0, 1}) {
    padded[d + 1] = b.getIndexAttr(op.getX().getType().getDimSize(d + 1) + 2 * padding[d]);
    offsets[d + 1] = b.getIndexAttr(padding[d]);
  }
  Value zeros = buildFilled(b, loc, padded);
  return tensor::InsertSliceOp::create(b, loc, op.getX(), zeros, offsets, sizes, strides);
}

Decomposed Conv2dOp::decompose(OpBuilder &b) {
  Location loc = getLoc();
  ArrayRef<int64_t> kernel = getWeight().getType().getShape();
  int64_t groups = getGroups(), outs = kernel[0] / groups, ins = kernel[1];
  // One channel in and out for each group: the group is the channel.
  bool hasGroups = groups > 1, hasOut = !hasGroups || outs > 1, hasIn = !hasGroups || ins > 1;
  if (hasGroups && hasIn != hasOut)
    hasIn = hasOut = true;

  // Loops: batch, row, column, group, channel out; then those summed over: kernel row and column,
  // channel in.
  int64_t count = 3;
  int64_t group = hasGroups ? count++ : -1, out = hasOut ? count++ : -1;
  int64_t i = count++, j = count++, in = hasIn ? count++ : -1;
  auto dim = [&](int64_t loop) { return b.getAffineDimExpr(loop); };
  auto channels = [&](SmallVectorImpl<AffineExpr> &exprs, int64_t inner) {
    for (int64_t loop : {group, inner})
      if (loop >= 0)
        exprs.push_back(dim(loop));
  };
  SmallVector<AffineExpr> xMap = {dim(0), dim(1) * getStrides()[0] + dim(i),
                                  dim(2) * getStrides()[1] + dim(j)};
  SmallVector<AffineExpr> weightMap = {dim(i), dim(j)}, outMap = {dim(0), dim(1), dim(2)};
  channels(xMap, in);
  channels(weightMap, in);
  if (hasOut)
    weightMap.push_back(dim(out));
  channels(outMap, out);

  // Channels of x and of the result as [group, channel] where both are there.
  auto splitChannels = [&](Value image, int64_t inner) -> Value {
    SmallVector<OpFoldResult> sizes = mixedSizes(b, loc, image);
    sizes.back() = b.getIndexAttr(groups);
    sizes.push_back(b.getIndexAttr(inner));
    SmallVector<int64_t> shape(cast<ShapedType>(image.getType()).getShape().drop_back());
    shape.append({groups, inner});
    return tensor::ExpandShapeOp::create(
        b, loc, RankedTensorType::get(shape, b.getF32Type()), image,
        ArrayRef<ReassociationIndices>{{0}, {1}, {2}, {3, 4}}, sizes);
  };
  Value x = padImage(*this, b);
  if (hasGroups && hasIn)
    x = splitChannels(x, ins);

  // The weight as [kH, kW, group, in, out], those that are there, so that its last dimension is the
  // result's.
  Value weight = getWeight();
  SmallVector<int64_t> weightLoops;
  if (hasGroups && hasIn) {
    SmallVector<int64_t> shape = {groups, outs, ins, kernel[2], kernel[3]};
    weight =
        tensor::ExpandShapeOp::create(b, loc, RankedTensorType::get(shape, b.getF32Type()), weight,
                                      ArrayRef<ReassociationIndices>{{0, 1}, {2}, {3}, {4}});
    weightLoops = {2, 4, 3, 0, 1};
  } else if (hasGroups) {
    weight = tensor::CollapseShapeOp::create(b, loc, weight,
                                             ArrayRef<ReassociationIndices>{{0, 1}, {2}, {3}});
    weightLoops = {2, 0, 1};
  } else {
    weightLoops = {3, 2, 0, 1};
  }
  SmallVector<OpFoldResult> weightSizes(weightLoops.size());
  for (auto [d, loop] : llvm::enumerate(weightLoops))
    weightSizes[loop] = b.getIndexAttr(cast<ShapedType>(weight.getType()).getDimSize(d));
  Value turned = buildEmpty(b, loc, weightSizes, b.getF32Type());
  turned = buildGeneric(b, loc, {{weight, weightLoops}}, {turned, loops(weightSizes.size())},
                        firstElement);

  SmallVector<OpFoldResult> sizes;
  for (auto [d, size] : llvm::enumerate(getType().getShape()))
    sizes.push_back(d == 0 ? mixedSizes(b, loc, getX())[0] : OpFoldResult(b.getIndexAttr(size)));
  Value result;
  if (getBias())
    result = buildGeneric(b, loc, {{getBias(), {3}}},
                          {buildEmpty(b, loc, sizes, b.getF32Type()), loops(4)}, firstElement);
  else
    result = buildFilled(b, loc, sizes);
  if (hasGroups && hasOut)
    result = splitChannels(result, outs);

  SmallVector<AffineMap> maps;
  for (ArrayRef<AffineExpr> exprs : {ArrayRef(xMap), ArrayRef(weightMap), ArrayRef(outMap)})
    maps.push_back(AffineMap::get(count, 0, exprs, b.getContext()));
  SmallVector<utils::IteratorType> iterators(count, utils::IteratorType::parallel);
  std::fill(iterators.begin() + i, iterators.end(), utils::IteratorType::reduction);
  result = linalg::GenericOp::create(
               b, loc, result.getType(), ValueRange{x, turned}, result, maps, iterators,
               [](OpBuilder &b, Location loc, ValueRange args) {
                 Value product = arith::MulFOp::create(b, loc, args[0], args[1]);
                 Value sum = arith::AddFOp::create(b, loc, args[2], product);
                 linalg::YieldOp::create(b, loc, sum);
               })
               .getResult(0);
  if (hasGroups && hasOut)
    result = tensor::CollapseShapeOp::create(b, loc, getType(), result,
                                             ArrayRef<ReassociationIndices>{{0}, {1}, {2}, {3, 4}});
  return SmallVector<Value>{result};
}

//===----------------------------------------------------------------------===//
// batch_norm
//===----------------------------------------------------------------------===//

LogicalResult BatchNormOp::verify() {
  return verifyNorm(*this, getX(),
                    {{getMean(), "mean"},
                     {getVariance(), "variance"},
                     {getWeight(), "weight"},
                     {getBias(), "bias"}},
                    getEpsilon().convertToDouble());
}

DimSource BatchNormOp::getDimSource(unsigned, int64_t dim) { return DimSource::of(getX(), dim); }

SizePoly BatchNormOp::getFlop() { return SizePoly(4) * elementCount(getX()); }

Decomposed BatchNormOp::decompose(OpBuilder &b) {
  Location loc = getLoc();
  Value epsilon = f32Constant(b, loc, getEpsilon().convertToDouble());
  Value one = f32Constant(b, loc, 1.0);
  // One factor for each channel, so that the elements need no root.
  Value scale = elementwise(b, loc, ValueRange{getVariance(), getWeight()},
                            [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
                              Value shifted = arith::AddFOp::create(b, loc, args[0], epsilon);
                              Value root = arith::DivFOp::create(
                                  b, loc, one, math::SqrtOp::create(b, loc, shifted));
                              return arith::MulFOp::create(b, loc, root, args[1]);
                            });
  int64_t last = rankOf(getX()) - 1;
  SmallVector<int64_t> all = loops(last + 1);
  Value out = buildEmpty(b, loc, mixedSizes(b, loc, getX()), b.getF32Type());
  out = buildGeneric(b, loc,
                     {{getX(), all}, {getMean(), {last}}, {scale, {last}}, {getBias(), {last}}},
                     {out, all}, [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                       Value difference = arith::SubFOp::create(b, loc, args[0], args[1]);
                       Value scaled = arith::MulFOp::create(b, loc, difference, args[2]);
                       return arith::AddFOp::create(b, loc, scaled, args[3]);
                     });
  return SmallVector<Value>{out};
}

//===----------------------------------------------------------------------===//
// gelu
//===----------------------------------------------------------------------===//

LogicalResult GeluOp::verify() { return verifyF32(*this, getX(), "x", "C1"); }

DimSource GeluOp::getDimSource(unsigned, int64_t dim) { return DimSource::of(getX(), dim); }

SizePoly GeluOp::getFlop() { return SizePoly(20) * elementCount(getX()); }

Decomposed GeluOp::decompose(OpBuilder &b) {
  bool tanh = getTanh();
  auto body = [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
    Value x = args[0];
    auto number = [&](double value) { return f32Constant(b, loc, value); };
    auto mul = [&](Value u, Value v) -> Value { return arith::MulFOp::create(b, loc, u, v); };
    auto add = [&](Value u, Value v) -> Value { return arith::AddFOp::create(b, loc, u, v); };
    Value half = mul(x, number(0.5));
    if (!tanh)
      return mul(half, add(number(1), math::ErfOp::create(b, loc, mul(x, number(M_SQRT1_2)))));
    // 1/2 (1 + tanh(z)) = 1 / (1 + exp(-2 z)), without cancellation for negative z.
    Value cubic = mul(mul(mul(x, x), x), number(0.044715));
    Value power = mul(add(x, cubic), number(-2 * M_2_SQRTPI * M_SQRT1_2));
    Value below = add(math::ExpOp::create(b, loc, power), number(1));
    return mul(x, arith::DivFOp::create(b, loc, number(1), below));
  };
  return SmallVector<Value>{elementwise(b, getLoc(), getX(), body)};
}

//===----------------------------------------------------------------------===//
// interpolate
//===----------------------------------------------------------------------===//

LogicalResult InterpolateOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                              Adaptor adaptor, SmallVectorImpl<Type> &types) {
  StringRef name = getOperationName();
  RankedTensorType x = inferableType(loc, name, "x", adaptor.getOperands()[0], "C1", 3);
  if (!x)
    return failure();
  int64_t rank = x.getRank();
  // Written so that a dynamic size, which is negative, fails.
  if (x.getDimSize(rank - 3) < 1 || x.getDimSize(rank - 2) < 1)
    return emitOptionalError(loc, "'", name, "' op `x` has shape ", show(x.getShape()),
                             ", expected a static height and width of at least 1 (C1)");
  ArrayRef<int64_t> size = adaptor.getSize();
  if (!isPair(size, 1))
    return emitOptionalError(loc, "'", name, "' op `size` is ", show(size),
                             ", expected two numbers from 1 to ", kMost, " (C2)");
  SmallVector<int64_t> shape(x.getShape());
  shape[rank - 3] = size[0];
  shape[rank - 2] = size[1];
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  return success();
}

LogicalResult InterpolateOp::verify() {
  if (failed(verifyInferable(*this)))
    return failure();
  return verifyF32(*this, getX(), "x", "C3");
}

OpFoldResult InterpolateOp::fold(FoldAdaptor) {
  return getType() == getX().getType() ? OpFoldResult(getX()) : OpFoldResult();
}

DimSource InterpolateOp::getDimSource(unsigned, int64_t dim) {
  int64_t rank = rankOf(getX());
  if (dim == rank - 3 || dim == rank - 2)
    return DimSource::of(Builder(getContext()).getIndexAttr(getType().getDimSize(dim)));
  return DimSource::of(getX(), dim);
}

SizePoly InterpolateOp::getFlop() { return SizePoly(8) * elementCount(getResult()); }

/// Position of output pixel `place`: the two input pixels around it, and how far it is from the
/// first. In whole numbers: s = ((2 place + 1) in - out) / (2 out), exact but for one rounding of
/// the share.
static std::array<Value, 3> sourceOf(OpBuilder &b, Location loc, Value place, int64_t in,
                                     int64_t out) {
  // No greater common factor, so that products stay small.
  int64_t common = std::gcd(in, out);
  in /= common;
  out /= common;
  auto number = [&](int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); };
  Value doubled =
      arith::AddIOp::create(b, loc, arith::MulIOp::create(b, loc, place, number(2)), number(1));
  Value scaled = arith::SubIOp::create(b, loc, arith::MulIOp::create(b, loc, doubled, number(in)),
                                       number(out));
  scaled = arith::MaxSIOp::create(b, loc, scaled, number(0));
  Value first = arith::DivUIOp::create(b, loc, scaled, number(2 * out));
  Value rest = arith::RemUIOp::create(b, loc, scaled, number(2 * out));
  Value share =
      arith::DivFOp::create(b, loc, indexToF32(b, loc, rest), f32Constant(b, loc, double(2 * out)));
  Value next = arith::MinSIOp::create(b, loc, arith::AddIOp::create(b, loc, first, number(1)),
                                      number(in * common - 1));
  return {first, next, share};
}

Decomposed InterpolateOp::decompose(OpBuilder &b) {
  Location loc = getLoc();
  int64_t rank = rankOf(getX());
  ArrayRef<int64_t> from = getX().getType().getShape(), to = getType().getShape();
  SmallVector<OpFoldResult> sizes = mixedSizes(b, loc, getX());
  for (int64_t d : {rank - 3, rank - 2})
    sizes[d] = b.getIndexAttr(to[d]);
  Value out = buildEmpty(b, loc, sizes, b.getF32Type());
  out = buildGeneric(
      b, loc, {}, {out, loops(rank)}, [&](OpBuilder &b, Location loc, ValueRange) -> Value {
        SmallVector<Value> place;
        for (int64_t d = 0; d < rank; ++d)
          place.push_back(linalg::IndexOp::create(b, loc, d));
        auto rows = sourceOf(b, loc, place[rank - 3], from[rank - 3], to[rank - 3]);
        auto columns = sourceOf(b, loc, place[rank - 2], from[rank - 2], to[rank - 2]);
        auto pixel = [&](Value row, Value column) -> Value {
          SmallVector<Value> at = place;
          at[rank - 3] = row;
          at[rank - 2] = column;
          return tensor::ExtractOp::create(b, loc, getX(), at);
        };
        auto mix = [&](Value first, Value second, Value share) -> Value {
          Value step = arith::SubFOp::create(b, loc, second, first);
          return arith::AddFOp::create(b, loc, first, arith::MulFOp::create(b, loc, step, share));
        };
        Value above = mix(pixel(rows[0], columns[0]), pixel(rows[0], columns[1]), columns[2]);
        Value below = mix(pixel(rows[1], columns[0]), pixel(rows[1], columns[1]), columns[2]);
        return mix(above, below, rows[2]);
      });
  return SmallVector<Value>{out};
}

#define GET_OP_CLASSES
#include "attune/Dialect/NN/Vision.cpp.inc"
