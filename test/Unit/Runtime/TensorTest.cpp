// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Conversions, against the definition of the formats, and the comparison of results.

#include "attune/Runtime/Tensor.h"
#include "attune/Runtime/Compare.h"
#include "attune/Runtime/Error.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

using namespace attune::runtime;

static constexpr double inf = std::numeric_limits<double>::infinity();
static constexpr double nan_ = std::numeric_limits<double>::quiet_NaN();

static Tensor vectorOf(DType dtype, const std::vector<double> &values) {
  Tensor tensor = Tensor::allocate(dtype, {int64_t(values.size())});
  for (size_t i = 0; i < values.size(); ++i)
    tensor.set(int64_t(i), values[i]);
  return tensor;
}

/// The value of a small float format with bits (1, exponentBits, mantissaBits), by definition.
static double decode(unsigned bits, int exponentBits, int mantissaBits) {
  int mantissa = bits & ((1 << mantissaBits) - 1), bias = (1 << (exponentBits - 1)) - 1;
  int exponent = (bits >> mantissaBits) & ((1 << exponentBits) - 1);
  double sign = bits >> 15 ? -1 : 1;
  if (exponent == (1 << exponentBits) - 1)
    return mantissa ? nan_ : sign * inf;
  if (exponent == 0)
    return sign * std::ldexp(mantissa, 1 - bias - mantissaBits);
  return sign * std::ldexp(mantissa + (1 << mantissaBits), exponent - bias - mantissaBits);
}

TEST(Tensor, HalfFormatsRoundTrip) {
  for (unsigned bits = 0; bits < 65536; ++bits) {
    double half = decode(bits, 5, 10), bfloat = decode(bits, 8, 7);
    if (std::isnan(half))
      EXPECT_TRUE(std::isnan(halfToFloat(bits)) && std::isnan(halfToFloat(floatToHalf(NAN))));
    else
      EXPECT_TRUE(halfToFloat(bits) == half && floatToHalf(float(half)) == bits) << bits;
    if (std::isnan(bfloat))
      EXPECT_TRUE(std::isnan(bfloatToFloat(floatToBfloat(bfloatToFloat(bits))))) << bits;
    else
      EXPECT_TRUE(bfloatToFloat(bits) == bfloat && floatToBfloat(float(bfloat)) == bits) << bits;
  }
}

TEST(Tensor, HalfFormatsRoundToNearestEven) {
  // Between each pair of neighbours: the middle goes to the even one, the rest to the nearer one.
  for (unsigned bits = 0; bits < 0x7bff; ++bits) {
    float low = halfToFloat(bits), high = halfToFloat(bits + 1), middle = (low + high) / 2;
    EXPECT_EQ(floatToHalf(middle), bits + (bits & 1)) << bits;
    EXPECT_EQ(floatToHalf(std::nextafter(middle, 0.0f)), bits) << bits;
    EXPECT_EQ(floatToHalf(-std::nextafter(middle, high)), 0x8000 | (bits + 1)) << bits;
  }
  EXPECT_EQ(floatToHalf(65519.996f), 0x7bff);
  EXPECT_EQ(floatToHalf(65520.0f), 0x7c00);
  EXPECT_EQ(floatToBfloat(3.4e38f), 0x7f80);
  EXPECT_EQ(floatToBfloat(1.00390625f), 0x3f80);
  EXPECT_EQ(floatToBfloat(1.01171875f), 0x3f82);
}

TEST(Tensor, SizesAreChecked) {
  EXPECT_EQ(elementCount({}), 1);
  EXPECT_EQ(elementCount({3, 0, 5}), 0);
  EXPECT_EQ(elementCount({-1}), std::nullopt);
  EXPECT_EQ(elementCount({int64_t(1) << 32, int64_t(1) << 31}), std::nullopt);
  EXPECT_EQ(byteCount(DType::F64, {int64_t(1) << 60}), std::nullopt);
  EXPECT_THROW(Tensor::allocate(DType::F64, {int64_t(1) << 60}), Error);
  EXPECT_THROW(Tensor::allocate(DType::U8, {int64_t(1) << 60}), Error);
  EXPECT_NE(Tensor::allocate(DType::F32, {0}).data(), nullptr);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(Tensor::allocate(DType::U8, {1}).data()) % 64, 0u);
  EXPECT_EQ(positionText({2, 3, 4}, 17), "[1, 1, 1]");
}

TEST(Tensor, ConversionRule) {
  for (DType from : {DType::F16, DType::BF16, DType::F64})
    EXPECT_TRUE(canConvert(from, DType::F32));
  EXPECT_TRUE(canConvert(DType::I32, DType::I64));
  for (DType from : {DType::I64, DType::I32, DType::U8, DType::BOOL})
    EXPECT_FALSE(canConvert(from, DType::F32));
  EXPECT_FALSE(canConvert(DType::I64, DType::I32));
  EXPECT_FALSE(canConvert(DType::F32, DType::F16));
  Tensor wide = vectorOf(DType::I32, {-7, 1 << 30}).convertTo(DType::I64);
  EXPECT_EQ(wide.as<int64_t>()[0], -7);
  EXPECT_EQ(wide.as<int64_t>()[1], 1 << 30);
  EXPECT_EQ(vectorOf(DType::F16, {0.1}).convertTo(DType::F32).as<float>()[0], 0.0999755859375f);
  EXPECT_EQ(vectorOf(DType::F64, {0.1}).convertTo(DType::F32).as<float>()[0], 0.1f);
}

TEST(Compare, ErrorsAreRelativeToTheLargestEntry) {
  Comparison c = compareTensors(vectorOf(DType::F32, {1, 0.5, -4}),
                                vectorOf(DType::F64, {1, 0, -4}), 0.1, 0.05);
  EXPECT_DOUBLE_EQ(c.maxAbs, 0.5);
  EXPECT_DOUBLE_EQ(c.maxRel, 0.125);
  EXPECT_DOUBLE_EQ(c.allowed, 0.45);
  EXPECT_EQ(c.worst, 1);
  EXPECT_FALSE(c.holds);
  EXPECT_TRUE(compareTensors(vectorOf(DType::F32, {0.5}), vectorOf(DType::F64, {1}), 0.5, 0).holds);
}

TEST(Compare, NonFiniteEntries) {
  auto compare = [](double a, double b) {
    return compareTensors(vectorOf(DType::F64, {a, 1}), vectorOf(DType::F64, {b, 1}), 1, 1);
  };
  EXPECT_TRUE(compare(nan_, nan_).holds);
  EXPECT_TRUE(compare(inf, inf).holds);
  EXPECT_TRUE(compare(-inf, -inf).holds);
  for (auto [a, b] :
       {std::pair{nan_, 1.0}, {1.0, nan_}, {inf, -inf}, {inf, 1.0}, {1.0, inf}, {nan_, inf}}) {
    EXPECT_FALSE(compare(a, b).holds);
    EXPECT_EQ(compare(a, b).maxAbs, inf);
    EXPECT_EQ(compare(a, b).worst, 0);
  }
}

TEST(Compare, ZeroAndEmptyExpectations) {
  Tensor zero = vectorOf(DType::F32, {0}), none = vectorOf(DType::F32, {});
  EXPECT_EQ(compareTensors(zero, zero, 0, 0).maxRel, 0);
  EXPECT_EQ(compareTensors(vectorOf(DType::F32, {1e-9}), zero, 0, 1e-5).maxRel, inf);
  EXPECT_TRUE(compareTensors(none, none, 0, 0).holds);
}
