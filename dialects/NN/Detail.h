// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files of the nn dialect share: rules that several ops have, with their messages, and the
// small pieces that decompositions are made of.
#ifndef ATTUNE_DIALECTS_NN_DETAIL_H
#define ATTUNE_DIALECTS_NN_DETAIL_H

#include "dialects/NN/NN.h"

namespace attune::nn::detail {

using namespace mlir;
using Decomposed = FailureOr<SmallVector<Value>>;
using Body = llvm::function_ref<Value(OpBuilder &, Location, ValueRange)>;

/// A shape as messages show it, e.g. [?, 64].
std::string show(ArrayRef<int64_t> shape);
/// Two sizes disagree only where both are static.
inline bool mayBeEqual(int64_t a, int64_t b) {
  return ShapedType::isDynamic(a) || ShapedType::isDynamic(b) || a == b;
}
inline int64_t rankOf(Value value) { return cast<ShapedType>(value.getType()).getRank(); }

LogicalResult verifyF32(Operation *op, Value value, StringRef name, StringRef label);
/// A tensor or memref of `rank` whose elements are `element`.
LogicalResult verifyOperand(Operation *op, Value value, StringRef name, int64_t rank, Type element,
                            StringRef label);
/// A vector with one element for each element of the last dimension of `x`.
LogicalResult verifyVector(Operation *op, Value vector, StringRef name, int64_t length,
                           StringRef of, StringRef label);
/// The rules of a normalization of `x` (C1 to C4): parameters along its last dimension, a positive
/// epsilon, and f32 throughout.
LogicalResult verifyNorm(Operation *op, Value x, ArrayRef<std::pair<Value, StringRef>> vectors,
                         double epsilon);
/// The ranked tensor type of an operand while result types are inferred, which may come before the
/// operand types are verified; null (with an error) where the rank is below `minimum` or not
/// `exact`.
RankedTensorType inferableType(std::optional<Location> loc, StringRef op, StringRef name,
                               Value value, StringRef label, int64_t minimum, int64_t exact = -1);
/// The rules that inference checks, for ops that were built with an explicit result type: the
/// verifier comes before the inferred type is compared.
template <typename OpTy> LogicalResult verifyInferable(OpTy op) {
  SmallVector<Type> types;
  return OpTy::inferReturnTypes(op.getContext(), op.getLoc(), op->getOperands(),
                                op->getAttrDictionary(), op->getPropertiesStorage(),
                                op->getRegions(), types);
}
/// Operands are all tensors or all memrefs.
LogicalResult verifyOneKind(Operation *op, StringRef label);
/// Effects of a destination-style op that reads its inputs and overwrites its inits.
void overwritingEffects(
    Operation *op, SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects);

/// Loops 0 to count - 1.
SmallVector<int64_t> loops(int64_t count);
/// An elementwise function of tensors of the same shape; the result holds f32, or `element`.
Value elementwise(OpBuilder &b, Location loc, ValueRange inputs, Body body, Type element = {});
/// Changes a tensor in place: `body` gets each element.
Value update(OpBuilder &b, Location loc, Value tensor,
             llvm::function_ref<Value(OpBuilder &, Location, Value)> body);
/// Sums `term` of the elements over dimension `dim`. `perRow`, where given, holds one element for
/// each element of the result, which `term` gets second.
Value sumOver(OpBuilder &b, Location loc, Value x, int64_t dim, Value perRow, Body term);
Value firstElement(OpBuilder &, Location, ValueRange args);
/// Size of dimension `dim` as f32.
Value sizeAsF32(OpBuilder &b, Location loc, Value x, int64_t dim);
Value divideBy(OpBuilder &b, Location loc, Value tensor, Value divisor);

} // namespace attune::nn::detail

#endif
