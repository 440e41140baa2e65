// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Object file to shared object.

#ifndef ATTUNE_TARGET_CPU_LINK_H
#define ATTUNE_TARGET_CPU_LINK_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace attune::cpu {

struct LinkResult {
  /// The program that linked, for --verbose.
  std::string linker;
};

/// Links the objects and archives to `output` with the first of clang-22, clang, cc, gcc and ld.lld
/// that can do it, on the path or beside LLVM's tools.
llvm::Expected<LinkResult> linkSharedObject(llvm::ArrayRef<std::string> objects,
                                            llvm::StringRef output, bool withOpenMP);

} // namespace attune::cpu

#endif // ATTUNE_TARGET_CPU_LINK_H
