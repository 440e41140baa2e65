// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The archive that a program for a graphics processor is linked with.

#ifndef ATTUNE_LIB_TARGET_GPU_RUNTIME_H
#define ATTUNE_LIB_TARGET_GPU_RUNTIME_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace attune::gpu {

/// Full name of the archive for target gpu or gpu-emulator, which stands beside libAttune.
llvm::Expected<std::string> findRuntime(llvm::StringRef target);

} // namespace attune::gpu

#endif // ATTUNE_LIB_TARGET_GPU_RUNTIME_H
