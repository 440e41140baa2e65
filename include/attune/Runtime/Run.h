// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The whole flow of a run: options, bind, call, measure, compare, write, report. attune-run and the
// reference mode of attune-compile share it. Nothing here throws; errors go to stderr as one line
// "<tool>: error: ...", and the return value is the exit code.

#ifndef ATTUNE_RUNTIME_RUN_H
#define ATTUNE_RUNTIME_RUN_H

#include "attune/Runtime/Bind.h"
#include "attune/Runtime/Device.h"
#include "attune/Runtime/Error.h"

#include <functional>
#include <optional>

namespace attune::runtime {

struct RunOptions {
  std::string tool = "attune-run";
  std::string input;
  std::string target; // empty: not given
  /// Graphics processors that a .mlir file is compiled for, as attune-compile's --chip takes them.
  std::string chip;
  /// Factors of products of matrices there, as its --precision takes them.
  std::string precision;
  std::vector<std::string> bind;
  std::string output;
  std::string expect;
  std::string entry;
  double rtol = 0;
  double atol = 1e-5;
  int64_t threads = 0; // 0: not given
  int64_t repeat = 1;
  /// No reduction may depend on the number of threads. Every CPU schedule is of this kind; others
  /// must ask.
  bool deterministic = false;
  bool json = false;
  bool describe = false;
  bool machine = false;
  bool noCache = false;
  BindOptions binding; // --strict, --check-finite, --random, --seed
};

/// How entries are executed.
struct Executor {
  /// Fills bound.results. Returns an exit code; when it is not 0, `message` says why.
  std::function<int(const BoundCall &bound, std::string &message)> call;
  /// What the last call used of a device; false where there is none. May be missing.
  std::function<bool(attune_device_report &report)> lastDeviceReport;
  /// Float results are F64 (the reference) and not as in the signature.
  bool floatsAsDouble = false;
  /// The executor does not check index data itself.
  bool checkIndices = false;
  int64_t threads = 1;
  /// How a .mlir file became a program.
  struct Compilation {
    double ms;
    bool cached;
  };
  std::optional<Compilation> compilation;
};

/// Parses the command line of attune-run (also accepted, as far as it makes sense, by
/// attune-compile --target=reference). Returns none when the process should end with `exitCode`:
/// after --help and --version, and after an error, which has been printed.
std::optional<RunOptions> parseRunOptions(const std::string &tool, int argc,
                                          const char *const *argv, int &exitCode);

/// The command line that parseRunOptions turns into the same options (without the program name).
std::vector<std::string> toArguments(const RunOptions &options);

/// Binds, calls, reports, writes and compares.
int runAndReport(const Signature &signature, const RunOptions &options, const Executor &executor);

/// The attune-run tool.
int runMain(int argc, const char *const *argv);

} // namespace attune::runtime

#endif // ATTUNE_RUNTIME_RUN_H
