// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Diagnostics of a compilation on standard error, one line each.

#ifndef ATTUNE_LIB_DRIVER_DIAGNOSTICS_H
#define ATTUNE_LIB_DRIVER_DIAGNOSTICS_H

#include "attune/Support/Errors.h"
#include <array>
#include <set>

namespace attune {

/// "m.mlir:3:5", or empty where the file is not known.
std::string locationText(mlir::Location location);

/// The name that the model gives to a place ("convs.0.attention"), or empty.
std::string locationName(mlir::Location location);

/// 2 for an error that stands for a limit (NotSupported), 1 for any other.
int exitCodeOf(const llvm::Error &error);

/// Prints "file:line:column: error: ...", or "file: error: convs.0: ..." where a model has names
/// for its places, and remembers what classes of errors it saw. The same error at the same place is
/// printed once.
class DiagnosticPrinter {
public:
  DiagnosticPrinter(mlir::MLIRContext &context, const std::string &inputName);

  bool saw(FailureClass kind) const { return seen[size_t(kind)]; }
  void forget() { seen = {}; }
  /// Of a failure in what works on the input alone, where errors without a class are the user's.
  int exitCode() const;

private:
  void print(mlir::Diagnostic &diagnostic);
  std::string line(mlir::Diagnostic &diagnostic) const;

  mlir::ScopedDiagnosticHandler handler;
  std::string inputName;
  std::set<std::string> printed;
  std::array<bool, 3> seen = {};
};

} // namespace attune

#endif // ATTUNE_LIB_DRIVER_DIAGNOSTICS_H
