// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Dtypes, shapes and dense arrays. Sizes are int64_t with every product checked, so that a hostile
// shape is an error and never a small allocation. F16 and BF16 are converted by bit arithmetic:
// not every compiler of Debian 12 has the types, and it runs once per file.

#include "attune/Runtime/Tensor.h"

#include "Failure.h"

#include <array>
#include <cassert>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace attune::runtime {

struct DTypeInfo {
  DType dtype;
  const char *name;
  int64_t bytes;
};

static constexpr std::array<DTypeInfo, 8> dtypes = {{{DType::F32, "F32", 4},
                                                     {DType::F64, "F64", 8},
                                                     {DType::F16, "F16", 2},
                                                     {DType::BF16, "BF16", 2},
                                                     {DType::I64, "I64", 8},
                                                     {DType::I32, "I32", 4},
                                                     {DType::U8, "U8", 1},
                                                     {DType::BOOL, "BOOL", 1}}};

const char *dtypeName(DType dtype) { return dtypes[static_cast<size_t>(dtype)].name; }
int64_t dtypeBytes(DType dtype) { return dtypes[static_cast<size_t>(dtype)].bytes; }

std::optional<DType> parseDType(std::string_view name) {
  for (const DTypeInfo &info : dtypes)
    if (name == info.name)
      return info.dtype;
  return std::nullopt;
}

bool isFloat(DType dtype) {
  return dtype == DType::F32 || dtype == DType::F64 || dtype == DType::F16 || dtype == DType::BF16;
}

bool isIndex(DType dtype) { return dtype == DType::I64 || dtype == DType::I32; }

bool canConvert(DType from, DType to) {
  if (from == to || (from == DType::I32 && to == DType::I64))
    return true;
  return isFloat(from) && (to == DType::F32 || to == DType::F64);
}

static float bitsToFloat(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

static uint32_t floatToBits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

float halfToFloat(uint16_t bits) {
  uint32_t sign = uint32_t(bits & 0x8000) << 16, exponent = (bits >> 10) & 31,
           mantissa = bits & 1023;
  if (exponent == 31)
    return bitsToFloat(sign | 0x7f800000 | (mantissa << 13));
  if (exponent != 0)
    return bitsToFloat(sign | ((exponent + 112) << 23) | (mantissa << 13));
  float subnormal = std::ldexp(float(mantissa), -24);
  return sign ? -subnormal : subnormal;
}

float bfloatToFloat(uint16_t bits) { return bitsToFloat(uint32_t(bits) << 16); }

uint16_t floatToHalf(float value) {
  uint16_t sign = (floatToBits(value) >> 16) & 0x8000;
  float magnitude = std::fabs(value);
  if (std::isnan(value))
    return sign | 0x7e00;
  if (magnitude >= 65520.0f) // halfway between the largest half and the next power of two
    return sign | 0x7c00;
  if (magnitude < 0x1p-14f) // subnormal: a multiple of 2^-24, rounded by the hardware's own rule
    return sign | uint16_t(std::nearbyint(std::ldexp(magnitude, 24)));
  uint32_t bits = floatToBits(magnitude);
  bits += 0xfff + ((bits >> 13) & 1);
  return sign | uint16_t((bits >> 13) - (112 << 10));
}

uint16_t floatToBfloat(float value) {
  uint32_t bits = floatToBits(value);
  if (std::isnan(value))
    return uint16_t(bits >> 16) | 0x40;
  return uint16_t((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

std::optional<int64_t> elementCount(const Shape &shape) {
  int64_t count = 1;
  for (int64_t dim : shape)
    if (dim < 0 || __builtin_mul_overflow(count, dim, &count))
      return std::nullopt;
  return count;
}

std::optional<int64_t> byteCount(DType dtype, const Shape &shape) {
  std::optional<int64_t> count = elementCount(shape);
  int64_t bytes;
  if (!count || __builtin_mul_overflow(*count, dtypeBytes(dtype), &bytes))
    return std::nullopt;
  return bytes;
}

std::string shapeText(const Shape &shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

std::string positionText(const Shape &shape, int64_t flatIndex) {
  Shape position(shape.size());
  for (size_t d = shape.size(); d-- > 0; flatIndex /= shape[d])
    position[d] = flatIndex % shape[d];
  return shapeText(position);
}

Tensor Tensor::view(DType dtype, Shape shape, const void *data, std::shared_ptr<const void> owner) {
  Tensor tensor;
  tensor.elementType = dtype;
  tensor.count = elementCount(shape).value_or(0);
  tensor.dims = std::move(shape);
  tensor.memory = data;
  tensor.storage = std::move(owner);
  return tensor;
}

Tensor Tensor::allocate(DType dtype, Shape shape) {
  constexpr int64_t alignment = 64;
  std::optional<int64_t> bytes = byteCount(dtype, shape);
  if (!bytes || *bytes > INT64_MAX - alignment)
    fail("shape {} is too large", shapeText(shape));
  // Never empty, so that data() of an empty tensor is a valid pointer.
  int64_t rounded = std::max(alignment, (*bytes + alignment - 1) / alignment * alignment);
  void *memory = std::aligned_alloc(alignment, rounded);
  if (!memory)
    fail("not enough memory for {:.1f} MiB (shape {})", *bytes / 1048576.0, shapeText(shape));
  Tensor tensor = view(dtype, std::move(shape), memory, {memory, std::free});
  tensor.writable = memory;
  return tensor;
}

/// Elements of a mapped file may lie at any address.
template <typename T> static T load(const void *memory, int64_t index) {
  T value;
  std::memcpy(&value, static_cast<const char *>(memory) + index * int64_t(sizeof(T)), sizeof(T));
  return value;
}

double Tensor::toDouble(int64_t index) const {
  switch (elementType) {
  case DType::F32:
    return load<float>(memory, index);
  case DType::F64:
    return load<double>(memory, index);
  case DType::F16:
    return halfToFloat(load<uint16_t>(memory, index));
  case DType::BF16:
    return bfloatToFloat(load<uint16_t>(memory, index));
  case DType::I64:
    return double(load<int64_t>(memory, index));
  case DType::I32:
    return load<int32_t>(memory, index);
  case DType::U8:
  case DType::BOOL:
    return load<uint8_t>(memory, index);
  }
  return 0;
}

void Tensor::set(int64_t index, double value) const {
  assert(writable && "a view is read-only");
  switch (elementType) {
  case DType::F32:
    mutableAs<float>()[index] = float(value);
    return;
  case DType::F64:
    mutableAs<double>()[index] = value;
    return;
  case DType::F16:
    mutableAs<uint16_t>()[index] = floatToHalf(float(value));
    return;
  case DType::BF16:
    mutableAs<uint16_t>()[index] = floatToBfloat(float(value));
    return;
  case DType::I64:
    mutableAs<int64_t>()[index] = int64_t(value);
    return;
  case DType::I32:
    mutableAs<int32_t>()[index] = int32_t(value);
    return;
  case DType::U8:
  case DType::BOOL:
    mutableAs<uint8_t>()[index] = uint8_t(value);
    return;
  }
}

Tensor Tensor::convertTo(DType dtype) const {
  assert(canConvert(elementType, dtype));
  Tensor result = allocate(dtype, dims);
  if (dtype == elementType) {
    std::memcpy(result.mutableData(), memory, bytes());
    return result;
  }
  for (int64_t i = 0; i < count; ++i)
    result.set(i, toDouble(i));
  return result;
}

} // namespace attune::runtime
