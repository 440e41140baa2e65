// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The values of the reference interpreter: dense row-major tensors, and matrices that do store
// every entry together with whether it is present.
#ifndef ATTUNE_REFERENCE_TENSOR_H
#define ATTUNE_REFERENCE_TENSOR_H

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace attune::reference {

using Shape = std::vector<int64_t>;

/// Product of the sizes; 1 for rank 0.
int64_t countElements(const int64_t *sizes, size_t rank);
inline int64_t countElements(const Shape &shape) {
  return countElements(shape.data(), shape.size());
}

/// A tensor, or with an empty shape a scalar. Floats of every width are doubles in `f`; integers,
/// booleans (0 and 1) and index values are in `i`. The other vector is empty.
struct Tensor {
  Shape shape;
  bool isFloat = true;
  std::vector<double> f;
  std::vector<int64_t> i;

  int64_t elements() const { return countElements(shape); }

  static Tensor floats(Shape shape, double fill = 0);
  static Tensor integers(Shape shape, int64_t fill = 0);
  static Tensor number(double value) { return floats({}, value); }
  static Tensor integer(int64_t value) { return integers({}, value); }
};

/// A matrix [B.., H, N, M]. A plane is one N x M matrix of one batch element and head.
struct Matrix {
  Shape shape;
  std::vector<double> values;
  std::vector<uint8_t> present;

  int64_t rows() const { return shape[shape.size() - 2]; }
  int64_t columns() const { return shape.back(); }
  /// [B.., H], empty for rank 2.
  Shape outer() const { return Shape(shape.begin(), shape.end() - 2); }
  int64_t planes() const { return countElements(shape.data(), shape.size() - 2); }

  /// All entries absent, or all present with one value.
  static Matrix absent(Shape shape);
  static Matrix filled(Shape shape, double value);
};

/// What an SSA value holds; exactly one of the two is set.
struct Datum {
  std::shared_ptr<Tensor> tensor;
  std::shared_ptr<Matrix> matrix;
};

/// "[3, 4]".
std::string shapeText(const Shape &shape);

} // namespace attune::reference

#endif
