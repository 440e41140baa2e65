// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The language server for .mlir files with attn and nn ops: errors while typing, hover,
// definitions.

#include "attune/InitAll.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Support/LogicalResult.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  attune::registerAllDialects(registry);
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, registry));
}
