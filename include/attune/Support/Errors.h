// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What an error is beside its text. The class of a failure decides about the exit code, and it
// travels as data: names that users give stand in texts, and so do words of upstream's messages.
#ifndef ATTUNE_SUPPORT_ERRORS_H
#define ATTUNE_SUPPORT_ERRORS_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Operation.h"
#include "llvm/Support/Error.h"

namespace attune {

enum class FailureClass {
  /// Whose error it is depends on where it comes from: the user's or ours.
  Open,
  /// A limit of ours, or something that the machine lacks (exit code 2).
  Unsupported,
  /// A bug (exit code 70).
  Internal
};

/// The class that the diagnostic was given, Open where it was given none.
FailureClass classOf(mlir::Diagnostic &diagnostic);

/// Gives the error its class: `return asUnsupported(op->emitOpError("..")) << ..`.
mlir::InFlightDiagnostic asUnsupported(mlir::InFlightDiagnostic error);
mlir::InFlightDiagnostic asInternal(mlir::InFlightDiagnostic error);

/// An error of that class. That of a bug begins with "internal error: ".
mlir::InFlightDiagnostic emitUnsupported(mlir::Location loc);
mlir::InFlightDiagnostic emitUnsupported(mlir::Operation *op);
mlir::InFlightDiagnostic emitInternal(mlir::Location loc);
mlir::InFlightDiagnostic emitInternal(mlir::Operation *op);

/// Says where the other value comes from that an error speaks of.
mlir::InFlightDiagnostic noteOrigin(mlir::InFlightDiagnostic error, mlir::Value other,
                                    llvm::StringRef name);

/// The same for functions that emit nothing: an error that stands for a limit of ours, or for
/// something that the machine lacks. Others stand for wrong input.
class NotSupported : public llvm::ErrorInfo<NotSupported> {
public:
  static char ID;
  explicit NotSupported(const llvm::Twine &text) : text(text.str()) {}
  void log(llvm::raw_ostream &os) const override { os << text; }
  std::error_code convertToErrorCode() const override { return llvm::inconvertibleErrorCode(); }

private:
  std::string text;
};

} // namespace attune

#endif
