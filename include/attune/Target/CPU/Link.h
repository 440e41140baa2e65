// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Object file to shared object.

#ifndef ATTUNE_TARGET_CPU_LINK_H
#define ATTUNE_TARGET_CPU_LINK_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace attune::cpu {

struct LinkResult {
  /// The program that linked, for --verbose.
  std::string linker;
};

/// The folders that linkers and libraries are looked for in.
struct LinkFolders {
  std::vector<std::string> programs, libraries;

  /// PATH, then LLVM's tools; what the loader searches, then LLVM's libraries.
  static LinkFolders ofThisMachine();
};

/// Links the objects and archives to `output` with the first of clang-22, clang, cc, gcc and ld.lld
/// that can do it. The error is NotSupported where the machine lacks a linker or the OpenMP
/// runtime, or has none that works.
llvm::Expected<LinkResult>
linkSharedObject(llvm::ArrayRef<std::string> objects, llvm::StringRef output, bool withOpenMP,
                 const LinkFolders &folders = LinkFolders::ofThisMachine());

} // namespace attune::cpu

#endif // ATTUNE_TARGET_CPU_LINK_H
