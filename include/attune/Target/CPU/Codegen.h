// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From a module in the LLVM dialect to machine code.

#ifndef ATTUNE_TARGET_CPU_CODEGEN_H
#define ATTUNE_TARGET_CPU_CODEGEN_H

#include "attune/Target/CPU/TargetProcessor.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"

namespace attune::cpu {

/// Null after an error, which has been emitted.
std::unique_ptr<llvm::Module> translate(mlir::ModuleOp module, llvm::LLVMContext &context,
                                        const TargetProcessor &machine);

/// Runs LLVM's optimiser. The vector code of the tile passes is final as it is; the plain loops of
/// layers and checks gain from it.
void optimise(llvm::Module &module, const TargetProcessor &machine);

/// Writes an object file or (`asText`) assembly.
llvm::Error emit(llvm::Module &module, const TargetProcessor &machine, llvm::raw_pwrite_stream &os,
                 bool asText);

/// Whether the code calls the OpenMP runtime.
bool usesOpenMP(const llvm::Module &module);

} // namespace attune::cpu

#endif // ATTUNE_TARGET_CPU_CODEGEN_H
