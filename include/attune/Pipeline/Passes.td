// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_PIPELINE_PASSES
#define ATTUNE_PIPELINE_PASSES

include "mlir/Pass/PassBase.td"

def VerifyStagePass : Pass<"attune-verify-stage", "mlir::ModuleOp"> {
  let summary = "Check that only the ops that a stage allows are left";
  let description = [{
    Before/After: the IR is not changed; test/Pipeline/verify-stage.mlir.

    The stage table says which dialects are legal after each stage. Any other op is a bug of the
    compiler: "internal error: ..", with the stage and the op.
  }];
  let options = [Option<"stage", "stage", "std::string", "\"\"", "Name of the stage in the table">];
}

#endif
