// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_NN_BASE
#define ATTUNE_NN_BASE

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/ValueBoundsOpInterface.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "attune/Sizes/DimSource.td"

def NN_Dialect : Dialect {
  let name = "nn";
  let summary = "named layers on tensors";
  let description = [{
    The layers that models around `attn` need and that upstream has no named op for. Each has a shape
    rule, a verifier, a reference evaluation and a decomposition to `linalg`, so that every target
    gets it at once.

    Letters: N rows (nodes, tokens), C channels, H heads, E edges of a list, G graphs.
  }];
  let cppNamespace = "::attune::nn";
  let dependentDialects = ["::attune::attn::AttnDialect", "::mlir::arith::ArithDialect",
                           "::mlir::tensor::TensorDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect", "::mlir::scf::SCFDialect"];
}

def LayerOpInterface : OpInterface<"LayerOpInterface"> {
  let cppNamespace = "::attune::nn";
  let description = [{ A layer that is made of upstream ops. }];
  let methods = [
    InterfaceMethod<"The same in upstream dialects; one value for each result.",
      "::mlir::FailureOr<::llvm::SmallVector<::mlir::Value>>", "decompose", (ins "::mlir::OpBuilder &":$b)>,
    InterfaceMethod<"FLOP of one evaluation, as a polynomial in the named sizes.",
      "::attune::SizePoly", "getFlop", (ins), "", "return ::attune::SizePoly();">
  ];
}

class NN_Op<string mnemonic, list<Trait> traits = []>
    : Op<NN_Dialect, mnemonic, !listconcat([
        DeclareOpInterfaceMethods<DimSourceOpInterface>,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>,
        DeclareOpInterfaceMethods<ValueBoundsOpInterface, ["populateBoundsForShapedValueDim"]>], traits)> {
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::reifyResultShapes(
        ::mlir::OpBuilder &b, ::mlir::ReifiedRankedShapedTypeDims &dims) {
      return ::attune::reifyFromDimSources(getOperation(), b, dims);
    }
    void $cppClass::populateBoundsForShapedValueDim(
        ::mlir::Value value, int64_t dim, ::mlir::ValueBoundsConstraintSet &cstr) {
      ::attune::boundFromDimSources(value, dim, cstr);
    }
  }];
}

class NN_LayerOp<string mnemonic, list<Trait> traits = []>
    : NN_Op<mnemonic, !listconcat([Pure, DeclareOpInterfaceMethods<LayerOpInterface, ["getFlop"]>], traits)>;

#endif
