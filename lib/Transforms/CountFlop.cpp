// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "attune/Dialect/Attn/FlopCount.h"
#include "attune/Transforms/Passes.h"

namespace attune {
#define GEN_PASS_DEF_COUNTFLOPPASS
#include "attune/Transforms/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

namespace {
struct CountFlopPass : attune::impl::CountFlopPassBase<CountFlopPass> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    Block &body = function.getBody().front();
    SizePoly first = attn::countFlop(body, attn::Branch::Then).total(),
             second = attn::countFlop(body, attn::Branch::Else).total();
    InFlightDiagnostic remark = emitRemark(function.getLoc());
    remark << function.getName() << ": flop: " << first.str();
    if (!(first == second))
      remark << " or " << second.str();
  }
};
} // namespace
