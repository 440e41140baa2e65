// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The attn dialect: types, attributes, interfaces and ops.
#ifndef ATTUNE_DIALECTS_ATTN_ATTN_H
#define ATTUNE_DIALECTS_ATTN_ATTN_H

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

#include "dialects/Attn/Builders.h"
#include "dialects/Attn/Facts.h"

#include "dialects/Attn/AttnDialect.h.inc"
#include "dialects/Attn/AttnEnums.h.inc"
#include "dialects/Attn/AttnInterfaces.h.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/Attn/AttnTypes.h.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/Attn/AttnAttrs.h.inc"
#define GET_OP_CLASSES
#include "dialects/Attn/AttnOps.h.inc"

namespace attune::attn {
/// Names of the attributes that describe an entry function (docs/spec/entry.md).
inline constexpr llvm::StringLiteral kNameAttr = "attune.name";
inline constexpr llvm::StringLiteral kDimsAttr = "attune.dims";
inline constexpr llvm::StringLiteral kSizesAttr = "attune.sizes";
inline constexpr llvm::StringLiteral kBelowAttr = "attune.below";
inline constexpr llvm::StringLiteral kOffsetsOfAttr = "attune.offsets_of";
inline constexpr llvm::StringLiteral kPairsOfAttr = "attune.pairs_of";
} // namespace attune::attn

#endif
