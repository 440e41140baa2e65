// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A dense row-major array: 64-byte aligned memory of its own, or a read-only view on memory that
// somebody else owns (a mapped file). Copies share the storage.

#ifndef ATTUNE_RUNTIME_TENSOR_H
#define ATTUNE_RUNTIME_TENSOR_H

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace attune::runtime {

enum class DType { F32, F64, F16, BF16, I64, I32, U8, BOOL };

const char *dtypeName(DType dtype);
std::optional<DType> parseDType(std::string_view name);
int64_t dtypeBytes(DType dtype);
bool isFloat(DType dtype);
bool isIndex(DType dtype);

/// Whether a file may hold `from` where `to` is asked for: F16, BF16, F64 -> F32 (F64 rounds),
/// F16, BF16, F32 -> F64, I32 -> I64, and every dtype as itself.
bool canConvert(DType from, DType to);

float halfToFloat(uint16_t bits);
float bfloatToFloat(uint16_t bits);
/// Round to nearest, ties to even; a finite value too large for the format becomes infinite.
uint16_t floatToHalf(float value);
uint16_t floatToBfloat(float value);

using Shape = std::vector<int64_t>;

/// Number of elements, or none if a dimension is negative or the product overflows.
std::optional<int64_t> elementCount(const Shape &shape);
std::optional<int64_t> byteCount(DType dtype, const Shape &shape);
/// "[3, 4]".
std::string shapeText(const Shape &shape);
/// The position of a flat index, as "[row, column]".
std::string positionText(const Shape &shape, int64_t flatIndex);

class Tensor {
public:
  Tensor() = default;
  /// Uninitialised memory; throws Error when there is not enough of it.
  static Tensor allocate(DType dtype, Shape shape);
  static Tensor view(DType dtype, Shape shape, const void *data, std::shared_ptr<const void> owner);

  DType dtype() const { return elementType; }
  const Shape &shape() const { return dims; }
  int64_t rank() const { return static_cast<int64_t>(dims.size()); }
  int64_t elements() const { return count; }
  int64_t bytes() const { return count * dtypeBytes(elementType); }
  const void *data() const { return memory; }
  /// Null for a view.
  void *mutableData() const { return writable; }
  template <typename T> const T *as() const { return static_cast<const T *>(memory); }
  template <typename T> T *mutableAs() const { return static_cast<T *>(writable); }

  double toDouble(int64_t index) const;
  /// Rounds to the dtype; not for views.
  void set(int64_t index, double value) const;
  /// A copy in the given dtype, in aligned memory of its own. Expects canConvert.
  Tensor convertTo(DType dtype) const;

private:
  DType elementType = DType::F32;
  Shape dims;
  int64_t count = 0;
  const void *memory = nullptr;
  void *writable = nullptr;
  std::shared_ptr<const void> storage;
};

struct NamedTensor {
  std::string name;
  Tensor tensor;
};

} // namespace attune::runtime

#endif // ATTUNE_RUNTIME_TENSOR_H
