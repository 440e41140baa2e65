// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attune/Target/Target.h"

#include "attune/Runtime/Targets.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <dlfcn.h>

namespace attune {

llvm::Expected<std::string> Target::image(mlir::ModuleOp, llvm::StringRef) const {
  return llvm::make_error<NotSupported>("target `" + name() + "` makes no code of a device alone");
}

/// Any function of this library, to find its file by.
static void here() {}

llvm::Expected<std::string> Target::runtimeArchive() const {
  const runtime::TargetRecord *record = runtime::findTarget(name().str());
  if (!record)
    return llvm::createStringError("the runtime does not know target `" + name() + "`");
  if (record->archive.empty())
    return std::string();
  Dl_info self;
  llvm::SmallString<128> path;
  if (dladdr(reinterpret_cast<void *>(&here), &self) && self.dli_fname)
    path = llvm::sys::path::parent_path(self.dli_fname);
  llvm::sys::path::append(path, "lib" + record->archive + ".a");
  if (!llvm::sys::fs::exists(path))
    return llvm::make_error<NotSupported>("cannot link: there is no `" + path +
                                          "`, which programs for target " + name() +
                                          " contain; it is built and installed beside libAttune");
  return path.str().str();
}

} // namespace attune
