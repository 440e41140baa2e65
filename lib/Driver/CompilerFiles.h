// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which files this compiler consists of.

#ifndef ATTUNE_LIB_DRIVER_COMPILERFILES_H
#define ATTUNE_LIB_DRIVER_COMPILERFILES_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace attune {

/// Writes the names of the executable and of its shared libraries to `path`, one a line.
llvm::Error writeCompilerFiles(llvm::StringRef path);

} // namespace attune

#endif // ATTUNE_LIB_DRIVER_COMPILERFILES_H
