// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The processor that code is made for.

#ifndef ATTUNE_TARGET_CPU_TARGETPROCESSOR_H
#define ATTUNE_TARGET_CPU_TARGETPROCESSOR_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Triple.h"
#include <memory>
#include <string>

namespace attune::cpu {

struct TargetProcessor {
  std::string triple;
  /// As LLVM names it; `native` is resolved.
  std::string cpu;
  /// Instruction sets that the code may use: "+avx2,+fma".
  std::string features;
  /// 32-bit floats in a vector register, for the passes that make vector code.
  unsigned lanes = 4;
  /// Vector registers; 0 for as many as x86 has with these lanes.
  unsigned registers = 0;
  std::unique_ptr<llvm::TargetMachine> target;
};

/// `name` is "native" or a processor that LLVM knows ("x86-64-v3", "znver5", "cortex-a72"), or
/// empty for the default: native, or the architecture's baseline where `triple` is not this
/// machine's; `triple` is empty for this machine. The error says which names there are.
llvm::Expected<TargetProcessor> findTargetProcessor(llvm::StringRef name, llvm::StringRef triple);

/// Whether code for `triple` is for another kind of machine than this one.
bool isForeign(const llvm::Triple &triple);

} // namespace attune::cpu

#endif // ATTUNE_TARGET_CPU_TARGETPROCESSOR_H
