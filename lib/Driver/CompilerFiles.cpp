// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The files that this process consists of, as the loader found them. attune-run keeps what it has
// compiled until one of them changes.

#include "CompilerFiles.h"

#include "OutputFile.h"
#include "llvm/Support/FileSystem.h"

#include <link.h>

namespace attune {

llvm::Error writeCompilerFiles(llvm::StringRef path) {
  return writeFile(path, [](llvm::raw_pwrite_stream &os) {
    os << llvm::sys::fs::getMainExecutable(nullptr, nullptr) << "\n";
    // The program itself has no name here, and the kernel's part is no file.
    auto print = [](dl_phdr_info *info, size_t, void *os) {
      if (llvm::StringRef name = info->dlpi_name; name.contains('/'))
        *static_cast<llvm::raw_ostream *>(os) << name << "\n";
      return 0;
    };
    dl_iterate_phdr(print, &os);
    return llvm::Error::success();
  });
}

} // namespace attune
