// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The processor that code is made for.

#ifndef ATTUNE_TARGET_CPU_MACHINE_H
#define ATTUNE_TARGET_CPU_MACHINE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"
#include <memory>
#include <string>

namespace attune::cpu {

struct Machine {
  std::string triple;
  /// As LLVM names it; `native` is resolved.
  std::string cpu;
  /// Instruction sets that the code may use: "+avx2,+fma".
  std::string features;
  /// 32-bit floats in a vector register, for the passes that make vector code.
  unsigned lanes = 4;
  std::unique_ptr<llvm::TargetMachine> target;
};

/// `name` is "native" or a processor that LLVM knows ("x86-64-v3", "znver5"). The error says which
/// names there are.
llvm::Expected<Machine> findMachine(llvm::StringRef name);

} // namespace attune::cpu

#endif // ATTUNE_TARGET_CPU_MACHINE_H
