// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_TARGET_CPU_PASSES
#define ATTUNE_TARGET_CPU_PASSES

include "mlir/Pass/PassBase.td"

def LargePagesPass : Pass<"attune-large-pages", "mlir::ModuleOp"> {
  let summary = "Ask the kernel for large pages for large blocks of memory";
  let description = [{
    Before/After: [example: test/Target/CPU/large-pages.mlir#DOC]

    Runs on the LLVM dialect. Calls of `malloc` become calls of a function that advises Linux to back
    blocks of 4 MiB and more by pages of 2 MiB (`madvise`): the first touch of fresh memory then costs one
    fault for 2 MiB and not 512. Nothing else changes; other systems keep `malloc`.
  }];
  let options = [Option<"triple", "triple", "std::string", "\"\"", "Target triple; empty for the host's">];
  let dependentDialects = ["mlir::LLVM::LLVMDialect"];
}

#endif
