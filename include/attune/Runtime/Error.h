// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one exception of the runtime. It carries the exit code of the tools: 1 the input is wrong,
// 2 not supported, 70 a bug of ours. Functions that compiler-side code (built without exceptions)
// calls never throw; the others say so.

#ifndef ATTUNE_RUNTIME_ERROR_H
#define ATTUNE_RUNTIME_ERROR_H

#include <exception>
#include <string>
#include <utility>

namespace attune::runtime {

enum ExitCode { exitOk = 0, exitWrongInput = 1, exitUnsupported = 2, exitInternal = 70 };

class Error : public std::exception {
public:
  Error(int exitCode, std::string message) : code(exitCode), text(std::move(message)) {}
  const char *what() const noexcept override { return text.c_str(); }
  int exitCode() const { return code; }

private:
  int code;
  std::string text;
};

} // namespace attune::runtime

#endif // ATTUNE_RUNTIME_ERROR_H
