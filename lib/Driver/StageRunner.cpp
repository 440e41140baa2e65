// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One stage at a time, so that each can be timed, dumped and blamed. Who is to blame for a failure
// (attune/Support/Errors.h): an error of class Unsupported is a limit of ours (2); one without a
// class in a stage up to verify-growth, which still works on what the user wrote, is the user's
// (1); everything later, every failure without an error and every crash is a bug (70), and the
// module before it is kept in a file.

#include "StageRunner.h"

#include "OutputFile.h"
#include "attune/Runtime/Error.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Signals.h"

using namespace mlir;

namespace attune {

/// The last stage whose errors are about the model.
static constexpr StringLiteral lastUserStage = "verify-growth";

void StageTimer::print(StringRef part, Clock::time_point from) {
  double ms = std::chrono::duration<double, std::milli>(Clock::now() - from).count();
  if (enabled)
    llvm::errs() << llvm::format("%10.1f ms  ", ms) << part << "\n";
}

void StageTimer::finish(StringRef part) {
  print(part, begin);
  begin = Clock::now();
}

void StageTimer::printTotal() { print("total", start); }

static void printModule(ModuleOp module, raw_ostream &os) {
  OpPrintingFlags flags;
  // A module that does not verify prints as well.
  flags.assumeVerified();
  module->print(os, flags);
  os << "\n";
}

static std::string modelName(const CompileOptions &options) {
  std::string stem = llvm::sys::path::stem(options.input).str();
  return options.input == "-" ? "stdin" : stem;
}

void StageRunner::reportInternal(StringRef stage, StringRef passes, ModuleOp module,
                                 StringRef reason) {
  llvm::SmallString<128> path = llvm::sys::path::parent_path(options.output);
  llvm::sys::path::append(path, modelName(options) + "." + stage + ".reproducer.mlir");
  auto write = [&](llvm::raw_pwrite_stream &os) {
    os << "// attune-compile " << ATTUNE_VERSION << ", stage " << stage << ":\n"
       << "//   attune-opt --pass-pipeline='builtin.module(" << passes << ")' <this file>\n";
    printModule(module, os);
    return llvm::Error::success();
  };
  llvm::Error error = writeFile(path, write);
  if (error) {
    llvm::consumeError(std::move(error));
    llvm::SmallString<128> folder;
    llvm::sys::path::system_temp_directory(true, folder);
    llvm::sys::path::append(folder, llvm::sys::path::filename(path));
    path = folder;
    error = writeFile(path, write);
  }
  llvm::errs() << "attune-compile: error: internal error in stage " << stage << reason
               << ", please report it";
  if (error)
    llvm::errs() << " (" << llvm::toString(std::move(error)) << ")\n";
  else
    llvm::errs() << " with `" << path << "`\n";
}

int StageRunner::guarded(StringRef stage, StringRef passes, llvm::function_ref<int()> work) {
  static bool enabled = (llvm::CrashRecoveryContext::Enable(), true);
  (void)enabled;
  int code = 0;
  llvm::CrashRecoveryContext recovery;
  if (recovery.RunSafely([&] { code = work(); }))
    return code;
  // Nothing in this process can be trusted now but the copy made before the stage.
  reportInternal(stage, passes, before ? *before : module, " (it crashed)");
  llvm::sys::RunInterruptHandlers();
  llvm::sys::Process::Exit(runtime::exitInternal, /*NoCleanup=*/true);
}

int StageRunner::judgeFailure(const Stage &stage, StringRef passes) {
  if (!diagnostics.saw(FailureClass::Internal)) {
    if (diagnostics.saw(FailureClass::Unsupported))
      return runtime::exitUnsupported;
    bool isUserStage = stageNumber(target, stage.name) <= stageNumber(target, lastUserStage);
    if (isUserStage && diagnostics.saw(FailureClass::Open))
      return runtime::exitWrongInput;
  }
  reportInternal(stage.name, passes, *before);
  return runtime::exitInternal;
}

int StageRunner::dump(const Stage &stage) {
  if (options.dumpStages.empty())
    return 0;
  size_t number = *stageNumber(target, stage.name) + 1;
  llvm::SmallString<128> path(options.dumpStages);
  std::error_code code = llvm::sys::fs::create_directories(path);
  llvm::sys::path::append(path, llvm::formatv("{0:2}-{1}.mlir", number, stage.name).str());
  llvm::Error error = llvm::Error::success();
  if (code)
    error = llvm::createStringError("cannot make the folder `" + options.dumpStages +
                                    "`: " + code.message());
  else
    error = llvm::joinErrors(std::move(error), writeFile(path, [&](llvm::raw_pwrite_stream &os) {
                               printModule(module, os);
                               return llvm::Error::success();
                             }));
  if (!error)
    return 0;
  llvm::errs() << "attune-compile: error: " << llvm::toString(std::move(error)) << "\n";
  return runtime::exitWrongInput;
}

int StageRunner::run(const Stage &stage) {
  before = module.clone();
  PassManager manager(module->getContext());
  // Once at the end of a stage; after each of its passes it would take a third of the time.
  manager.enableVerifier(false);
  std::string error, passes;
  if (llvm::Expected<std::string> text = stagePasses(stage, target, stageOptions))
    passes = *text;
  else
    llvm::consumeError(text.takeError()); // buildPipeline says it
  if (failed(buildPipeline(manager, stage.name, stage.name, target, stageOptions, error))) {
    llvm::errs() << "attune-compile: error: " << error << "\n";
    reportInternal(stage.name, passes, *before);
    return runtime::exitInternal;
  }
  int code = guarded(stage.name, passes, [&] {
    diagnostics.forget();
    if (succeeded(manager.run(module)) && succeeded(verify(module)))
      return 0;
    return judgeFailure(stage, passes);
  });
  timer.finish(stage.name);
  return code ? code : dump(stage);
}

} // namespace attune
