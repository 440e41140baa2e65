// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sugar to algebra, by each op's own decomposition (attn::SugarOpInterface).

#include "attune/Dialect/Attn/AttnBase.h"
#include "attune/Dialect/NN/NNBase.h"
#include "attune/Rewrite/Passes.h"

namespace attune {
#define GEN_PASS_DEF_DECOMPOSEPASS
#include "attune/Rewrite/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

namespace {
struct DecomposePass : attune::impl::DecomposePassBase<DecomposePass> {
  void runOnOperation() override {
    SmallVector<attn::SugarOpInterface> sugar;
    getOperation().walk([&](attn::SugarOpInterface op) { sugar.push_back(op); });
    for (attn::SugarOpInterface op : sugar) {
      OpBuilder b(op);
      FailureOr<SmallVector<Value>> values = op.decompose(b);
      if (failed(values)) {
        op.emitError() << "`" << op->getName() << "` has no decomposition for these types";
        return signalPassFailure();
      }
      op->replaceAllUsesWith(*values);
      op->erase();
    }
  }
};
} // namespace
