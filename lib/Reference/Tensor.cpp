// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tensors and matrices of the reference interpreter, how a result is printed and how two are
// compared: max |a - b| / max |a| over the finite entries.

#include "attune/Reference/Interpreter.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>
#include <limits>

namespace attune::reference {

int64_t countElements(const int64_t *sizes, size_t rank) {
  int64_t count = 1;
  for (size_t d = 0; d < rank; ++d)
    count *= sizes[d];
  return count;
}

Tensor Tensor::floats(Shape shape, double fill) {
  Tensor tensor;
  tensor.f.assign(countElements(shape), fill);
  tensor.shape = std::move(shape);
  return tensor;
}

Tensor Tensor::integers(Shape shape, int64_t fill) {
  Tensor tensor;
  tensor.isFloat = false;
  tensor.i.assign(countElements(shape), fill);
  tensor.shape = std::move(shape);
  return tensor;
}

Matrix Matrix::absent(Shape shape) {
  Matrix matrix;
  matrix.values.assign(countElements(shape), 0);
  matrix.present.assign(matrix.values.size(), 0);
  matrix.shape = std::move(shape);
  return matrix;
}

Matrix Matrix::filled(Shape shape, double value) {
  Matrix matrix;
  matrix.values.assign(countElements(shape), value);
  matrix.present.assign(matrix.values.size(), 1);
  matrix.shape = std::move(shape);
  return matrix;
}

std::string shapeText(const Shape &shape) {
  std::string text = "[";
  for (size_t d = 0; d < shape.size(); ++d)
    text += (d ? ", " : "") + std::to_string(shape[d]);
  return text + "]";
}

void printResult(llvm::raw_ostream &os, llvm::StringRef name, const Tensor &tensor) {
  os << '@' << name << " -> " << shapeText(tensor.shape);
  for (int64_t integer : tensor.i)
    os << ' ' << integer;
  for (double number : tensor.f) {
    // The sign of a NaN means nothing.
    if (std::isnan(number))
      os << " nan";
    else
      os << ' ' << llvm::format("%g", number);
  }
  os << '\n';
}

double largestDifference(const Tensor &expected, const Tensor &actual) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (expected.shape != actual.shape || expected.isFloat != actual.isFloat)
    return infinity;
  if (!expected.isFloat)
    return expected.i == actual.i ? 0 : infinity;
  double largest = 0, difference = 0;
  for (size_t k = 0; k < expected.f.size(); ++k) {
    double a = expected.f[k], b = actual.f[k];
    if (std::isnan(a) && std::isnan(b))
      continue;
    if (!std::isfinite(a) || !std::isfinite(b)) {
      if (a != b)
        return infinity;
      continue;
    }
    largest = std::max(largest, std::fabs(a));
    difference = std::max(difference, std::fabs(a - b));
  }
  return largest == 0 ? difference : difference / largest;
}

} // namespace attune::reference
