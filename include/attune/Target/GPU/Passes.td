// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_TARGET_GPU_PASSES
#define ATTUNE_TARGET_GPU_PASSES

include "mlir/Pass/PassBase.td"

def LowerLaunchesPass : Pass<"attune-gpu-lower-launches", "mlir::ModuleOp"> {
  let summary = "Launches and reads of the host to calls of the device's runtime";
  let description = [{
    Before/After: [example: test/Target/GPU/lower-launches.mlir#DOC]

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
