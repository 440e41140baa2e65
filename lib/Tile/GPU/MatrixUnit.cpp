// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "MatrixUnit.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;

namespace attune::tile {

/// The bits of an f32 that tf32 has not.
static constexpr int64_t kTf32Cut = 13;

MatrixUnit::Operand MatrixUnit::pack(ValueRange numbers) {
  OpBuilder &b = e.b;
  Type i32 = b.getI32Type();
  Operand operand;
  if (precision == Precision::BF16) {
    auto pair = VectorType::get({2}, b.getBF16Type());
    for (size_t i = 0; i < numbers.size(); i += 2) {
      // The first operand becomes the upper half, which holds the larger k.
      Value both = NVVM::ConvertF32x2ToBF16x2Op::create(b, e.loc, pair, numbers[i + 1], numbers[i],
                                                        Value(), NVVM::FPRoundingMode::RN);
      Value word = vector::BitCastOp::create(b, e.loc, VectorType::get({1}, i32), both);
      operand.words.push_back(vector::ExtractOp::create(b, e.loc, word, 0));
    }
    return operand;
  }
  // Words of A: rows g and g + 8 at the first k, then both at the second.
  SmallVector<Value> ordered(numbers);
  if (numbers.size() == 4)
    std::swap(ordered[1], ordered[2]);
  auto round = [&](Value number) -> Value {
    return NVVM::ConvertFloatToTF32Op::create(b, e.loc, i32, number, NVVM::FPRoundingMode::RNA);
  };
  for (Value number : ordered) {
    if (precision == Precision::TF32) {
      operand.words.push_back(round(number));
      continue;
    }
    // Rounded by hand, which is shorter; NaN gets lost, but not from the rest, which is exact.
    auto constant = [&](int64_t value) {
      return arith::ConstantIntOp::create(b, e.loc, value, 32);
    };
    Value bits = arith::BitcastOp::create(b, e.loc, i32, number);
    bits = arith::AddIOp::create(b, e.loc, bits, constant(1 << (kTf32Cut - 1)));
    Value word = arith::AndIOp::create(b, e.loc, bits, constant(-(1 << kTf32Cut)));
    Value large = arith::BitcastOp::create(b, e.loc, number.getType(), word);
    operand.words.push_back(word);
    operand.rest.push_back(round(e.subf(number, large)));
  }
  return operand;
}

void MatrixUnit::multiply(ValueRange a, ValueRange b, ArrayRef<Value *> c) {
  OpBuilder &builder = e.b;
  Type f32 = builder.getF32Type();
  auto result =
      LLVM::LLVMStructType::getLiteral(builder.getContext(), SmallVector<Type>(c.size(), f32));
  NVVM::MMATypes type = precision == Precision::BF16 ? NVVM::MMATypes::bf16 : NVVM::MMATypes::tf32;
  Values sums = llvm::map_to_vector(c, [](Value *value) { return *value; });
  Value made = NVVM::MmaOp::create(
      builder, e.loc, result, a, b, sums, ArrayRef<int64_t>{kRows, kColumns, depth()},
      /*b1Op=*/std::nullopt, /*intOverflow=*/std::nullopt,
      std::array<NVVM::MMATypes, 2>{type, type},
      std::array<NVVM::MMALayout, 2>{NVVM::MMALayout::row, NVVM::MMALayout::col});
  for (auto [i, value] : llvm::enumerate(c))
    *value = LLVM::ExtractValueOp::create(builder, e.loc, made, ArrayRef<int64_t>{int64_t(i)});
}

Values MatrixUnit::addTo(ValueRange sums, function_ref<Values(ValueRange)> form) {
  if (precision != Precision::TF32x3)
    return form(sums);
  Values formed = form(Values(sums.size(), e.f32(0.0)));
  for (auto [sum, own] : llvm::zip(sums, formed))
    own = e.addf(sum, own);
  return formed;
}

void MatrixUnit::multiply(const Operand &a, const Operand &b, ArrayRef<Value *> c) {
  // The small products first, so that they are not lost next to the large one.
  if (precision == Precision::TF32x3) {
    multiply(a.rest, b.words, c);
    multiply(a.words, b.rest, c);
  }
  multiply(a.words, b.words, c);
}

} // namespace attune::tile
