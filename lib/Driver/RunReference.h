// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// --target=reference of attune-compile: no code, the float64 interpreter runs the model.

#ifndef ATTUNE_LIB_DRIVER_RUNREFERENCE_H
#define ATTUNE_LIB_DRIVER_RUNREFERENCE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <string>
#include <vector>

namespace attune {

/// Whether the command line asks for it.
bool isReferenceRun(const std::vector<std::string> &arguments);

/// Runs it; returns the exit code.
int referenceMain(const std::vector<std::string> &arguments);

/// Reads and verifies a module from a file, or from standard input for "-". Null after an error,
/// which has been printed.
mlir::OwningOpRef<mlir::ModuleOp> readModule(mlir::MLIRContext &context, const std::string &path);

} // namespace attune

#endif // ATTUNE_LIB_DRIVER_RUNREFERENCE_H
