// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_SIZES_PASSES
#define ATTUNE_SIZES_PASSES

include "mlir/Pass/PassBase.td"

def UnifyDimsPass : Pass<"attune-unify-dims", "mlir::func::FuncOp"> {
  let summary = "One value for each named size";
  let description = [{
    Before/After: [example: test/Sizes/unify-dims.mlir#DOC]

    Every `tensor.dim` whose size is that of a dimension of an argument becomes one `tensor.dim` at
    the head of the function, the first argument's with that size. Valid because the compiled entry
    checks that equal names are equal sizes. Without it equal sizes do not look equal to CSE and
    fusion. Functions without `attune.dims` are left alone.
  }];
  let dependentDialects = ["mlir::arith::ArithDialect", "mlir::tensor::TensorDialect"];
}

def VerifyGrowthPass : Pass<"attune-verify-growth", "::mlir::func::FuncOp"> {
  let summary = "Prove that no stored value grows faster than linearly";
  let description = [{
    The element count of every tensor and every allocation, as a polynomial in the named sizes of the
    entry arguments, must have degree at most 1 in the sizes that `attune.sizes` calls "rows" (a size that
    it does not name counts as one; "batch" sizes are free). So N x N, N x M with two names, and a flat
    buffer of N*N elements are refused alike. A size that can't be traced to a name is an error too.

    Runs on tensors, where messages are good, and again on allocations, where it is the proof.
    Result: no change of the IR. Cost: one walk.
  }];
  let options = [
    ListOption<"allowed", "allow", "std::string", "Sizes that may occur with degree 2, by name">
  ];
}

#endif
