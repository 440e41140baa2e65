// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Errors with formatted texts.

#ifndef ATTUNE_LIB_RUNTIME_FAILURE_H
#define ATTUNE_LIB_RUNTIME_FAILURE_H

#include "attune/Runtime/Error.h"

#include <fmt/format.h>

namespace attune::runtime {

template <typename... Args>
[[noreturn]] void fail(fmt::format_string<Args...> text, Args &&...args) {
  throw Error(exitWrongInput, fmt::format(text, std::forward<Args>(args)...));
}

template <typename... Args>
[[noreturn]] void failWith(ExitCode code, fmt::format_string<Args...> text, Args &&...args) {
  throw Error(code, fmt::format(text, std::forward<Args>(args)...));
}

} // namespace attune::runtime

#endif // ATTUNE_LIB_RUNTIME_FAILURE_H
