// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the runtime's own files share: formatted errors, file handles, JSON without duplicate keys.

#ifndef ATTUNE_LIB_RUNTIME_DETAIL_H
#define ATTUNE_LIB_RUNTIME_DETAIL_H

#include "attune/Runtime/Error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <string_view>

namespace attune::runtime {

template <typename... Args>
[[noreturn]] void fail(fmt::format_string<Args...> text, Args &&...args) {
  throw Error(exitWrongInput, fmt::format(text, std::forward<Args>(args)...));
}

template <typename... Args>
[[noreturn]] void failWith(ExitCode code, fmt::format_string<Args...> text, Args &&...args) {
  throw Error(code, fmt::format(text, std::forward<Args>(args)...));
}

/// Parses strictly; throws Error "<what> is no valid JSON ..." or "<what> has the key ... twice".
nlohmann::json parseJson(std::string_view text, const std::string &what);

/// The integer of a JSON value, or none for anything else and for what int64_t cannot hold.
std::optional<int64_t> jsonInteger(const nlohmann::json &value);

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

/// The shape of a value once the sizes are known. Throws Error on negative dimensions.
struct Entry;
struct TensorSpec;
std::vector<int64_t> resolveShape(const Entry &entry, const TensorSpec &value,
                                  const std::vector<int64_t> &sizes);

/// The attune-compile beside this executable. Throws Error where there is none.
std::string compilerPath();

/// What attune-compile is asked for besides the names of files.
struct RunOptions;
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

/// Resident memory of this process: bytes now, and the peak since the last reset.
class MemoryMeter {
public:
  /// Resets the kernel's peak; where that is not allowed the peak is that of the whole process.
  MemoryMeter();
  /// MiB that the peak lies above what was resident when the meter was made.
  double peakMiBAboveStart() const;

private:
  int64_t startKiB = 0;
  bool resettable = false;
};

} // namespace attune::runtime

#endif // ATTUNE_LIB_RUNTIME_DETAIL_H
