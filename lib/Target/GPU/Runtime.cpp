// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Runtime.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <dlfcn.h>

namespace attune::gpu {

llvm::Expected<std::string> findRuntime(llvm::StringRef target) {
  Dl_info self;
  llvm::SmallString<128> path;
  if (dladdr(reinterpret_cast<void *>(&findRuntime), &self) && self.dli_fname)
    path = llvm::sys::path::parent_path(self.dli_fname);
  llvm::sys::path::append(path, target == "gpu" ? "libattune-device.a" : "libattune-emulator.a");
  if (!llvm::sys::fs::exists(path))
    return llvm::createStringError("cannot link: there is no `" + path +
                                   "`, which programs for target " + target + " contain");
  return path.str().str();
}

} // namespace attune::gpu
