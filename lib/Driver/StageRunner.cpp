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
#include "llvm/Support/FileSystem.h"
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

/// Without what would make a file's name too long.
static std::string modelName(const CompileOptions &options) {
  StringRef stem = llvm::sys::path::stem(options.input);
  return options.input == "-" ? "stdin" : stem.take_front(100).str();
}

/// Where the user looks for files of this run: beside the output, or in the working folder where
/// that is standard output or a device.
static std::string reproducerFolder(const CompileOptions &options) {
  if (!options.reproducers.empty())
    return options.reproducers;
  llvm::sys::fs::file_status status;
  bool isDevice = !llvm::sys::fs::status(options.output, status) &&
                  !llvm::sys::fs::is_regular_file(status) && !llvm::sys::fs::is_directory(status);
  return isDevice ? "" : llvm::sys::path::parent_path(options.output).str();
}

/// Writes the module into a file that stays: in the folder for it, else in that for temporary files
/// under a name that is still free.
llvm::Expected<std::string> StageRunner::writeReproducer(const Step &step) {
  std::string stage = step.name.str();
  std::replace(stage.begin(), stage.end(), ' ', '-');
  std::string name = modelName(options) + "." + stage;
  auto write = [&](llvm::raw_pwrite_stream &os) {
    os << "// attune-compile " << ATTUNE_VERSION << ", stage " << step.name << ":\n"
       << "//   " << step.command << "\n";
    printModule(step.before, os);
    return llvm::Error::success();
  };
  llvm::SmallString<128> path(reproducerFolder(options));
  llvm::sys::path::append(path, name + ".reproducer.mlir");
  if (llvm::Error error = writeFile(path, write))
    llvm::consumeError(std::move(error));
  else
    return path.str().str();
  std::error_code code = llvm::sys::fs::createTemporaryFile(name, "reproducer.mlir", path);
  if (code)
    return llvm::createStringError("cannot write a reproducer: " + code.message());
  if (llvm::Error error = writeFile(path, write))
    return std::move(error);
  return path.str().str();
}

void StageRunner::reportInternal(const Step &step, StringRef reason) {
  llvm::Expected<std::string> path = writeReproducer(step);
  llvm::errs() << "attune-compile: error: internal error in stage " << step.name << reason
               << ", please report it";
  if (path)
    llvm::errs() << " with `" << *path << "`\n";
  else
    llvm::errs() << " (" << llvm::toString(path.takeError()) << ")\n";
}

int StageRunner::guarded(const Step &step, llvm::function_ref<int()> work) {
  static bool enabled = (llvm::CrashRecoveryContext::Enable(), true);
  (void)enabled;
  int code = 0;
  llvm::CrashRecoveryContext recovery;
  if (recovery.RunSafely([&] { code = work(); }))
    return code;
  // Nothing in this process can be trusted now but the copy made before the stage.
  reportInternal(step, " (it crashed)");
  llvm::sys::RunInterruptHandlers();
  llvm::sys::Process::Exit(runtime::exitInternal, /*NoCleanup=*/true);
}

int StageRunner::judgeFailure(const Stage &stage, const Step &step) {
  if (!diagnostics.saw(FailureClass::Internal)) {
    if (diagnostics.saw(FailureClass::Unsupported))
      return runtime::exitUnsupported;
    bool isUserStage = stageNumber(target, stage.name) <= stageNumber(target, lastUserStage);
    if (isUserStage && diagnostics.saw(FailureClass::Open))
      return runtime::exitWrongInput;
  }
  reportInternal(step);
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
  OwningOpRef<ModuleOp> before = module.clone();
  PassManager manager(module->getContext());
  // Once at the end of a stage; after each of its passes it would take a third of the time.
  manager.enableVerifier(false);
  std::string error, passes;
  if (llvm::Expected<std::string> text = stagePasses(stage, target, stageOptions))
    passes = *text;
  else
    llvm::consumeError(text.takeError()); // buildPipeline says it
  Step step{stage.name, "attune-opt --pass-pipeline='builtin.module(" + passes + ")' <this file>",
            *before};
  if (failed(buildPipeline(manager, stage.name, stage.name, target, stageOptions, error))) {
    llvm::errs() << "attune-compile: error: " << error << "\n";
    reportInternal(step);
    return runtime::exitInternal;
  }
  int code = guarded(step, [&] {
    diagnostics.forget();
    if (succeeded(manager.run(module)) && succeeded(verify(module)))
      return 0;
    return judgeFailure(stage, step);
  });
  timer.finish(stage.name);
  return code ? code : dump(stage);
}

int StageRunner::generate(llvm::function_ref<int()> work) {
  std::string output = llvm::sys::path::filename(options.output).str();
  Step step{"code generation",
            "attune-compile --target=" + target.name().str() + " --start-after=" +
                stagesOf(target).back()->name.str() + " --triple=" + stageOptions.triple +
                " --cpu=" + stageOptions.cpu + " <this file> -o " + output,
            module};
  int code = guarded(step, work);
  if (code == runtime::exitInternal)
    reportInternal(step);
  return code;
}

} // namespace attune
