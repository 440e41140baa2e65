// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The folder in which attune-run keeps what it has compiled, safe with any number of processes that
// use it at once. Nothing here fails: where the cache cannot be used, there is no entry.

#ifndef ATTUNE_LIB_RUNTIME_CACHE_H
#define ATTUNE_LIB_RUNTIME_CACHE_H

#include "attune/Runtime/Run.h"

#include <ctime>
#include <optional>
#include <string>
#include <vector>

namespace attune::runtime {

/// A compiled program that is open, so that it stays what was checked whatever happens to its name.
class CachedObject {
public:
  explicit CachedObject(int descriptor) : descriptor(descriptor) {}
  CachedObject(CachedObject &&other) : descriptor(other.descriptor) { other.descriptor = -1; }
  CachedObject(const CachedObject &) = delete;
  ~CachedObject();
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor); }

private:
  int descriptor;
};

class CompileCache {
public:
  /// The cache for one module, compiler and list of arguments; none where it is turned off, where
  /// no folder for it is known, or where the processor is not.
  static std::optional<CompileCache> open(const RunOptions &options, const std::string &compiler,
                                          const std::vector<std::string> &settings);

  std::optional<CachedObject> find() const;

  /// Keeps the shared object. `compilerFiles` lists what made it, one name a line, since `start`:
  /// where one of them or the module has changed since then, nothing is kept.
  void store(const std::string &object, const std::string &compilerFiles,
             const timespec &start) const;

private:
  std::string entryPath() const;

  std::string folder;
  std::string input;
  std::string module;
  std::string key;
};

} // namespace attune::runtime

#endif // ATTUNE_LIB_RUNTIME_CACHE_H
