// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The nn dialect without its ops, which stand by family in headers of their own.
#ifndef ATTUNE_DIALECT_NN_NNBASE_H
#define ATTUNE_DIALECT_NN_NNBASE_H

#include "attune/Sizes/DimSource.h"
#include "attune/Support/LinalgBuilders.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

#include "attune/Dialect/NN/NNDialect.h.inc"
#include "attune/Dialect/NN/NNEnums.h.inc"
#include "attune/Dialect/NN/NNInterfaces.h.inc"

#endif
