// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_ENTRY_PASSES
#define ATTUNE_ENTRY_PASSES

include "mlir/Pass/PassBase.td"

def EntryPass : Pass<"attune-entry", "mlir::ModuleOp"> {
  let summary = "Check and complete what public functions say about their arguments";
  let description = [{
    Before/After: [example: test/Entry/entry.mlir#DOC]

    Every matrix operand must be the result of an op that makes matrices: a matrix in a function's
    signature, a block argument or a result of control flow is not supported.

    Public functions: `attune.name` stands on all arguments and results, each with another name, or on
    none (then they are named `arg0`, .., `result0`, ..). `attune.dims` has one entry for each
    dimension: a sum of sizes (`N`, `2*N-1`) where it is dynamic, "" where it is static; it is written
    in one form, whatever its spaces and order. Arguments without it get names of their own (`d0_1`:
    argument 0, dimension 1), results get what follows from the arguments, and where both are there
    they must agree. The arguments' dimensions must fix each size. `attune.below` and `attune.offsets_of` name
    one of these sizes and stand on integer tensors. Sizes that `attune.sizes` leaves out are "rows".
    Every argument becomes read-only (`bufferization.writable = false`).
    Idempotent.
  }];
}

def RecordEntriesPass : Pass<"attune-record-entries", "mlir::ModuleOp"> {
  let summary = "Note names, dtypes and shapes of the entries on the module";
  let description = [{
    Before/After: [example: test/Entry/record-entries.mlir#DOC]

    Reads `attune.name`, `attune.dims`, `attune.below` and `attune.offsets_of` of every public function
    and writes them to the module attribute `attune.entries`. Runs on tensors, where the attributes are
    complete; `attune-entry-wrapper` needs the result when the functions are in the LLVM dialect.
    Idempotent: a module that has the attribute keeps it.
  }];
}

def EntryWrapperPass : Pass<"attune-entry-wrapper", "mlir::ModuleOp"> {
  let summary = "Make the functions that a compiled program exports";
  let description = [{
    Before/After: [example: test/Entry/entry-wrapper.mlir#DOC]

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
