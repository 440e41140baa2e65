// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs the stage table on a module, one stage at a time.

#ifndef ATTUNE_LIB_DRIVER_STAGERUNNER_H
#define ATTUNE_LIB_DRIVER_STAGERUNNER_H

#include "Diagnostics.h"
#include "attune/Driver/Compile.h"
#include "attune/Pipeline/Stages.h"
#include "attune/Target/Target.h"
#include "mlir/IR/BuiltinOps.h"

#include <chrono>

namespace attune {

/// Wall time of the parts of a compilation, printed with --time-stages.
class StageTimer {
public:
  explicit StageTimer(bool enabled) : enabled(enabled) {}
  /// Ends the part that began with the last call (or with construction).
  void finish(llvm::StringRef part);
  void printTotal();

private:
  using Clock = std::chrono::steady_clock;
  void print(llvm::StringRef part, Clock::time_point from);

  bool enabled;
  Clock::time_point start = Clock::now();
  Clock::time_point begin = start;
};

class StageRunner {
public:
  StageRunner(mlir::ModuleOp module, const CompileOptions &options, const Target &target,
              StageOptions stageOptions, DiagnosticPrinter &diagnostics, StageTimer &timer)
      : module(module), options(options), target(target), stageOptions(std::move(stageOptions)),
        diagnostics(diagnostics), timer(timer) {}

  /// Runs one stage; returns an exit code and has printed why it is not 0.
  int run(const Stage &stage);

  /// Runs what follows the last stage, which only reads the module.
  int generate(llvm::function_ref<int()> work);

private:
  /// What to say of a bug: the step, how to run it again, and the module before it.
  struct Step {
    llvm::StringRef name;
    std::string command;
    mlir::ModuleOp before;
  };
  /// Runs `work` and survives its crash: prints an internal error, writes the module before it and
  /// ends the process with 70.
  int guarded(const Step &step, llvm::function_ref<int()> work);
  int judgeFailure(const Stage &stage, const Step &step);
  int dump(const Stage &stage);
  void reportInternal(const Step &step, llvm::StringRef reason = "");
  llvm::Expected<std::string> writeReproducer(const Step &step);

  mlir::ModuleOp module;
  const CompileOptions &options;
  const Target &target;
  StageOptions stageOptions;
  DiagnosticPrinter &diagnostics;
  StageTimer &timer;
};

} // namespace attune

#endif // ATTUNE_LIB_DRIVER_STAGERUNNER_H
