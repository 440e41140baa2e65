// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Files.h"

#include "Failure.h"

#include <cerrno>
#include <cstring>
#include <sys/stat.h>

namespace attune::runtime {

int64_t regularFileBytes(const std::string &path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0)
    fail("cannot open `{}`: {}", path, std::strerror(errno));
  if (S_ISDIR(info.st_mode))
    fail("cannot read `{}`: it is a directory, expected a file", path);
  if (!S_ISREG(info.st_mode))
    fail("cannot read `{}`: it is not a regular file", path);
  return info.st_size;
}

} // namespace attune::runtime
