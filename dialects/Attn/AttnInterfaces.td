// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_ATTN_INTERFACES
#define ATTUNE_ATTN_INTERFACES

include "attune/Sizes/DimSource.td"
include "mlir/IR/OpBase.td"

def MatrixOpInterface : OpInterface<"MatrixOpInterface", [DimSourceOpInterface]> {
  let cppNamespace = "::attune::attn";
  let description = [{
    What every op that makes an implicit matrix tells the compiler. The algebra of the rewrites
    stands in these methods, one op at a time; the planner (lib/Rewrite) only decides which to call.
  }];
  let methods = [
    InterfaceMethod<"MatrixFacts of the result, given those of the matrix operands in operand order.",
      "::attune::attn::MatrixFacts", "inferFacts", (ins "::llvm::ArrayRef<::attune::attn::MatrixFacts>":$operands)>,
    InterfaceMethod<[{
      A V (or A^T V) without visiting the pairs: tensor ops, and sinks of the operands through
      `sinks`. Fails where this op has no such form.}],
      "::mlir::FailureOr<::mlir::Value>", "buildApply",
      (ins "::attune::attn::SinkBuilder &":$sinks, "const ::attune::attn::SinkRequest &":$request),
      "", "return ::mlir::failure();">,
    InterfaceMethod<"Row sums (column sums where transposed), under the same terms as buildApply.",
      "::mlir::FailureOr<::mlir::Value>", "buildRowSums",
      (ins "::attune::attn::SinkBuilder &":$sinks, "const ::attune::attn::SinkRequest &":$request),
      "", "return ::mlir::failure();">,
    InterfaceMethod<[{
      The element (i, j) as scalar code in the region of an `attn.stream`; operands' elements come from
      `elements.elementOf(operand)`.}],
      "::mlir::FailureOr<::attune::attn::MatrixElement>", "buildElement",
      (ins "::attune::attn::ElementBuilder &":$elements), "", "return ::mlir::failure();">,
    InterfaceMethod<[{
      The same expression on rows and columns [offset, offset + size) only: leaves take slices of
      their operands, and `slices.slice(operand)` is that of a matrix operand.}],
      "::mlir::FailureOr<::mlir::Value>", "buildSlice",
      (ins "::attune::attn::SliceBuilder &":$slices), "", "return ::mlir::failure();">
  ];
}

def SugarOpInterface : OpInterface<"SugarOpInterface"> {
  let cppNamespace = "::attune::attn";
  let description = [{
    An op that other ops of the algebra stand for: `attune-decompose` replaces it, and no later pass
    sees it. A layer of `nn` has a `decompose` of the same form (`LayerOpInterface`).
  }];
  let methods = [
    InterfaceMethod<"The same by other ops; one value for each result.",
      "::mlir::FailureOr<::llvm::SmallVector<::mlir::Value>>", "decompose",
      (ins "::mlir::OpBuilder &":$b)>
  ];
}

#endif
