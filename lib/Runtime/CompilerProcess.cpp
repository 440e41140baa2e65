// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The way from a .mlir file to something that runs: the attune-compile that stands beside this
// executable, as another process, so that the runtime needs no LLVM.

#include "CompilerProcess.h"
#include "Failure.h"
#include "attune/Runtime/Run.h"
#include "attune/Runtime/Targets.h"

#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sys/wait.h>
#include <unistd.h>

namespace attune::runtime {

std::string compilerPath() {
  std::error_code error;
  std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  std::string path = (self.parent_path() / "attune-compile").string();
  if (error || access(path.c_str(), X_OK) != 0)
    failWith(exitUnsupported,
             "cannot compile: there is no attune-compile at `{}`, expected that of the same Attune "
             "beside attune-run; a compiled .so runs without it",
             path);
  return path;
}

static std::vector<char *> argumentPointers(std::vector<std::string> &arguments) {
  std::vector<char *> pointers;
  for (std::string &argument : arguments)
    pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// Runs the command with its stdout on our stderr, and returns its exit code. As in system(3),
/// Ctrl-C ends the command but not the waiting, so that temporary files are still removed.
static int runCommand(std::vector<std::string> arguments) {
  std::vector<char *> pointers = argumentPointers(arguments);
  struct sigaction ignore = {}, interrupt, quit;
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGINT, &ignore, &interrupt);
  sigaction(SIGQUIT, &ignore, &quit);
  pid_t child = fork();
  if (child == 0) {
    sigaction(SIGINT, &interrupt, nullptr);
    sigaction(SIGQUIT, &quit, nullptr);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    execv(pointers[0], pointers.data());
    _exit(127);
  }
  int status = 0;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
    ;
  sigaction(SIGINT, &interrupt, nullptr);
  sigaction(SIGQUIT, &quit, nullptr);
  if (child < 0)
    failWith(exitInternal, "cannot start `{}`: {}", arguments[0], std::strerror(errno));
  if (WIFSIGNALED(status))
    failWith(exitInternal, "attune-compile was ended by signal {} ({})", WTERMSIG(status),
             strsignal(WTERMSIG(status)));
  return WEXITSTATUS(status);
}

std::vector<std::string> compileSettings(const RunOptions &options) {
  std::vector<std::string> settings{
      "--target=" + (options.target.empty() ? targets().front().name : options.target)};
  if (!options.chip.empty())
    settings.push_back("--chip=" + options.chip);
  if (!options.precision.empty())
    settings.push_back("--precision=" + options.precision);
  return settings;
}

CompiledInput::CompiledInput(const RunOptions &options, const std::string &compiler) {
  const char *base = std::getenv("TMPDIR");
  std::string name = std::string(base && *base ? base : "/tmp") + "/attune-run-XXXXXX";
  if (!mkdtemp(name.data()))
    fail("cannot make a temporary folder `{}`: {}", name, std::strerror(errno));
  folder = name;
  try {
    std::vector<std::string> command{compiler, options.input, "-o", path(),
                                     "--compiler-files=" + compilerFiles(),
                                     // What a bug is reported with outlives our folder.
                                     "--reproducers=."};
    for (const std::string &setting : compileSettings(options))
      command.push_back(setting);
    code = runCommand(command);
  } catch (...) {
    removeFolder();
    throw;
  }
}

CompiledInput::~CompiledInput() { removeFolder(); }

void CompiledInput::removeFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

void becomeReference(const RunOptions &options) {
  std::string compiler = compilerPath();
  // attune-compile has no threads here, its reference is sequential.
  RunOptions handed = options;
  handed.threads = 0;
  std::vector<std::string> arguments = toArguments(handed);
  arguments.insert(arguments.begin(), compiler);
  std::vector<char *> pointers = argumentPointers(arguments);
  execv(pointers[0], pointers.data());
  failWith(exitInternal, "cannot start `{}`: {}", compiler, std::strerror(errno));
}

} // namespace attune::runtime
