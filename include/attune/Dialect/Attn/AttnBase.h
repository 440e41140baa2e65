// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The attn dialect without its ops: types, attributes, interfaces, and what the ops' definitions
// need. The ops stand by family in headers of their own, so that a change of one op compiles few
// files again.
#ifndef ATTUNE_DIALECT_ATTN_ATTNBASE_H
#define ATTUNE_DIALECT_ATTN_ATTNBASE_H

#include "attune/Dialect/Attn/Builders.h"
#include "attune/Dialect/Attn/MatrixFacts.h"
#include "attune/Sizes/DimSource.h"
#include "attune/Sizes/EntryAttrs.h"
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

#include "attune/Dialect/Attn/AttnDialect.h.inc"
#include "attune/Dialect/Attn/AttnEnums.h.inc"
#include "attune/Dialect/Attn/AttnInterfaces.h.inc"
#define GET_TYPEDEF_CLASSES
#include "attune/Dialect/Attn/AttnTypes.h.inc"
#define GET_ATTRDEF_CLASSES
#include "attune/Dialect/Attn/AttnAttrs.h.inc"

#endif
