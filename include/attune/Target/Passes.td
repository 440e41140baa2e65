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

def EmulateKernelsPass : Pass<"attune-gpu-emulate", "mlir::ModuleOp"> {
  let summary = "Kernels to functions that an emulator on the CPU runs";
  let description = [{
    Before/After: [example: test/Target/GPU/emulate.mlir#DOC]

    Every `gpu.func` becomes a function that does what one thread does. Ids, shared memory, barriers,
    shuffles, asynchronous copies and matrix operations become calls of the emulator
    (`attune/Runtime/Device.h`); each access to memory is announced to it with its place in the source.
    An op that the emulator does not know is an error.
  }];
  let dependentDialects = ["mlir::func::FuncDialect", "mlir::arith::ArithDialect", "mlir::math::MathDialect",
                           "mlir::memref::MemRefDialect", "mlir::LLVM::LLVMDialect"];
}

def DeviceHostPass : Pass<"attune-gpu-host", "mlir::ModuleOp"> {
  let summary = "Launches and reads of the host to calls of the device's runtime";
  let description = [{
    Before/After: [example: test/Target/GPU/host.mlir#DOC]

    A `gpu.launch_func` puts its parameters into an array and calls `attune_device_launch`. A load outside of
    kernels becomes `attune_device_read`.
  }];
  let dependentDialects = ["mlir::func::FuncDialect", "mlir::arith::ArithDialect",
                           "mlir::memref::MemRefDialect", "mlir::LLVM::LLVMDialect"];
}

def NvvmMathPass : Pass<"attune-gpu-nvvm-math"> {
  let summary = "Roots, absolute values and rounding to intrinsics";
  let description = [{
    Before/After: [example: test/Target/GPU/nvvm-math.mlir#DOC]

    `math.sqrt`, `math.absf`, `math.floor`, `math.ceil`, `math.roundeven` and `math.copysign` of f32 and f64
    numbers become LLVM intrinsics that NVPTX has instructions for, so that no call of a device library is
    left. Rounding is that of the CPU (IEEE, to nearest).
  }];
  let dependentDialects = ["mlir::LLVM::LLVMDialect"];
}

def SerializeKernelsPass : Pass<"attune-gpu-serialize", "mlir::ModuleOp"> {
  let summary = "Kernels to PTX, and to machine code where an assembler is found";
  let description = [{
    Before/After: [example: test/Target/GPU/serialize.mlir#DOC]

    The `gpu.module`, in the LLVM and NVVM dialects, is optimised and becomes PTX for the lowest of the chips
    in this process. ptxas or libnvJitLink make a cubin for each chip, where one of them is found. PTX that
    calls a function from outside, as of a device library, is an error.
  }];
  let options = [ListOption<"chips", "chips", "std::string", "Graphics processors to make code for">];
  let dependentDialects = ["mlir::LLVM::LLVMDialect"];
}

def DeviceProgramPass : Pass<"attune-gpu-program", "mlir::ModuleOp"> {
  let summary = "The table of kernels, code and source places that a program hands to the runtime";
  let description = [{
    Before/After: [example: test/Target/GPU/program.mlir#DOC]

    Runs on the LLVM dialect. Makes `attune.program` (`attune_program` in `attune/Runtime/Device.h`), and
    memory on the device of what was allocated with `malloc`.
  }];
  let dependentDialects = ["mlir::LLVM::LLVMDialect"];
}

#endif
