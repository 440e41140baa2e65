// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Every op after a stage is of a dialect that the stage table allows there. What is not was
// forgotten by a lowering; without this check it would show up much later, as an op that LLVM
// cannot take.

#include "attune/Pipeline/Passes.h"
#include "attune/Pipeline/Stages.h"
#include "attune/Support/Errors.h"

namespace attune {
#define GEN_PASS_DEF_VERIFYSTAGEPASS
#include "attune/Pipeline/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

namespace {
struct VerifyStagePass : attune::impl::VerifyStagePassBase<VerifyStagePass> {
  using VerifyStagePassBase::VerifyStagePassBase;

  void runOnOperation() override {
    const Stage *table = findStage(stage);
    if (!table) {
      getOperation().emitError() << "no stage is called `" << stage.getValue() << "`";
      return signalPassFailure();
    }
    WalkResult result = getOperation().walk([&](Operation *op) {
      if (isLegalAfter(*table, op->getName()))
        return WalkResult::advance();
      emitInternal(op) << "`" << op->getName() << "` is left after stage `" << stage.getValue()
                       << "`";
      return WalkResult::interrupt();
    });
    if (result.wasInterrupted())
      signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
