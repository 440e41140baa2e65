// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Arithmetic on values of one float type, scalar or vector, as the functions of Math.h need it.
// Whatever is done to a vector is done to a scalar in the same order and with the same roundings.
#ifndef ATTUNE_LIB_TILE_MATH_ARITHMETIC_H
#define ATTUNE_LIB_TILE_MATH_ARITHMETIC_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/ArrayRef.h"

namespace attune {

struct Arithmetic {
  mlir::OpBuilder &b;
  mlir::Location loc;
  /// f32 or f64, or a vector of these.
  mlir::Type type;
  /// exp2 and reciprocals are those of NVIDIA's processors, for the f32 that `type` is.
  bool approximate = false;

  /// `element`, with as many lanes as `type`.
  mlir::Type like(mlir::Type element) const;
  mlir::Value number(double value) const;
  mlir::Value integer(int64_t value) const;

  mlir::Value add(mlir::Value x, mlir::Value y) const;
  mlir::Value sub(mlir::Value x, mlir::Value y) const;
  mlir::Value mul(mlir::Value x, mlir::Value y) const;
  mlir::Value div(mlir::Value x, mlir::Value y) const;
  /// x y + z, rounded once where the target can.
  mlir::Value fma(mlir::Value x, mlir::Value y, mlir::Value z) const;
  mlir::Value polynomial(llvm::ArrayRef<double> highestFirst, mlir::Value at) const;

  /// The bits of a float as an integer of its width, and back.
  mlir::Value bits(mlir::Value x) const;
  mlir::Value fromBits(mlir::Value x) const;
  mlir::Value magnitude(mlir::Value x) const;
  /// `x`, which is not negative, with the sign of `sign`.
  mlir::Value withSignOf(mlir::Value x, mlir::Value sign) const;

  /// `then` where the comparison of `x` with `bound` holds.
  mlir::Value select(mlir::arith::CmpFPredicate predicate, mlir::Value x, double bound,
                     mlir::Value then, mlir::Value otherwise) const;
  /// These leave NaN as it is.
  mlir::Value atLeast(mlir::Value x, double bound) const;
  mlir::Value atMost(mlir::Value x, double bound) const;
};

} // namespace attune

#endif
