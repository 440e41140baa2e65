// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_ATTN_OP_BASE
#define ATTUNE_ATTN_OP_BASE

include "dialects/Attn/AttnBase.td"
include "dialects/Attn/AttnInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/ValueBoundsOpInterface.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"

// Reification and value bounds follow from getDimSource.
class Attn_ShapedOp<string mnemonic, list<Trait> traits = []>
    : Attn_Op<mnemonic, !listconcat([
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>,
        DeclareOpInterfaceMethods<ValueBoundsOpInterface, ["populateBoundsForShapedValueDim"]>], traits)> {
  code shapeDefinition = [{
    ::llvm::LogicalResult $cppClass::reifyResultShapes(
        ::mlir::OpBuilder &b, ::mlir::ReifiedRankedShapedTypeDims &dims) {
      return ::attune::reifyFromDimSources(getOperation(), b, dims);
    }
    void $cppClass::populateBoundsForShapedValueDim(
        ::mlir::Value value, int64_t dim, ::mlir::ValueBoundsConstraintSet &cstr) {
      ::attune::boundFromDimSources(value, dim, cstr);
    }
  }];
  let extraClassDefinition = shapeDefinition;
}

// An op whose result is an implicit matrix. `methods` lists what it implements beside inferFacts.
class Attn_MatrixOp<string mnemonic, list<string> methods, list<Trait> traits = []>
    : Attn_ShapedOp<mnemonic, !listconcat([Pure,
        DeclareOpInterfaceMethods<DimSourceOpInterface>,
        DeclareOpInterfaceMethods<MatrixOpInterface, methods>], traits)> {
  let results = (outs Attn_MatrixType:$result);
}

#endif
