// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Translation to LLVM IR, LLVM's optimiser and its code generator, in this process.

#include "attune/Target/CPU/Codegen.h"

#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/Analysis/CGSCCPassManager.h"
#include "llvm/Analysis/LoopAnalysisManager.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/Passes/PassBuilder.h"

namespace attune::cpu {

std::unique_ptr<llvm::Module> translate(mlir::ModuleOp module, llvm::LLVMContext &context,
                                        const Machine &machine) {
  std::unique_ptr<llvm::Module> result = mlir::translateModuleToLLVMIR(module, context, "attune");
  if (!result)
    return nullptr;
  result->setTargetTriple(llvm::Triple(machine.triple));
  result->setDataLayout(machine.target->createDataLayout());
  // The optimiser merges code only of functions made for the same processor.
  for (llvm::Function &function : *result) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr(llvm::Attribute::NoUnwind);
    // Kernels stay functions of their own: within one body a large model takes minutes.
    if (function.getName().contains("kernel"))
      function.addFnAttr(llvm::Attribute::NoInline);
    // A scalar division that allows an estimate gets the same one as a vector of them.
    function.addFnAttr("reciprocal-estimates", "divf:1,vec-divf:1");
    function.addFnAttr("target-cpu", machine.cpu);
    if (!machine.target->getTargetFeatureString().empty())
      function.addFnAttr("target-features", machine.target->getTargetFeatureString());
  }
  return result;
}

void optimise(llvm::Module &module, const Machine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PipelineTuningOptions tuning;
  // The loops come as the tile passes want them: LLVM would only vectorise and unroll their
  // remainders, which doubles code and compile time. Loops that ask for it are still vectorised.
  tuning.LoopVectorization = tuning.LoopInterleaving = tuning.LoopUnrolling = false;
  tuning.SLPVectorization = false;
  llvm::PassBuilder builder(machine.target.get(), tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2).run(module, modules);
}

llvm::Error emit(llvm::Module &module, const Machine &machine, llvm::raw_pwrite_stream &os,
                 bool asText) {
  llvm::legacy::PassManager passes;
  llvm::CodeGenFileType type =
      asText ? llvm::CodeGenFileType::AssemblyFile : llvm::CodeGenFileType::ObjectFile;
  if (machine.target->addPassesToEmitFile(passes, os, nullptr, type, /*DisableVerify=*/true))
    return llvm::createStringError("the code generator cannot write this kind of file");
  passes.run(module);
  os.flush();
  return llvm::Error::success();
}

bool usesOpenMP(const llvm::Module &module) {
  for (const llvm::Function &function : module)
    if (function.isDeclaration() &&
        (function.getName().starts_with("__kmpc_") || function.getName().starts_with("omp_")))
      return true;
  return false;
}

} // namespace attune::cpu
