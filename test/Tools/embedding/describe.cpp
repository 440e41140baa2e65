// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Loads a compiled program and prints what it takes and gives.

#include "attune/Runtime/Error.h"
#include "attune/Runtime/Program.h"

#include <cstdio>

int main(int argc, char **argv) {
  if (argc != 2)
    return 1;
  try {
    attune::runtime::Program module = attune::runtime::Program::load(argv[1]);
    for (const attune::runtime::Entry &entry : module.signature().entries)
      std::printf("%s: %zu arguments, first `%s`, result `%s`\n", entry.name.c_str(),
                  entry.args.size(), entry.args.front().name.c_str(),
                  entry.results.front().name.c_str());
  } catch (const attune::runtime::Error &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
