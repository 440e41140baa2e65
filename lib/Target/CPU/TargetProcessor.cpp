// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From the name of a processor to an LLVM target machine and the instruction sets that it has. For
// `native` these are what the processor reports, so that a virtual machine without AVX-512 on a
// host with it is served right. Code for another machine is made for a named processor or for the
// least that every processor of its architecture has.

#include "attune/Target/CPU/TargetProcessor.h"

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

bool isForeign(const llvm::Triple &triple) {
  llvm::Triple host(llvm::sys::getDefaultTargetTriple());
  return triple.getArch() != host.getArch() || triple.getOS() != host.getOS() ||
         triple.getEnvironment() != host.getEnvironment();
}

/// Registers code generators: all that LLVM was built with, or this machine's.
static void initializeTargets(bool all) {
  if (!all) {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    llvm::InitializeNativeTargetAsmParser();
    return;
  }
  llvm::InitializeAllTargetInfos();
  llvm::InitializeAllTargets();
  llvm::InitializeAllTargetMCs();
  llvm::InitializeAllAsmPrinters();
  llvm::InitializeAllAsmParsers();
}

/// Instruction sets by the names under which the machine that runs the code finds them.
static llvm::StringMap<bool> checkedFeatures(const llvm::Triple &triple) {
  llvm::StringMap<bool> names;
  if (!isForeign(triple))
    return llvm::sys::getHostCPUFeatures();
  for (llvm::StringRef name : {"fp-armv8", "neon", "lse", "sve", "sve2"})
    if (triple.isAArch64())
      names[name] = true;
  for (llvm::StringRef name : {"sse4.2", "avx", "f16c", "avx2", "fma", "bmi2", "avx512f",
                               "avx512bw", "avx512cd", "avx512dq", "avx512vl"})
    if (triple.isX86())
      names[name] = true;
  return names;
}

static std::string examples(const llvm::Triple &triple) {
  if (triple.isX86())
    return " such as x86-64-v3, x86-64-v4, znver5";
  return triple.isAArch64() ? " such as generic, cortex-a72, neoverse-n1" : "";
}

llvm::Expected<TargetProcessor> findTargetProcessor(llvm::StringRef name,
                                                    llvm::StringRef tripleName) {
  TargetProcessor machine;
  machine.triple = tripleName.empty() ? llvm::sys::getDefaultTargetTriple()
                                      : llvm::Triple::normalize(tripleName);
  llvm::Triple triple(machine.triple);
  bool foreign = isForeign(triple);
  initializeTargets(foreign);
  std::string error;
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return llvm::createStringError("no code generator for `" + machine.triple + "`: " + error);

  llvm::StringMap<bool> known = checkedFeatures(triple);
  std::string requested;
  machine.cpu = name.str();
  if (foreign && name.empty())
    machine.cpu = triple.isX86() ? "x86-64" : "generic";
  if (!foreign && (name == "native" || name.empty())) {
    machine.cpu = llvm::sys::getHostCPUName().str();
    for (const llvm::StringMapEntry<bool> &feature : known)
      requested += (requested.empty() ? "" : ",") + std::string(feature.second ? "+" : "-") +
                   feature.first().str();
  }
  std::unique_ptr<llvm::MCSubtargetInfo> any(target->createMCSubtargetInfo(triple, "", ""));
  if (!any->isCPUStringValid(machine.cpu))
    return llvm::createStringError("--cpu is `" + machine.cpu + "`, expected " +
                                   (foreign ? "" : "native or ") + "a processor of " +
                                   triple.getArchName().str() + examples(triple));
  llvm::TargetOptions options;
  machine.target.reset(target->createTargetMachine(triple, machine.cpu, requested, options,
                                                   llvm::Reloc::PIC_, std::nullopt,
                                                   llvm::CodeGenOptLevel::Default));
  if (!machine.target)
    return llvm::createStringError("no code generator for `" + machine.cpu + "`");
  const llvm::MCSubtargetInfo *subtarget = machine.target->getMCSubtargetInfo();
  machine.features = instructionSets(*subtarget, known);
  machine.lanes = vectorLanes(*subtarget, triple);
  machine.registers = triple.isAArch64() ? 32 : 0;
  return machine;
}

} // namespace attune::cpu
