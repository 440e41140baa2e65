// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Translation to LLVM IR, LLVM's optimiser and its code generator, in this process.

#include "attune/Target/CPU/Codegen.h"

#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/Analysis/CGSCCPassManager.h"
#include "llvm/Analysis/LoopAnalysisManager.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Transforms/IPO/GlobalDCE.h"
#include "llvm/Transforms/InstCombine/InstCombine.h"
#include "llvm/Transforms/Scalar/DeadStoreElimination.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/GVN.h"
#include "llvm/Transforms/Scalar/LICM.h"
#include "llvm/Transforms/Scalar/LoopPassManager.h"
#include "llvm/Transforms/Scalar/LoopRotation.h"
#include "llvm/Transforms/Scalar/SROA.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"
#include "llvm/Transforms/Vectorize/LoopVectorize.h"

namespace attune::cpu {

std::unique_ptr<llvm::Module> translate(mlir::ModuleOp module, llvm::LLVMContext &context,
                                        const TargetProcessor &machine) {
  std::unique_ptr<llvm::Module> result = mlir::translateModuleToLLVMIR(module, context, "attune");
  if (!result)
    return nullptr;
  result->setTargetTriple(llvm::Triple(machine.triple));
  result->setDataLayout(machine.target->createDataLayout());
  bool hasAvx512 = llvm::StringRef(machine.features).contains("+avx512f");
  // The optimiser merges code only of functions made for the same processor.
  for (llvm::Function &function : *result) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr(llvm::Attribute::NoUnwind);
    // Kernels stay functions of their own: within one body a large model takes minutes.
    if (function.getName().contains("kernel"))
      function.addFnAttr(llvm::Attribute::NoInline);
    // A scalar division that allows an estimate gets the same one as a vector of them. AVX-512 has
    // different ones for scalars and for vectors; there neither gets one.
    function.addFnAttr("reciprocal-estimates", hasAvx512 ? "none" : "divf:1,vec-divf:1");
    function.addFnAttr("target-cpu", machine.cpu);
    if (!machine.target->getTargetFeatureString().empty())
      function.addFnAttr("target-features", machine.target->getTargetFeatureString());
  }
  return result;
}

/// The loops come as the tile passes want them: unrolled, vectorised, nothing to inline. What is
/// left are addresses to share and move out of loops; LLVM's O2 takes five times as long for the
/// same speed (SOFT-Tiny: 2.8 s and 0.5 s). Loops that ask for it are still vectorised.
static llvm::FunctionPassManager functionPasses() {
  llvm::LoopPassManager rotate;
  rotate.addPass(llvm::LoopRotatePass());
  rotate.addPass(llvm::LICMPass(llvm::LICMOptions()));
  llvm::FunctionPassManager passes;
  passes.addPass(llvm::SimplifyCFGPass());
  passes.addPass(llvm::SROAPass(llvm::SROAOptions::ModifyCFG));
  passes.addPass(llvm::EarlyCSEPass(/*UseMemorySSA=*/true));
  passes.addPass(llvm::createFunctionToLoopPassAdaptor(std::move(rotate), /*UseMemorySSA=*/true));
  passes.addPass(llvm::InstCombinePass());
  passes.addPass(llvm::SimplifyCFGPass());
  passes.addPass(llvm::GVNPass());
  passes.addPass(llvm::DSEPass());
  passes.addPass(llvm::LoopVectorizePass(llvm::LoopVectorizeOptions(
      /*InterleaveOnlyWhenForced=*/true, /*VectorizeOnlyWhenForced=*/true)));
  passes.addPass(llvm::InstCombinePass());
  passes.addPass(llvm::SimplifyCFGPass());
  // What GVN and InstCombine have uncovered.
  passes.addPass(llvm::createFunctionToLoopPassAdaptor(llvm::LICMPass(llvm::LICMOptions()),
                                                       /*UseMemorySSA=*/true));
  return passes;
}

void optimise(llvm::Module &module, const TargetProcessor &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(machine.target.get());
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  llvm::ModulePassManager passes;
  passes.addPass(llvm::createModuleToFunctionPassAdaptor(functionPasses()));
  passes.addPass(llvm::GlobalDCEPass());
  passes.run(module, modules);
}

llvm::Error emit(llvm::Module &module, const TargetProcessor &machine, llvm::raw_pwrite_stream &os,
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
