// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a machine says that has no linker or no OpenMP runtime: what was looked for, where, and how
// to get it, as an error of the class that ends with exit code 2.

#include "attune/Target/CPU/Link.h"
#include "attune/Support/Errors.h"

#include "llvm/ADT/StringRef.h"

#include <gtest/gtest.h>

using namespace attune;

namespace {

std::string linkIn(const cpu::LinkFolders &folders, bool withOpenMP) {
  llvm::Expected<cpu::LinkResult> result =
      cpu::linkSharedObject({"none.o"}, "none.so", withOpenMP, folders);
  if (result)
    return "linked with " + result->linker;
  llvm::Error error = result.takeError();
  EXPECT_TRUE(error.isA<NotSupported>());
  return llvm::toString(std::move(error));
}

TEST(LinkTest, NoLinker) {
  EXPECT_EQ(linkIn({{"/nowhere", "/elsewhere"}, {}}, false),
            "cannot link: there is no linker; looked for clang-22, clang, cc, gcc, ld.lld, "
            "ld.lld-22 in /nowhere, /elsewhere; install one (Debian: apt install lld-22), or write "
            "-o <name>.o, which is not linked");
  EXPECT_NE(linkIn({}, false).find("in no folder"), std::string::npos);
}

TEST(LinkTest, NoOpenMP) {
  EXPECT_EQ(linkIn({{"/nowhere"}, {"/nowhere", "/elsewhere"}}, true),
            "cannot link: there is no OpenMP runtime of LLVM; looked for libomp.so.5, libomp.so in "
            "/nowhere, /elsewhere; install it (Debian: apt install libomp5-22), or write -o "
            "<name>.o, which is not linked");
}

TEST(LinkTest, FoldersOfThisMachine) {
  cpu::LinkFolders folders = cpu::LinkFolders::ofThisMachine();
  EXPECT_FALSE(folders.programs.empty());
  EXPECT_FALSE(folders.libraries.empty());
}

} // namespace
