// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Conditions on parallel regions: fork only where there is more than one task.
#include "attune/Tile/CPU/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/OpenMP/OpenMPDialect.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_SKIPFORKPASS
#include "attune/Tile/CPU/Passes.h.inc"

namespace {

/// The only loop in the region, with bounds from outside of it.
omp::LoopNestOp singleLoop(omp::ParallelOp parallel) {
  omp::LoopNestOp only;
  unsigned count = 0;
  parallel.getRegion().walk([&](omp::LoopNestOp loop) {
    if (loop->getParentOfType<omp::ParallelOp>() != parallel)
      return;
    only = loop;
    ++count;
  });
  if (count != 1 || only.getLoopLowerBounds().size() != 1)
    return {};
  for (Value bound :
       {only.getLoopLowerBounds()[0], only.getLoopUpperBounds()[0], only.getLoopSteps()[0]})
    if (parallel.getRegion().isAncestor(bound.getParentRegion()))
      return {};
  return only;
}

struct SkipForkPass : impl::SkipForkPassBase<SkipForkPass> {
  using SkipForkPassBase::SkipForkPassBase;

  void runOnOperation() override {
    getOperation().walk([](omp::ParallelOp parallel) {
      omp::LoopNestOp loop = singleLoop(parallel);
      if (!loop || parallel.getIfExpr())
        return;
      OpBuilder b(parallel);
      Location loc = parallel.getLoc();
      Value second =
          arith::AddIOp::create(b, loc, loop.getLoopLowerBounds()[0], loop.getLoopSteps()[0]);
      Value more = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, second,
                                         loop.getLoopUpperBounds()[0]);
      parallel.getIfExprMutable().assign(more);
    });
  }
};

} // namespace
} // namespace attune
