// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernels are functions that are never inlined, so they need not be compiled together. They are
// dealt out to modules of about equal size, and each module goes as bitcode to an LLVM context of
// its own, since contexts cannot be shared between threads.

#include "attune/Target/CPU/SplitCodegen.h"

#include "attune/Target/CPU/Codegen.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/Instructions.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/ThreadPool.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace llvm;

namespace attune::cpu {

/// Smaller parts cost more than they save. Nothing here may depend on the machine.
static constexpr size_t instructionsOfPart = 4000;
static constexpr size_t maximalParts = 8;

namespace {
using PartOf = DenseMap<const Function *, size_t>;

/// The functions of `user` and of what uses it, where it is a constant.
void addUsers(const Value *value, SmallVectorImpl<const Function *> &functions) {
  for (const User *user : value->users())
    if (const Instruction *instruction = dyn_cast<Instruction>(user))
      functions.push_back(instruction->getFunction());
    else
      addUsers(user, functions);
}

bool isKernelCall(const Use &use) {
  const CallBase *call = dyn_cast<CallBase>(use.getUser());
  return call && call->isCallee(&use);
}

/// Local functions stay with their callers, except for calls of what is not inlined anyway.
EquivalenceClasses<const Function *> together(const Module &module) {
  EquivalenceClasses<const Function *> classes;
  for (const Function &function : module) {
    if (function.isDeclaration())
      continue;
    classes.insert(&function);
    if (!function.hasLocalLinkage())
      continue;
    bool isKernel =
        function.hasFnAttribute(Attribute::NoInline) && all_of(function.uses(), isKernelCall);
    SmallVector<const Function *> users;
    if (!isKernel)
      addUsers(&function, users);
    for (const Function *user : users)
      classes.unionSets(&function, user);
  }
  return classes;
}

/// Deals out the largest first, each to the part that is smallest so far.
PartOf dealOut(const Module &module, size_t &count) {
  struct Group {
    size_t instructions = 0, order = 0;
    SmallVector<const Function *> functions;
  };
  EquivalenceClasses<const Function *> classes = together(module);
  MapVector<const Function *, Group> groups;
  size_t total = 0;
  for (const Function &function : module) {
    if (function.isDeclaration())
      continue;
    Group &group = groups[classes.getLeaderValue(&function)];
    group.instructions += function.getInstructionCount();
    group.functions.push_back(&function);
    total += function.getInstructionCount();
  }
  SmallVector<Group> sorted;
  for (auto &[leader, group] : groups) {
    group.order = sorted.size();
    sorted.push_back(std::move(group));
  }
  sort(sorted, [](const Group &a, const Group &b) {
    return std::make_pair(b.instructions, a.order) < std::make_pair(a.instructions, b.order);
  });
  count = std::clamp<size_t>(total / instructionsOfPart, 1, maximalParts);
  SmallVector<size_t> sizes(count);
  PartOf partOf;
  for (const Group &group : sorted) {
    size_t smallest = min_element(sizes) - sizes.begin();
    sizes[smallest] += group.instructions;
    for (const Function *function : group.functions)
      partOf[function] = smallest;
  }
  return partOf;
}

/// Lets parts call each other's kernels, and nobody else.
void makeVisible(Module &module) {
  for (Function &function : module)
    if (!function.isDeclaration() && function.hasLocalLinkage()) {
      function.setLinkage(GlobalValue::ExternalLinkage);
      function.setVisibility(GlobalValue::HiddenVisibility);
    }
}

SmallVector<char, 0> bitcodeOfPart(const Module &module, const PartOf &partOf, size_t part) {
  ValueToValueMapTy mapping;
  std::unique_ptr<Module> clone = CloneModule(module, mapping, [&](const GlobalValue *value) {
    if (const Function *function = dyn_cast<Function>(value))
      return partOf.lookup(function) == part;
    // Constants of this module alone are copied to where they are used.
    return value->hasLocalLinkage() || part == 0;
  });
  SmallVector<char, 0> bitcode;
  raw_svector_ostream os(bitcode);
  WriteBitcodeToFile(*clone, os);
  return bitcode;
}

/// What one thread does; an empty message means that all went well.
std::string compilePart(ArrayRef<char> bitcode, const TargetProcessor &machine,
                        ObjectCode &object) {
  LLVMContext context;
  std::string message;
  context.setDiagnosticHandlerCallBack(
      [](const DiagnosticInfo *info, void *message) {
        if (info->getSeverity() != DS_Error)
          return;
        raw_string_ostream os(*static_cast<std::string *>(message));
        DiagnosticPrinterRawOStream printer(os);
        info->print(printer);
      },
      &message, /*RespectFilters=*/false);
  StringRef bytes(bitcode.data(), bitcode.size());
  Expected<std::unique_ptr<Module>> module =
      parseBitcodeFile(MemoryBufferRef(bytes, "attune"), context);
  if (!module)
    return toString(module.takeError());
  TargetProcessor own;
  const TargetMachine &target = *machine.target;
  own.target.reset(target.getTarget().createTargetMachine(
      target.getTargetTriple(), target.getTargetCPU(), target.getTargetFeatureString(),
      target.Options, target.getRelocationModel(), std::nullopt, target.getOptLevel()));
  optimise(**module, own);
  raw_svector_ostream os(object);
  if (Error error = emit(**module, own, os, /*asText=*/false))
    return toString(std::move(error));
  return message;
}
} // namespace

Expected<std::vector<ObjectCode>> compileInParts(Module &module, const TargetProcessor &machine) {
  size_t count;
  PartOf partOf = dealOut(module, count);
  if (count > 1)
    makeVisible(module);
  std::vector<ObjectCode> objects(count);
  std::vector<std::string> messages(count, "it crashed");
  DefaultThreadPool pool(hardware_concurrency());
  for (size_t part = 0; part < count; ++part)
    pool.async([&, part, bitcode = bitcodeOfPart(module, partOf, part)] {
      CrashRecoveryContext recovery;
      recovery.RunSafely([&] { messages[part] = compilePart(bitcode, machine, objects[part]); });
    });
  pool.wait();
  for (const std::string &message : messages)
    if (!message.empty())
      return createStringError("internal error in code generation: " + message);
  return objects;
}

} // namespace attune::cpu
