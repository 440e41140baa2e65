// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Plans the sinks of a function, says what is planned and builds it, then erases the matrix
// expressions, which nothing uses any more.
#include "attune/Dialect/Attn/AttnBase.h"
#include "attune/Rewrite/Passes.h"
#include "attune/Rewrite/Plan.h"
#include "attune/Support/Errors.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_LINEARIZESINKSPASS
#include "attune/Rewrite/Passes.h.inc"

namespace {

bool isMatrix(Value value) { return isa<attn::MatrixType>(value.getType()); }

struct LinearizeSinks : impl::LinearizeSinksPassBase<LinearizeSinks> {
  using Base::Base;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    llvm::StringSet<> names;
    for (const std::string &name : disabled) {
      if (!rewrite::findRewrite(name)) {
        function.emitError() << "unknown rewrite '" << name << "' to disable, expected one of "
                             << rewrite::rewriteNames();
        return signalPassFailure();
      }
      names.insert(name);
    }
    FailureOr<rewrite::Plan> plan = rewrite::planFunction(function, names);
    if (failed(plan))
      return signalPassFailure();
    rewrite::remarkPlan(*plan, function);
    if (failed(rewrite::buildPlan(*plan, function, names)))
      return signalPassFailure();
    eraseDeadMatrices(function);
    WalkResult left = function.walk([&](Operation *op) {
      if (llvm::none_of(op->getResults(), isMatrix))
        return WalkResult::advance();
      asUnsupported(op->emitOpError("is not supported: its matrix is used by something other than "
                                    "the algebra"));
      return WalkResult::interrupt();
    });
    if (left.wasInterrupted())
      signalPassFailure();
  }

  void eraseDeadMatrices(func::FuncOp function) {
    SmallVector<Operation *> matrices;
    function.walk([&](Operation *op) {
      if (llvm::any_of(op->getResults(), isMatrix))
        matrices.push_back(op);
    });
    // Users come after their operands in the walk, but for blocks of nested regions: repeat.
    for (bool changed = true; changed;) {
      changed = false;
      for (Operation *&op : llvm::reverse(matrices))
        if (op && op->use_empty()) {
          op->erase();
          op = nullptr;
          changed = true;
        }
    }
  }
};

} // namespace
} // namespace attune
