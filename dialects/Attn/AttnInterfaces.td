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
    It calls them twice: on a block of its own to see what they ask for and what it costs, and where
    it chose them once more to build. Thus an op asks for the same sinks in the same order each time.
  }];
  let methods = [
    InterfaceMethod<"MatrixFacts of the result, given those of the matrix operands in operand order.",
      "::attune::attn::MatrixFacts", "inferFacts", (ins "::llvm::ArrayRef<::attune::attn::MatrixFacts>":$operands)>,
    InterfaceMethod<[{
      The rewrite (lib/Rewrite/Rewrites.def) that this op's linear form stands for; empty for one that
      can't be disabled.}],
      "::llvm::StringRef", "getRewrite", (ins), "", "return \"\";">,
    InterfaceMethod<[{
      Whether the linear form only passes on to operands, whose forms decide: then it is taken wherever
      there is one, and not weighed against visiting the pairs.}],
      "bool", "isStructural", (ins), "", "return false;">,
    InterfaceMethod<[{
      Why the op has no linear form where it has none, as remarks name it; a form that fails says more
      by `SinkBuilder::decline`.}],
      "::llvm::StringRef", "getDeclineReason", (ins), "", "return \"no-linear-form\";">,
    InterfaceMethod<"The op in words.", "::llvm::StringRef", "getWord", (ins), "",
      "return $_op->getName().stripDialect();">,
    InterfaceMethod<"The linear form in words, given those of the sinks that it asks for.",
      "::std::string", "describeForm", (ins "::llvm::ArrayRef<::std::string>":$operands), "",
      "return ::attune::attn::inWords($_op.getWord(), operands);">,
    InterfaceMethod<"The matrix in words, given those of its matrix operands, where its pairs are visited.",
      "::std::string", "describeElement", (ins "::llvm::ArrayRef<::std::string>":$operands), "",
      "return ::attune::attn::inWords($_op.getWord(), operands);">,
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
      Products and row sums at once, so that an op which passes requests on asks its operands for all
      of them together: what is visited is then visited once. One value for each request; all agree in
      `transposed`.}],
      "::mlir::FailureOr<::llvm::SmallVector<::mlir::Value>>", "buildSinks",
      (ins "::attune::attn::SinkBuilder &":$sinks, "::llvm::ArrayRef<::attune::attn::SinkRequest>":$requests),
      "", "return ::attune::attn::buildEach($_op, sinks, requests);">,
    InterfaceMethod<[{
      A matrix that is positive exactly where this one has an entry, for counting entries; operands'
      come from `supports.support(operand)`. Null: there is none but a function of the entries.}],
      "::mlir::Value", "buildSupport", (ins "::attune::attn::SupportBuilder &":$supports), "", "return {};">,
    InterfaceMethod<"The entries where they are stored anyway, as a tensor of the matrix's shape; or null.",
      "::mlir::Value", "getStoredTable", (ins), "", "return {};">,
    InterfaceMethod<"Offsets of the segments outside of which the op has no entry, or null.",
      "::mlir::Value", "getSegmentOffsets", (ins), "", "return {};">,
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
