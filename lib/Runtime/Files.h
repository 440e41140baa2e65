// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Looks at a file before it is opened.

#ifndef ATTUNE_LIB_RUNTIME_FILES_H
#define ATTUNE_LIB_RUNTIME_FILES_H

#include <cstdint>
#include <string>
#include <string_view>

namespace attune::runtime {

/// Fails unless the path is a regular file (or a link to one); returns its size in bytes.
int64_t regularFileBytes(const std::string &path);

/// Whether the file's name is that of a module for the compiler.
inline bool isSource(const std::string &path) {
  auto endsWith = [&](std::string_view end) {
    return path.size() >= end.size() &&
           path.compare(path.size() - end.size(), end.size(), end) == 0;
  };
  return endsWith(".mlir") || endsWith(".mlirbc");
}

} // namespace attune::runtime

#endif // ATTUNE_LIB_RUNTIME_FILES_H
