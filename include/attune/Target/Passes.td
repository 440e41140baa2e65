// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_TARGET_PASSES
#define ATTUNE_TARGET_PASSES

include "mlir/Pass/PassBase.td"

def RecordEntriesPass : Pass<"attune-record-entries", "mlir::ModuleOp"> {
  let summary = "Note names, dtypes and shapes of the entries on the module";
  let description = [{
    Before/After: [example: test/Tools/attune-compile/record-entries.mlir#DOC]

    Reads `attune.name`, `attune.dims`, `attune.below` and `attune.offsets_of` of every public function
    and writes them to the module attribute `attune.entries`. Runs on tensors, where the attributes are
    complete; `attune-entry-wrapper` needs the result when the functions are in the LLVM dialect.
    Idempotent: a module that has the attribute keeps it.
  }];
}

def LargePagesPass : Pass<"attune-large-pages", "mlir::ModuleOp"> {
  let summary = "Ask the kernel for large pages for large blocks of memory";
  let description = [{
    Before/After: [example: test/Tools/attune-compile/large-pages.mlir#DOC]

    Runs on the LLVM dialect. Calls of `malloc` become calls of a function that advises Linux to back
    blocks of 4 MiB and more by pages of 2 MiB (`madvise`): the first touch of fresh memory then costs one
    fault for 2 MiB and not 512. Nothing else changes; other systems keep `malloc`.
  }];
  let options = [Option<"triple", "triple", "std::string", "\"\"", "Target triple; empty for the host's">];
  let dependentDialects = ["mlir::LLVM::LLVMDialect"];
}

def EntryWrapperPass : Pass<"attune-entry-wrapper", "mlir::ModuleOp"> {
  let summary = "Make the functions that a compiled program exports";
  let description = [{
    Before/After: [example: test/Tools/attune-compile/entry-wrapper.mlir#DOC]

    Runs on the LLVM dialect. Every entry gets a C function that takes plain sizes and pointers and one
    that takes them in arrays (`attune_call_<entry>`). They check sizes and index data, build the
    descriptors and call the lowered function, which becomes internal, as does all else. The global
    `attune_manifest` describes the entries. Wrong data gives status 1 and a message, never an abort.
    Checking costs one read of the index data.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"cpu\"", "Target in the manifest">,
    Option<"cpu", "cpu", "std::string", "\"\"", "CPU in the manifest">,
    Option<"features", "features", "std::string", "\"\"", "CPU features in the manifest">,
    Option<"triple", "triple", "std::string", "\"\"", "Target triple in the manifest">];
  let dependentDialects = ["mlir::LLVM::LLVMDialect"];
}

#endif
