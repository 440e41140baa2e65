// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reads a model, runs the pass pipeline given as second argument, next to a pass of its own, and
// prints how many ops of which dialects are left.

#include "attune/Dialect/Attn/AttnBase.h"
#include "attune/InitAll.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/raw_ostream.h"

#include <map>

namespace {
struct CountOpsPass : mlir::PassWrapper<CountOpsPass, mlir::OperationPass<mlir::ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(CountOpsPass)
  llvm::StringRef getArgument() const final { return "count-ops"; }
  void runOnOperation() override {
    std::map<std::string, int> counts;
    int matrices = 0;
    getOperation()->walk([&](mlir::Operation *op) {
      ++counts[op->getName().getDialectNamespace().str()];
      matrices += llvm::isa<attune::attn::MatrixOpInterface>(op);
    });
    for (const auto &[dialect, count] : counts)
      llvm::outs() << dialect << ": " << count << "\n";
    llvm::outs() << "matrices: " << matrices << "\n";
  }
};
} // namespace

int main(int argc, char **argv) {
  if (argc != 3) {
    llvm::errs() << "usage: embedding <model.mlir> <pipeline>\n";
    return 1;
  }
  mlir::DialectRegistry registry;
  attune::registerAllDialects(registry);
  attune::registerAllPasses();
  mlir::PassRegistration<CountOpsPass>();

  mlir::MLIRContext context(registry);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::parseSourceFile<mlir::ModuleOp>(argv[1], &context);
  mlir::PassManager passes(&context);
  if (!module || mlir::failed(mlir::parsePassPipeline(argv[2], passes)) ||
      mlir::failed(passes.run(*module)))
    return 1;
  return 0;
}
