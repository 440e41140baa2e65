// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Layers that write their result where their input was form a chain in one buffer. The analysis of
// one-shot bufferization compares every read with every write of a buffer, for every link: that is
// the third power of the number of layers (SOFT-Huge: 6 s). Cut behind
// each link, chains are short.
//
// Why it is sound: the op in front of the cut writes the buffer, so whatever shares the buffer with
// its result and is read later either comes from the result, which is only read by way of the cut,
// or conflicts with that op already, which then gets a buffer of its own.

#include "attune/Transforms/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace attune {
#define GEN_PASS_DEF_CUTALIASCHAINSPASS
#include "attune/Transforms/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

/// The link in front of this one: the op whose result this one overwrites.
static linalg::LinalgOp previousLink(linalg::LinalgOp link) {
  return link.getDpsInits()[0].getDefiningOp<linalg::LinalgOp>();
}

/// Whether the buffer is this function's own, from its beginning and without a layout.
static bool isOwn(linalg::LinalgOp link) {
  while (linalg::LinalgOp previous = previousLink(link))
    link = previous;
  Operation *first = link.getDpsInits()[0].getDefiningOp();
  if (auto cut = dyn_cast_or_null<bufferization::ToTensorOp>(first))
    return cut.getBuffer().getDefiningOp<bufferization::ToBufferOp>() != nullptr;
  return isa_and_nonnull<bufferization::AllocTensorOp>(first);
}

namespace {
struct CutAliasChainsPass : attune::impl::CutAliasChainsPassBase<CutAliasChainsPass> {
  using CutAliasChainsPassBase::CutAliasChainsPassBase;

  void runOnOperation() override {
    // In the order of the block: a link behind a cut one is found to be this function's own.
    for (auto link : getOperation().getBody().getOps<linalg::LinalgOp>())
      if (link->getNumResults() == 1 && previousLink(link) && isOwn(link) &&
          isOverwritten(link->getResult(0)))
        cut(link);
  }

private:
  static bool isOverwritten(Value value) {
    return llvm::any_of(value.getUses(), [](OpOperand &use) {
      auto user = dyn_cast<linalg::LinalgOp>(use.getOwner());
      return user && user.isDpsInit(&use);
    });
  }

  void cut(linalg::LinalgOp link) {
    Value result = link->getResult(0);
    auto type = cast<RankedTensorType>(result.getType());
    OpBuilder b(link->getContext());
    b.setInsertionPointAfter(link);
    auto buffer = bufferization::ToBufferOp::create(
        b, link.getLoc(), MemRefType::get(type.getShape(), type.getElementType()), result);
    auto again = bufferization::ToTensorOp::create(b, link.getLoc(), type, buffer,
                                                   /*restrict=*/true, /*writable=*/true);
    result.replaceAllUsesExcept(again, buffer);
    ++numCuts;
  }
};
} // namespace
