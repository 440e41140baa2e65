// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Prints diagnostics for users: the place in the file they wrote, no dumps of ops.

#include "Diagnostics.h"

#include "attune/Runtime/Error.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace attune {

int exitCodeOf(const llvm::Error &error) {
  return error.isA<NotSupported>() ? runtime::exitUnsupported : runtime::exitWrongInput;
}

std::string locationText(Location location) {
  std::string text;
  location->walk([&](Location part) {
    FileLineColLoc place = dyn_cast<FileLineColLoc>(part);
    if (!place)
      return WalkResult::advance();
    llvm::raw_string_ostream os(text);
    os << place.getFilename().getValue();
    // A module that the parser made itself is at line 0.
    if (place.getLine())
      os << ":" << place.getLine() << ":" << place.getColumn();
    return WalkResult::interrupt();
  });
  return text;
}

std::string locationName(Location location) {
  std::string name;
  location->walk([&](Location part) {
    NameLoc named = dyn_cast<NameLoc>(part);
    if (!named)
      return WalkResult::advance();
    name = named.getName().str();
    return WalkResult::interrupt();
  });
  return name;
}

static StringRef severityName(DiagnosticSeverity severity) {
  switch (severity) {
  case DiagnosticSeverity::Error:
    return "error";
  case DiagnosticSeverity::Warning:
    return "warning";
  case DiagnosticSeverity::Note:
    return "note";
  case DiagnosticSeverity::Remark:
    return "remark";
  }
  return "error";
}

std::string DiagnosticPrinter::line(Diagnostic &diagnostic) const {
  std::string place = locationText(diagnostic.getLocation());
  std::string name = locationName(diagnostic.getLocation());
  std::string message = diagnostic.str();
  return (place.empty() ? inputName : place) + ": " + severityName(diagnostic.getSeverity()).str() +
         ": " + (name.empty() ? "" : name + ": ") + StringRef(message).trim().str() + "\n";
}

DiagnosticPrinter::DiagnosticPrinter(MLIRContext &context, const std::string &inputName)
    : handler(&context, [this](Diagnostic &diagnostic) { print(diagnostic); }),
      inputName(inputName == "-" ? "<stdin>" : inputName) {
  context.printOpOnDiagnostic(false);
  context.printStackTraceOnDiagnostic(false);
}

int DiagnosticPrinter::exitCode() const {
  if (saw(FailureClass::Internal))
    return runtime::exitInternal;
  return saw(FailureClass::Unsupported) ? runtime::exitUnsupported : runtime::exitWrongInput;
}

void DiagnosticPrinter::print(Diagnostic &diagnostic) {
  // Remarks reach the user through --explain.
  if (diagnostic.getSeverity() == DiagnosticSeverity::Remark)
    return;
  if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
    seen[size_t(classOf(diagnostic))] = true;
  std::string text = line(diagnostic);
  for (Diagnostic &note : diagnostic.getNotes())
    text += line(note);
  if (printed.insert(text).second)
    llvm::errs() << text;
}

} // namespace attune
