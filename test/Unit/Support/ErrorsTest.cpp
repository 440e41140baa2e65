// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The class of an error is data: it survives the way to the handler, and no text makes one.

#include "attune/Support/Errors.h"

#include "mlir/IR/MLIRContext.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace attune;

namespace {

struct Seen {
  FailureClass kind;
  std::string text;
};

Seen report(llvm::function_ref<void(Location)> emit) {
  MLIRContext context;
  Seen seen{FailureClass::Open, ""};
  ScopedDiagnosticHandler handler(
      &context, [&](Diagnostic &diagnostic) { seen = {classOf(diagnostic), diagnostic.str()}; });
  emit(UnknownLoc::get(&context));
  return seen;
}

TEST(ErrorsTest, ClassIsData) {
  Seen limit = report([](Location loc) { emitUnsupported(loc) << "a type like " << 3; });
  EXPECT_EQ(limit.kind, FailureClass::Unsupported);
  EXPECT_EQ(limit.text, "a type like 3");
  Seen bug = report([](Location loc) { emitInternal(loc) << "no stage"; });
  EXPECT_EQ(bug.kind, FailureClass::Internal);
  EXPECT_EQ(bug.text, "internal error: no stage");
  EXPECT_EQ(report([](Location loc) { asInternal(emitError(loc)) << "x"; }).kind,
            FailureClass::Internal);
}

TEST(ErrorsTest, TextIsNot) {
  for (const char *text : {"not supported", "internal error: ", "attune.unsupported"})
    EXPECT_EQ(report([&](Location loc) { emitError(loc) << text; }).kind, FailureClass::Open)
        << text;
}

TEST(ErrorsTest, NotesKeepIt) {
  Seen seen = report([](Location loc) {
    InFlightDiagnostic error = emitUnsupported(loc) << "x";
    error.attachNote(loc) << "y";
    InFlightDiagnostic moved = std::move(error);
  });
  EXPECT_EQ(seen.kind, FailureClass::Unsupported);
}

} // namespace
