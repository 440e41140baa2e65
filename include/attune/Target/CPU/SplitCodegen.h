// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A program compiled in parts, on all cores.

#ifndef ATTUNE_TARGET_CPU_SPLITCODEGEN_H
#define ATTUNE_TARGET_CPU_SPLITCODEGEN_H

#include "attune/Target/CPU/TargetProcessor.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Module.h"

#include <vector>

namespace attune::cpu {

/// An object file.
using ObjectCode = llvm::SmallVector<char, 0>;

/// Optimises and compiles the module, which is no longer of use afterwards. The objects do not
/// depend on the number of cores.
llvm::Expected<std::vector<ObjectCode>> compileInParts(llvm::Module &module,
                                                       const TargetProcessor &machine);

} // namespace attune::cpu

#endif // ATTUNE_TARGET_CPU_SPLITCODEGEN_H
