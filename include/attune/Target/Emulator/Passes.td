// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_TARGET_EMULATOR_PASSES
#define ATTUNE_TARGET_EMULATOR_PASSES

include "mlir/Pass/PassBase.td"

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

#endif
