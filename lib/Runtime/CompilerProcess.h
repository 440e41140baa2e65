// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The attune-compile beside this executable, as another process.

#ifndef ATTUNE_LIB_RUNTIME_COMPILERPROCESS_H
#define ATTUNE_LIB_RUNTIME_COMPILERPROCESS_H

#include "attune/Runtime/Run.h"

#include <string>
#include <vector>

namespace attune::runtime {

/// The attune-compile beside this executable. Throws Error where there is none.
std::string compilerPath();

/// What attune-compile is asked for besides the names of files.
std::vector<std::string> compileSettings(const RunOptions &options);

/// Runs the compiler on options.input and returns the shared object in a temporary folder that the
/// destructor removes.
class CompiledInput {
public:
  CompiledInput(const RunOptions &options, const std::string &compiler);
  ~CompiledInput();
  CompiledInput(const CompiledInput &) = delete;
  CompiledInput &operator=(const CompiledInput &) = delete;
  std::string path() const { return folder + "/m.so"; }
  /// A list of the files that the compiler consists of.
  std::string compilerFiles() const { return folder + "/compiler"; }
  /// What attune-compile returned; when it is not 0 it has printed its error.
  int exitCode() const { return code; }

private:
  void removeFolder();

  std::string folder;
  int code = 0;
};

/// Replaces this process by attune-compile --target=reference. Only returns by throwing Error.
[[noreturn]] void becomeReference(const RunOptions &options);

} // namespace attune::runtime

#endif // ATTUNE_LIB_RUNTIME_COMPILERPROCESS_H
