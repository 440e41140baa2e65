// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files of the nn dialect share: rules that several ops have, with their messages, and the
// small pieces that decompositions are made of.
#ifndef ATTUNE_DIALECTS_NN_RULES_H
#define ATTUNE_DIALECTS_NN_RULES_H

#include "attune/Dialect/NN/NNBase.h"

namespace attune::nn::detail {

using Decomposed = mlir::FailureOr<llvm::SmallVector<mlir::Value>>;
using Body = llvm::function_ref<mlir::Value(mlir::OpBuilder &, mlir::Location, mlir::ValueRange)>;

/// A shape as messages show it, e.g. [?, 64].
std::string show(llvm::ArrayRef<int64_t> shape);
/// Two sizes disagree only where both are static.
inline bool mayBeEqual(int64_t a, int64_t b) {
  return mlir::ShapedType::isDynamic(a) || mlir::ShapedType::isDynamic(b) || a == b;
}
inline int64_t rankOf(mlir::Value value) {
  return llvm::cast<mlir::ShapedType>(value.getType()).getRank();
}

mlir::LogicalResult verifyF32(mlir::Operation *op, mlir::Value value, llvm::StringRef name,
                              llvm::StringRef label);
/// A tensor or memref of `rank` whose elements are `element`.
mlir::LogicalResult verifyOperand(mlir::Operation *op, mlir::Value value, llvm::StringRef name,
                                  int64_t rank, mlir::Type element, llvm::StringRef label);
/// The operand that a size comes from, and what the size is of it.
struct SizeOf {
  mlir::Value operand;
  llvm::StringRef name, what;
};

/// A vector of `length` elements.
mlir::LogicalResult verifyVector(mlir::Operation *op, mlir::Value vector, llvm::StringRef name,
                                 int64_t length, SizeOf of, llvm::StringRef label);
/// The rules of a normalization of `x` (C1 to C4): parameters along its last dimension, a positive
/// epsilon, and f32 throughout.
mlir::LogicalResult verifyNorm(mlir::Operation *op, mlir::Value x,
                               llvm::ArrayRef<std::pair<mlir::Value, llvm::StringRef>> vectors,
                               double epsilon);
/// The ranked tensor type of an operand while result types are inferred, which may come before the
/// operand types are verified; null (with an error) where the rank is below `minimum` or not
/// `exact`.
mlir::RankedTensorType inferableType(std::optional<mlir::Location> loc, llvm::StringRef op,
                                     llvm::StringRef name, mlir::Value value, llvm::StringRef label,
                                     int64_t minimum, int64_t exact = -1);
/// The rules that inference checks, for ops that were built with an explicit result type: the
/// verifier comes before the inferred type is compared.
template <typename OpTy> mlir::LogicalResult verifyInferable(OpTy op) {
  llvm::SmallVector<mlir::Type> types;
  return OpTy::inferReturnTypes(op.getContext(), op.getLoc(), op->getOperands(),
                                op->getAttrDictionary(), op->getPropertiesStorage(),
                                op->getRegions(), types);
}
/// Operands are all tensors or all memrefs.
mlir::LogicalResult verifyOneKind(mlir::Operation *op, llvm::StringRef label);
/// Effects of a destination-style op that reads its inputs and overwrites its inits.
void overwritingEffects(
    mlir::Operation *op,
    llvm::SmallVectorImpl<mlir::SideEffects::EffectInstance<mlir::MemoryEffects::Effect>> &effects);

/// Loops 0 to count - 1.
llvm::SmallVector<int64_t> loops(int64_t count);
/// An elementwise function of tensors of the same shape; the result holds f32, or `element`.
mlir::Value elementwise(mlir::OpBuilder &b, mlir::Location loc, mlir::ValueRange inputs, Body body,
                        mlir::Type element = {});
/// Changes a tensor in place: `body` gets each element.
mlir::Value
update(mlir::OpBuilder &b, mlir::Location loc, mlir::Value tensor,
       llvm::function_ref<mlir::Value(mlir::OpBuilder &, mlir::Location, mlir::Value)> body);
/// Sums `term` of the elements over dimension `dim`. `perRow`, where given, holds one element for
/// each element of the result, which `term` gets second.
mlir::Value sumOver(mlir::OpBuilder &b, mlir::Location loc, mlir::Value x, int64_t dim,
                    mlir::Value perRow, Body term);
mlir::Value firstElement(mlir::OpBuilder &, mlir::Location, mlir::ValueRange args);
/// Size of dimension `dim` as f32.
mlir::Value sizeAsF32(mlir::OpBuilder &b, mlir::Location loc, mlir::Value x, int64_t dim);
mlir::Value divideBy(mlir::OpBuilder &b, mlir::Location loc, mlir::Value tensor,
                     mlir::Value divisor);

/// Gives the sugar of attn that is made of layers its decomposition.
void attachSugar(mlir::MLIRContext *context);

} // namespace attune::nn::detail

#endif
