// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Diagnostics of a compilation on standard error, one line each.

#ifndef ATTUNE_LIB_TARGET_DIAGNOSTICS_H
#define ATTUNE_LIB_TARGET_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"
#include <set>

namespace attune {

/// "m.mlir:3:5", or empty where nothing is known.
std::string locationText(mlir::Location location);

/// Prints "file:line:column: error: ..." (with the tool's name where there is no location), and
/// remembers what it saw. The same error at the same place is printed once.
class DiagnosticPrinter {
public:
  explicit DiagnosticPrinter(mlir::MLIRContext &context);

  unsigned errors() const { return errorCount; }
  bool sawUnsupported() const { return unsupported; }
  bool sawInternal() const { return internal; }

private:
  void print(mlir::Diagnostic &diagnostic);

  mlir::ScopedDiagnosticHandler handler;
  std::set<std::string> printed;
  unsigned errorCount = 0;
  bool unsupported = false;
  bool internal = false;
};

} // namespace attune

#endif // ATTUNE_LIB_TARGET_DIAGNOSTICS_H
