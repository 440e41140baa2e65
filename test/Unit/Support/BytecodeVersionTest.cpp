// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Bytecode of a later version of a dialect is refused with an error; that of this version is read.

#include "attune/Support/BytecodeVersion.h"
#include "attune/InitAll.h"

#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/raw_ostream.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace attune;

namespace {

constexpr const char *kModel = R"(
func.func @f(%q: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %a = attn.dot %q, %q : tensor<?x4xf32>, tensor<?x4xf32>
  %r = nn.relu %q : tensor<?x4xf32>
  %o = attn.apply %a, %r : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
})";

class BytecodeVersionTest : public testing::Test {
protected:
  BytecodeVersionTest() : context(registry(), MLIRContext::Threading::DISABLED) {}

  static DialectRegistry registry() {
    DialectRegistry all;
    registerAllDialects(all);
    return all;
  }

  /// The model as bytecode, with this version of one dialect.
  std::string write(StringRef dialect, uint64_t version) {
    OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(kModel, &context);
    BytecodeWriterConfig config;
    if (!dialect.empty())
      config.setDialectVersion(dialect, std::make_unique<BytecodeVersion>(version));
    std::string bytes;
    llvm::raw_string_ostream os(bytes);
    EXPECT_TRUE(succeeded(writeBytecodeToFile(*module, os, config)));
    return bytes;
  }

  /// Reads it; the error, or an empty text.
  std::string read(const std::string &bytes) {
    std::string text;
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
      text += diagnostic.str();
      return success();
    });
    OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(bytes, &context);
    EXPECT_EQ(bool(module), text.empty()) << text;
    return text;
  }

  MLIRContext context;
};

TEST_F(BytecodeVersionTest, ThisVersionIsRead) {
  EXPECT_EQ(read(write("", 0)), "");
  EXPECT_EQ(read(write("attn", kBytecodeVersion)), "");
}

TEST_F(BytecodeVersionTest, LaterVersionsAreRefused) {
  for (StringRef dialect : {"attn", "nn"}) {
    std::string error = read(write(dialect, kBytecodeVersion + 1));
    EXPECT_NE(error.find("the file holds version 2 of dialect `" + dialect.str() +
                         "`, expected at most 1"),
              std::string::npos)
        << error;
  }
}

} // namespace
