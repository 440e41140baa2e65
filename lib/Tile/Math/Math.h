// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// f32 functions as arithmetic. docs/spec/functions.md has the bound of each, as measured over all
// floats, and what it gives for special values.
#ifndef ATTUNE_LIB_TILE_MATH_MATH_H
#define ATTUNE_LIB_TILE_MATH_MATH_H

#include "Arithmetic.h"

#include <optional>

namespace attune {

mlir::Value expandExp(const Arithmetic &a, mlir::Value x);
/// For x <= 0 and NaN only.
mlir::Value expandExpOfNonpositive(const Arithmetic &a, mlir::Value x);
mlir::Value expandExp2(const Arithmetic &a, mlir::Value x);
mlir::Value expandExpM1(const Arithmetic &a, mlir::Value x);
/// c / (offset + exp(x)) for a constant `offset` from 1e-30 to 1e30.
mlir::Value expandSigmoid(const Arithmetic &a, mlir::Value c, mlir::Value offset, mlir::Value x);

mlir::Value expandLog(const Arithmetic &a, mlir::Value x);
mlir::Value expandLog2(const Arithmetic &a, mlir::Value x);
mlir::Value expandLog1p(const Arithmetic &a, mlir::Value x);

mlir::Value expandTanh(const Arithmetic &a, mlir::Value x);
mlir::Value expandErf(const Arithmetic &a, mlir::Value x);

/// `base` and `exponent` are the values of x and y where these are constant.
mlir::Value expandPow(const Arithmetic &a, mlir::Value x, mlir::Value y, std::optional<double> base,
                      std::optional<double> exponent);

} // namespace attune

#endif
