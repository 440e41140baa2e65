// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Small builders of linalg ops and of scalar code, and a rule for regions of scalar code.
#ifndef ATTUNE_SUPPORT_LINALGBUILDERS_H
#define ATTUNE_SUPPORT_LINALGBUILDERS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Region.h"
#include "mlir/IR/Value.h"

namespace attune {

/// A linalg operand with the loop that walks each of its dimensions; ~loop stands for a dimension
/// of static size 1 that broadcasts along the loop.
struct LoopOperand {
  mlir::Value value;
  llvm::SmallVector<int64_t> loops;
};
/// linalg.generic over `loops` loops; a loop is a reduction unless an output walks it. `body` gets
/// the element of each input and of the output, and returns the output's new element.
mlir::Value buildGeneric(
    mlir::OpBuilder &b, mlir::Location loc, llvm::ArrayRef<LoopOperand> inputs, LoopOperand out,
    llvm::function_ref<mlir::Value(mlir::OpBuilder &, mlir::Location, mlir::ValueRange)> body);
/// A tensor of the given sizes filled with zeros (`fill` where given).
mlir::Value buildFilled(mlir::OpBuilder &b, mlir::Location loc,
                        llvm::ArrayRef<mlir::OpFoldResult> sizes, double fill = 0.0);
mlir::Value buildEmpty(mlir::OpBuilder &b, mlir::Location loc,
                       llvm::ArrayRef<mlir::OpFoldResult> sizes, mlir::Type elementType);
/// f32 constant.
mlir::Value f32Constant(mlir::OpBuilder &b, mlir::Location loc, double value);
/// The same, exact for the reference too: where f32 can't hold `value`, an f64 constant and a
/// truncation, which folds to the f32 constant on every target.
mlir::Value realConstant(mlir::OpBuilder &b, mlir::Location loc, double value);
/// index -> f32.
mlir::Value indexToF32(mlir::OpBuilder &b, mlir::Location loc, mlir::Value index);
/// Clones the body of an elementwise region; returns what its terminator yields.
llvm::SmallVector<mlir::Value> inlineRegion(mlir::OpBuilder &b, mlir::Region &region,
                                            mlir::ValueRange arguments);
/// (Cn) of map-like regions: only constants and elementwise ops.
mlir::LogicalResult verifyElementwiseRegion(mlir::Operation *op, mlir::Region &region,
                                            llvm::StringRef label);

} // namespace attune

#endif
