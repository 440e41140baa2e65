// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The class of an error is a word in the metadata of its diagnostic, which nothing prints.

#include "attune/Support/Errors.h"

#include "mlir/IR/Value.h"
#include "llvm/ADT/Twine.h"

using namespace mlir;

namespace attune {

char NotSupported::ID = 0;

static constexpr llvm::StringLiteral kUnsupported = "attune.unsupported";
static constexpr llvm::StringLiteral kInternal = "attune.internal";

FailureClass classOf(Diagnostic &diagnostic) {
  for (const DiagnosticArgument &argument : diagnostic.getMetadata()) {
    if (argument.getKind() != DiagnosticArgument::DiagnosticArgumentKind::String)
      continue;
    if (argument.getAsString() == kUnsupported)
      return FailureClass::Unsupported;
    if (argument.getAsString() == kInternal)
      return FailureClass::Internal;
  }
  return FailureClass::Open;
}

static InFlightDiagnostic tagged(InFlightDiagnostic error, StringRef tag) {
  if (Diagnostic *diagnostic = error.getUnderlyingDiagnostic())
    diagnostic->getMetadata().push_back(DiagnosticArgument(tag));
  return error;
}

InFlightDiagnostic asUnsupported(InFlightDiagnostic error) {
  return tagged(std::move(error), kUnsupported);
}

InFlightDiagnostic asInternal(InFlightDiagnostic error) {
  return tagged(std::move(error), kInternal);
}

InFlightDiagnostic emitUnsupported(Location loc) { return asUnsupported(emitError(loc)); }

InFlightDiagnostic emitUnsupported(Operation *op) { return asUnsupported(op->emitError()); }

InFlightDiagnostic emitInternal(Location loc) {
  return asInternal(emitError(loc)) << "internal error: ";
}

InFlightDiagnostic emitInternal(Operation *op) {
  return asInternal(op->emitError()) << "internal error: ";
}

InFlightDiagnostic noteOrigin(InFlightDiagnostic error, Value other, StringRef name) {
  error.attachNote(other.getLoc()) << "`" << name << "` comes from here";
  return error;
}

} // namespace attune
