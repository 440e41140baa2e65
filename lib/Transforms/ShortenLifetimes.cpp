// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// In the order in which a model is written, the column sums of K stand behind Q (K^T V), so that K
// and the result are alive together; at a million rows each is 256 MB. What is small and static
// costs nothing to keep, so it is computed as soon as it can be, and its large inputs may die
// early.

#include "attune/Transforms/Passes.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace attune {
#define GEN_PASS_DEF_SHORTENLIFETIMESPASS
#include "attune/Transforms/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

/// Results whose memory does not depend on the named sizes.
static bool isSmall(Operation *op) {
  return op->getNumResults() > 0 && llvm::all_of(op->getResultTypes(), [](Type type) {
           auto shaped = dyn_cast<ShapedType>(type);
           return !shaped || shaped.hasStaticShape();
         });
}

/// The last op of the block that `op` or a region in it needs; null where only arguments and values
/// from outside the block are needed.
static Operation *lastNeeded(Operation *op) {
  Operation *last = nullptr;
  op->walk([&](Operation *nested) {
    for (Value operand : nested->getOperands()) {
      Operation *maker = operand.getDefiningOp();
      if (maker && maker->getBlock() == op->getBlock() && maker != op &&
          (!last || last->isBeforeInBlock(maker)))
        last = maker;
    }
  });
  return last;
}

namespace {
struct ShortenLifetimesPass : attune::impl::ShortenLifetimesPassBase<ShortenLifetimesPass> {
  void runOnOperation() override {
    getOperation().walk([](Block *block) {
      for (Operation &op : llvm::make_early_inc_range(*block)) {
        if (op.hasTrait<OpTrait::IsTerminator>() || !isSmall(&op) || !isPure(&op))
          continue;
        Operation *last = lastNeeded(&op);
        if (last)
          op.moveAfter(last);
        else
          op.moveBefore(block, block->begin());
      }
    });
  }
};
} // namespace
