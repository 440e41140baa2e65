// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The compiler as a function: the command line of attune-compile, and what it does.

#ifndef ATTUNE_DRIVER_COMPILE_H
#define ATTUNE_DRIVER_COMPILE_H

#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>
#include <vector>

namespace attune {

struct CompileOptions {
  /// File name, or "-" for standard input.
  std::string input;
  /// Empty: nothing is written.
  std::string output;
  std::string target = "cpu";
  /// Empty: native, or the baseline of another machine's architecture.
  std::string cpu;
  /// Empty: this machine's.
  std::string triple;
  /// Graphics processors to make code for; empty: sm_80.
  std::vector<std::string> chips;
  /// As in StageOptions; empty: f32.
  std::string precision;
  std::string stopAfter;
  /// The stage that the input was printed after; empty: it is a model.
  std::string startAfter;
  std::string dumpStages;
  /// The folder for modules that a bug is reported with; empty: beside the output.
  std::string reproducers;
  /// Where the files that the compiler consists of are listed.
  std::string compilerFiles;
  std::vector<std::string> disable;
  std::vector<std::string> allow;
  /// As in runtime::RunOptions.
  bool deterministic = false;
  bool explain = false;
  /// The explanation is JSON, for tools.
  bool explainAsJson = false;
  bool verbose = false;
  bool timeStages = false;
};

/// None where the process should end with `exitCode`: after --help and --version, and after an
/// error, which has been printed.
std::optional<CompileOptions> parseCompileOptions(const std::vector<std::string> &arguments,
                                                  int &exitCode);

/// Compiles one file. Returns the exit code: 0, 1 the input is wrong, 2 not supported, 70 our bug.
int compileFile(const CompileOptions &options);

/// The attune-compile tool, with `--target=reference` as well.
int compileMain(int argc, char **argv);

} // namespace attune

#endif // ATTUNE_DRIVER_COMPILE_H
