// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A vector.fma becomes llvm.fmuladd, which is one operation where the target has it and two where
// not, never a call. Scalars have no such op: `contract` on both halves allows the same.

#include "Arithmetic.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace attune {

static Value splat(OpBuilder &b, Location loc, TypedAttr element, Type type) {
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(b, loc,
                                     DenseElementsAttr::get(vector, ArrayRef<Attribute>(element)));
  return arith::ConstantOp::create(b, loc, element);
}

static Type intElement(const Arithmetic &a) {
  return a.b.getIntegerType(getElementTypeOrSelf(a.type).getIntOrFloatBitWidth());
}

Type Arithmetic::like(Type element) const {
  auto vector = dyn_cast<VectorType>(type);
  return vector ? vector.clone(element) : element;
}

Value Arithmetic::number(double value) const {
  return splat(b, loc, b.getFloatAttr(getElementTypeOrSelf(type), value), type);
}
Value Arithmetic::integer(int64_t value) const {
  Type element = intElement(*this);
  return splat(b, loc, b.getIntegerAttr(element, value), like(element));
}

Value Arithmetic::add(Value x, Value y) const { return arith::AddFOp::create(b, loc, x, y); }
Value Arithmetic::sub(Value x, Value y) const { return arith::SubFOp::create(b, loc, x, y); }
Value Arithmetic::mul(Value x, Value y) const { return arith::MulFOp::create(b, loc, x, y); }
Value Arithmetic::div(Value x, Value y) const { return arith::DivFOp::create(b, loc, x, y); }

Value Arithmetic::fma(Value x, Value y, Value z) const {
  if (auto vector = dyn_cast<VectorType>(type); vector && vector.getRank() > 0)
    return vector::FMAOp::create(b, loc, x, y, z);
  Value product = arith::MulFOp::create(b, loc, x, y, arith::FastMathFlags::contract);
  return arith::AddFOp::create(b, loc, product, z, arith::FastMathFlags::contract);
}

Value Arithmetic::polynomial(ArrayRef<double> highestFirst, Value at) const {
  Value p = number(highestFirst.front());
  for (double c : highestFirst.drop_front())
    p = fma(p, at, number(c));
  return p;
}

Value Arithmetic::bits(Value x) const {
  return arith::BitcastOp::create(b, loc, like(intElement(*this)), x);
}
Value Arithmetic::fromBits(Value x) const { return arith::BitcastOp::create(b, loc, type, x); }

static int64_t signBit(const Arithmetic &a) {
  return llvm::minIntN(getElementTypeOrSelf(a.type).getIntOrFloatBitWidth());
}

Value Arithmetic::magnitude(Value x) const {
  return fromBits(arith::AndIOp::create(b, loc, bits(x), integer(~signBit(*this))));
}
Value Arithmetic::withSignOf(Value x, Value sign) const {
  Value bit = arith::AndIOp::create(b, loc, bits(sign), integer(signBit(*this)));
  return fromBits(arith::OrIOp::create(b, loc, bits(x), bit));
}

Value Arithmetic::select(arith::CmpFPredicate predicate, Value x, double bound, Value then,
                         Value otherwise) const {
  Value condition = arith::CmpFOp::create(b, loc, predicate, x, number(bound));
  return arith::SelectOp::create(b, loc, condition, then, otherwise);
}
Value Arithmetic::atLeast(Value x, double bound) const {
  return select(arith::CmpFPredicate::OLT, x, bound, number(bound), x);
}
Value Arithmetic::atMost(Value x, double bound) const {
  return select(arith::CmpFPredicate::OGT, x, bound, number(bound), x);
}

} // namespace attune
