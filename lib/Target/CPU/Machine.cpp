// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From the name of a processor to an LLVM target machine and the instruction sets that it has. For
// `native` these are what the processor reports, so that a virtual machine without AVX-512 on a
// host with it is served right.

#include "attune/Target/CPU/Machine.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

namespace attune::cpu {

/// Names that a target machine was made for, without its tuning flags.
static std::string instructionSets(const llvm::MCSubtargetInfo &subtarget,
                                   const llvm::StringMap<bool> &known) {
  std::vector<std::string> names;
  for (const llvm::SubtargetFeatureKV &feature : subtarget.getAllProcessorFeatures())
    if (known.count(feature.Key) && subtarget.getFeatureBits()[feature.Value])
      names.push_back("+" + std::string(feature.Key));
  return llvm::join(names, ",");
}

static unsigned vectorLanes(const llvm::MCSubtargetInfo &subtarget, const llvm::Triple &triple) {
  if (!triple.isX86())
    return 4;
  if (subtarget.checkFeatures("+avx512f"))
    return 16;
  return subtarget.checkFeatures("+avx2") ? 8 : 4;
}

llvm::Expected<Machine> findMachine(llvm::StringRef name) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  llvm::InitializeNativeTargetAsmParser();

  Machine machine;
  machine.triple = llvm::sys::getDefaultTargetTriple();
  llvm::Triple triple(machine.triple);
  std::string error;
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return llvm::createStringError("no code generator for `" + machine.triple + "`: " + error);

  // What the host can name is what the loader can check.
  llvm::StringMap<bool> hostFeatures = llvm::sys::getHostCPUFeatures();
  std::string requested;
  machine.cpu = name.str();
  if (name == "native" || name.empty()) {
    machine.cpu = llvm::sys::getHostCPUName().str();
    for (const llvm::StringMapEntry<bool> &feature : hostFeatures)
      requested += (requested.empty() ? "" : ",") + std::string(feature.second ? "+" : "-") +
                   feature.first().str();
  }
  std::unique_ptr<llvm::MCSubtargetInfo> any(target->createMCSubtargetInfo(triple, "", ""));
  if (!any->isCPUStringValid(machine.cpu))
    return llvm::createStringError("--cpu is `" + machine.cpu +
                                   "`, expected native or a processor of " +
                                   triple.getArchName().str() +
                                   (triple.isX86() ? " such as x86-64-v3, x86-64-v4, znver5" : ""));
  llvm::TargetOptions options;
  machine.target.reset(target->createTargetMachine(triple, machine.cpu, requested, options,
                                                   llvm::Reloc::PIC_, std::nullopt,
                                                   llvm::CodeGenOptLevel::Default));
  if (!machine.target)
    return llvm::createStringError("no code generator for `" + machine.cpu + "`");
  const llvm::MCSubtargetInfo *subtarget = machine.target->getMCSubtargetInfo();
  machine.features = instructionSets(*subtarget, hostFeatures);
  machine.lanes = vectorLanes(*subtarget, triple);
  return machine;
}

} // namespace attune::cpu
