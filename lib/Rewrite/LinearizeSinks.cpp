// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Walks the sinks of a function in order, each planned and built once, then erases the matrix
// expressions, which nothing uses any more.
#include "Planner.h"

#include "attune/Dialect/Attn/Sinks.h"
#include "attune/Rewrite/Passes.h"
#include "attune/Support/Errors.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_LINEARIZESINKSPASS
#include "attune/Rewrite/Passes.h.inc"

namespace {

constexpr llvm::StringLiteral kRewrites[] = {
    "associativity", "distribute", "constant", "row-normalizer", "scaling",          "polynomial",
    "chain",         "segments",   "diagonal", "guard",          "factored-product", "head-mean",
    "class-table",   "norm"};

bool isMatrix(Value value) { return isa<attn::MatrixType>(value.getType()); }

struct LinearizeSinks : impl::LinearizeSinksPassBase<LinearizeSinks> {
  using Base::Base;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    llvm::StringSet<> names;
    for (const std::string &name : disabled) {
      if (!llvm::is_contained(kRewrites, name)) {
        function.emitError() << "unknown rewrite '" << name << "' to disable, expected one of "
                             << llvm::join(llvm::ArrayRef<llvm::StringLiteral>(kRewrites), ", ");
        return signalPassFailure();
      }
      names.insert(name);
    }
    SmallVector<Operation *> sinks;
    function.walk([&](Operation *op) {
      if (isa<attn::ApplyOp, attn::RowSumsOp, attn::MaterializeOp>(op))
        sinks.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    rewrite::Planner planner(rewriter, function, names);
    for (Operation *sink : sinks) {
      FailureOr<Value> result = planner.build(sink);
      if (failed(result))
        return signalPassFailure();
      Value value = *result;
      Type type = sink->getResult(0).getType();
      if (value.getType() != type)
        value = tensor::CastOp::create(rewriter, sink->getLoc(), type, value);
      rewriter.replaceOp(sink, value);
    }
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
