// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Layers of image models and inverses of small matrices, each by its formula in
// dialects/NN/Vision.td and Inverse.td.

#include "attune/Dialect/NN/Vision.h"
#include "Frame.h"
#include "attune/Dialect/NN/Inverse.h"

#include <cmath>
#include <numeric>

using namespace mlir;

namespace attune::reference {

static LogicalResult evaluateConv2d(Operation *op, Frame &frame) {
  nn::Conv2dOp conv = cast<nn::Conv2dOp>(op);
  const Tensor &x = frame.tensor(conv.getX()), &weight = frame.tensor(conv.getWeight());
  const Tensor *bias = conv.getBias() ? &frame.tensor(conv.getBias()) : nullptr;
  int64_t height = x.shape[1], width = x.shape[2], channels = x.shape[3], groups = conv.getGroups();
  int64_t outs = weight.shape[0], ins = weight.shape[1], rows = weight.shape[2],
          columns = weight.shape[3];
  if (channels != ins * groups || outs % groups != 0)
    return frame.fail(op, "`x` has shape " + shapeText(x.shape) + ", `weight` " +
                              shapeText(weight.shape) + " in " + Twine(groups) + " groups");
  ArrayRef<int64_t> strides = conv.getStrides(), padding = conv.getPadding(),
                    type = conv.getType().getShape();
  Tensor out = Tensor::floats({x.shape[0], type[1], type[2], outs});
  double *next = out.f.data();
  for (int64_t b = 0; b < x.shape[0]; ++b)
    for (int64_t y = 0; y < type[1]; ++y)
      for (int64_t z = 0; z < type[2]; ++z)
        for (int64_t o = 0; o < outs; ++o) {
          double sum = bias ? bias->f[o] : 0;
          int64_t firstChannel = o / (outs / groups) * ins;
          for (int64_t i = 0; i < rows; ++i) {
            int64_t row = y * strides[0] - padding[0] + i;
            for (int64_t j = 0; j < columns; ++j) {
              int64_t column = z * strides[1] - padding[1] + j;
              // What lies outside counts as 0, which an infinite weight makes NaN.
              bool isInside = row >= 0 && row < height && column >= 0 && column < width;
              int64_t pixel = ((b * height + row) * width + column) * channels + firstChannel;
              for (int64_t c = 0; c < ins; ++c)
                sum += weight.f[((o * ins + c) * rows + i) * columns + j] *
                       (isInside ? x.f[pixel + c] : 0.0);
            }
          }
          *next++ = sum;
        }
  frame.set(conv.getResult(), std::move(out));
  return success();
}

static LogicalResult evaluateBatchNorm(Operation *op, Frame &frame) {
  nn::BatchNormOp norm = cast<nn::BatchNormOp>(op);
  const Tensor &mean = frame.tensor(norm.getMean()), &variance = frame.tensor(norm.getVariance());
  const Tensor &weight = frame.tensor(norm.getWeight()), &bias = frame.tensor(norm.getBias());
  Tensor x = frame.takeTensor(op, norm.getX());
  int64_t width = x.shape.back();
  for (const Tensor *vector : {&mean, &variance, &weight, &bias})
    if (vector->elements() != width)
      return frame.fail(op, "`x` has shape " + shapeText(x.shape) + ", a vector " +
                                shapeText(vector->shape));
  double epsilon = norm.getEpsilon().convertToDouble();
  for (int64_t i = 0; i < x.elements(); ++i) {
    int64_t c = i % width;
    x.f[i] = (x.f[i] - mean.f[c]) / std::sqrt(variance.f[c] + epsilon) * weight.f[c] + bias.f[c];
  }
  frame.set(norm.getResult(), std::move(x));
  return success();
}

static LogicalResult evaluateGelu(Operation *op, Frame &frame) {
  nn::GeluOp gelu = cast<nn::GeluOp>(op);
  Tensor x = frame.takeTensor(op, gelu.getX());
  for (double &value : x.f)
    value *=
        gelu.getTanh()
            ? 0.5 * (1 + std::tanh(std::sqrt(M_2_PI) * (value + 0.044715 * value * value * value)))
            : 0.5 * std::erfc(-value * M_SQRT1_2);
  frame.set(gelu.getResult(), std::move(x));
  return success();
}

static LogicalResult evaluateInterpolate(Operation *op, Frame &frame) {
  nn::InterpolateOp resize = cast<nn::InterpolateOp>(op);
  const Tensor &x = frame.tensor(resize.getX());
  size_t rank = x.shape.size();
  int64_t height = x.shape[rank - 3], width = x.shape[rank - 2], channels = x.shape[rank - 1];
  int64_t images = countElements(x.shape.data(), rank - 3);
  int64_t rows = resize.getSize()[0], columns = resize.getSize()[1];
  Shape shape = x.shape;
  shape[rank - 3] = rows;
  shape[rank - 2] = columns;
  Tensor out = Tensor::floats(shape);
  struct Source {
    int64_t first, second;
    double share;
  };
  auto sourceOf = [](int64_t place, int64_t in, int64_t out) {
    double at = std::max((double(place) + 0.5) * double(in) / double(out) - 0.5, 0.0);
    int64_t first = std::min(int64_t(at), in - 1);
    return Source{first, std::min(first + 1, in - 1), at - double(first)};
  };
  double *next = out.f.data();
  for (int64_t image = 0; image < images; ++image)
    for (int64_t y = 0; y < rows; ++y)
      for (int64_t z = 0; z < columns; ++z) {
        Source row = sourceOf(y, height, rows), column = sourceOf(z, width, columns);
        auto pixel = [&](int64_t i, int64_t j, int64_t c) {
          return x.f[((image * height + i) * width + j) * channels + c];
        };
        for (int64_t c = 0; c < channels; ++c) {
          auto along = [&](int64_t i) {
            return (1 - column.share) * pixel(i, column.first, c) +
                   column.share * pixel(i, column.second, c);
          };
          *next++ = (1 - row.share) * along(row.first) + row.share * along(row.second);
        }
      }
  frame.set(resize.getResult(), std::move(out));
  return success();
}

//===----------------------------------------------------------------------===//
// Inverses
//===----------------------------------------------------------------------===//

namespace {
using Square = std::vector<double>;
}

static Square multiply(const Square &x, const Square &y, int64_t m) {
  Square product(m * m);
  for (int64_t i = 0; i < m; ++i)
    for (int64_t k = 0; k < m; ++k)
      for (int64_t j = 0; j < m; ++j)
        product[i * m + j] += x[i * m + k] * y[k * m + j];
  return product;
}

/// The larger one; NaN where one is.
static double larger(double a, double b) { return std::isnan(b) || b > a ? b : a; }

/// Largest column sum of |I - x y|.
static double distanceToIdentity(const Square &x, const Square &y, int64_t m) {
  Square product = multiply(x, y, m);
  double largest = -INFINITY;
  for (int64_t j = 0; j < m; ++j) {
    double sum = 0;
    for (int64_t i = 0; i < m; ++i)
      sum += std::fabs((i == j ? 1 : 0) - product[i * m + j]);
    largest = larger(largest, sum);
  }
  return largest;
}

/// The matrices of [.., m, m]; fails where they are not square.
static FailureOr<std::vector<Square>> squaresOf(Operation *op, Frame &frame, const Tensor &x) {
  size_t rank = x.shape.size();
  int64_t m = x.shape[rank - 1];
  if (x.shape[rank - 2] != m)
    return frame.fail(op, "`x` has shape " + shapeText(x.shape) + ", expected square matrices");
  std::vector<Square> squares(countElements(x.shape.data(), rank - 2));
  for (auto [number, square] : llvm::enumerate(squares))
    square.assign(x.f.begin() + number * m * m, x.f.begin() + (number + 1) * m * m);
  return squares;
}

static Tensor joined(const Shape &shape, const std::vector<Square> &squares) {
  Tensor out = Tensor::floats(shape);
  auto next = out.f.begin();
  for (const Square &square : squares)
    next = std::copy(square.begin(), square.end(), next);
  return out;
}

static LogicalResult evaluateNewtonInverse(Operation *op, Frame &frame) {
  nn::NewtonInverseOp newton = cast<nn::NewtonInverseOp>(op);
  const Tensor &x = frame.tensor(newton.getX());
  FailureOr<std::vector<Square>> squares = squaresOf(op, frame, x);
  if (failed(squares))
    return failure();
  int64_t m = x.shape.back();
  std::vector<double> largest;
  for (const Square &square : *squares) {
    double most = -INFINITY;
    for (int64_t i = 0; i < m; ++i) {
      double sum = 0;
      for (int64_t j = 0; j < m; ++j)
        sum += square[i * m + j];
      most = larger(most, sum);
    }
    largest.push_back(most);
  }
  if (newton.getWholeTensor() && !largest.empty())
    largest.assign(largest.size(),
                   std::accumulate(largest.begin(), largest.end(), double(-INFINITY), larger));
  double ridge = newton.getRidge().convertToDouble(), factor = newton.getFactor().convertToDouble();
  std::vector<Square> iterates;
  for (auto [square, most] : llvm::zip(*squares, largest)) {
    for (int64_t i = 0; i < m; ++i)
      square[i * m + i] += ridge;
    Square start = square;
    for (double &value : start)
      value *= factor / (most * most);
    iterates.push_back(start);
  }
  // Every start is halved together.
  for (uint64_t halving = 0; halving < newton.getMaxHalvings(); ++halving) {
    double distance = -INFINITY;
    for (auto [square, iterate] : llvm::zip(*squares, iterates))
      distance = larger(distance, distanceToIdentity(square, iterate, m));
    if (!(distance > newton.getBound()->convertToDouble()))
      break;
    for (Square &iterate : iterates)
      for (double &value : iterate)
        value /= 2;
  }
  for (auto [square, iterate] : llvm::zip(*squares, iterates))
    for (uint64_t step = 0; step < newton.getIterations(); ++step) {
      Square correction = multiply(iterate, multiply(square, iterate, m), m);
      for (size_t i = 0; i < iterate.size(); ++i)
        iterate[i] = 2 * iterate[i] - correction[i];
    }
  frame.set(newton.getResult(), joined(x.shape, iterates));
  return success();
}

static LogicalResult evaluateCholeskyInverse(Operation *op, Frame &frame) {
  nn::CholeskyInverseOp cholesky = cast<nn::CholeskyInverseOp>(op);
  if (cholesky->getNumResults() != 1)
    return frame.failUnsupported(op,
                                 "`nn.cholesky_inverse` on memrefs has no reference evaluation");
  const Tensor &x = frame.tensor(cholesky.getX());
  FailureOr<std::vector<Square>> squares = squaresOf(op, frame, x);
  if (failed(squares))
    return failure();
  int64_t m = x.shape.back();
  for (Square &square : *squares) {
    Square lower(m * m);
    bool isPositive = true;
    for (int64_t j = 0; j < m; ++j)
      for (int64_t i = j; i < m; ++i) {
        double sum = square[i * m + j] + (i == j ? cholesky.getRidge().convertToDouble() : 0);
        for (int64_t k = 0; k < j; ++k)
          sum -= lower[i * m + k] * lower[j * m + k];
        isPositive &= i != j || (sum > 0 && std::isfinite(sum));
        lower[i * m + j] = i == j ? std::sqrt(sum) : sum / lower[j * m + j];
      }
    // Column c of the inverse solves L L^T z = e_c.
    for (int64_t c = 0; c < m; ++c) {
      std::vector<double> z(m);
      for (int64_t i = 0; i < m; ++i) {
        double sum = i == c ? 1 : 0;
        for (int64_t k = 0; k < i; ++k)
          sum -= lower[i * m + k] * z[k];
        z[i] = sum / lower[i * m + i];
      }
      for (int64_t i = m - 1; i >= 0; --i) {
        double sum = z[i];
        for (int64_t k = i + 1; k < m; ++k)
          sum -= lower[k * m + i] * z[k];
        z[i] = sum / lower[i * m + i];
      }
      for (int64_t i = 0; i < m; ++i)
        square[i * m + c] = isPositive ? z[i] : NAN;
    }
  }
  frame.set(cholesky.getResult(0), joined(x.shape, *squares));
  return success();
}

void registerVision(Registry &registry) {
  registry.add("nn.conv2d", evaluateConv2d);
  registry.add("nn.batch_norm", evaluateBatchNorm);
  registry.add("nn.gelu", evaluateGelu);
  registry.add("nn.interpolate", evaluateInterpolate);
  registry.add("nn.newton_inverse", evaluateNewtonInverse);
  registry.add("nn.cholesky_inverse", evaluateCholeskyInverse);
}

} // namespace attune::reference
