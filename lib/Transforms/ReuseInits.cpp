// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The last word before bufferization, which decides on buffers but never changes destinations.
//
//   %e = tensor.empty; %y = generic ins(%x) outs(%e)   ->   %y = generic outs(%x), reading the init
//
// Valid where %x is this function's own value and dies here. An argument must never be written, and
// bufferization would answer with a copy, one value more instead of one less; so the input is
// traced through reshapes to the op that made it, which must be one that writes a buffer of its
// own.

#include "attune/Transforms/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/SetVector.h"

namespace attune {
#define GEN_PASS_DEF_REUSEINITSPASS
#include "attune/Transforms/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

/// The same memory seen with another shape, or a part of it.
static bool isView(Operation *op) {
  return isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp, tensor::CastOp,
             tensor::ExtractSliceOp>(op);
}

/// Whether this use may write the value's buffer or pass it on to who does.
static bool isDestination(OpOperand &use) {
  if (auto op = dyn_cast<DestinationStyleOpInterface>(use.getOwner()))
    return op.isDpsInit(&use);
  return !isa<tensor::DimOp, tensor::ExtractOp>(use.getOwner());
}

/// Makes the blank value of this use again, in front of the op that uses it as a destination, so
/// that it lives as short as it can.
static void makeOwn(OpOperand &use, IRRewriter &rewriter) {
  Operation *op = use.get().getDefiningOp();
  rewriter.setInsertionPoint(use.getOwner());
  Operation *copy = rewriter.clone(*op);
  rewriter.modifyOpInPlace(use.getOwner(), [&] { use.set(copy->getResult(0)); });
  if (auto filled = dyn_cast<DestinationStyleOpInterface>(copy))
    makeOwn(*filled.getDpsInitOperand(0), rewriter);
}

/// Writes a `tensor.empty` from numbers or from tensors of lower rank (a bias along the rows): to
/// do it again costs less than a copy.
static bool isBroadcast(Operation *op) {
  auto linalgOp = dyn_cast_if_present<linalg::LinalgOp>(op);
  if (!linalgOp || !linalgOp.hasPureTensorSemantics() || linalgOp.getNumDpsInits() != 1 ||
      linalgOp.getNumLoops() != linalgOp.getNumParallelLoops())
    return false;
  OpOperand *init = linalgOp.getDpsInitOperand(0);
  return init->get().getDefiningOp<tensor::EmptyOp>() &&
         !linalgOp.payloadUsesValueFromOperand(init) &&
         llvm::all_of(linalgOp.getDpsInputOperands(), [&](OpOperand *input) {
           return linalgOp.isScalar(input) || linalgOp.getRank(input) < linalgOp.getRank(init);
         });
}

static bool isBlank(Value value) {
  return value.getDefiningOp<tensor::EmptyOp>() || isBroadcast(value.getDefiningOp());
}

static void separateInits(func::FuncOp function, IRRewriter &rewriter) {
  SmallVector<OpOperand *> uses;
  function.walk([&](Operation *op) {
    if (isBroadcast(op))
      return;
    for (OpOperand &operand : op->getOpOperands())
      if (isBlank(operand.get()) && isDestination(operand))
        uses.push_back(&operand);
  });
  for (OpOperand *use : uses)
    makeOwn(*use, rewriter);
  // Backwards, so that what fills an empty goes before it.
  SmallVector<Operation *> blanks;
  function.walk([&](Operation *op) {
    if (isa<tensor::EmptyOp>(op) || isBroadcast(op))
      blanks.push_back(op);
  });
  for (Operation *op : llvm::reverse(blanks))
    if (isOpTriviallyDead(op))
      rewriter.eraseOp(op);
}

/// The value that `value` is a view of.
static Value baseOf(Value value) {
  for (Operation *op = value.getDefiningOp(); op && isView(op); op = value.getDefiningOp())
    value = op->getOperand(0);
  return value;
}

/// `base` and all views of it.
static SmallVector<Value> viewsOf(Value base) {
  SmallVector<Value> views{base};
  for (size_t i = 0; i < views.size(); ++i)
    for (Operation *user : views[i].getUsers())
      if (isView(user) && user->getOperand(0) == views[i])
        views.push_back(user->getResult(0));
  return views;
}

/// The operand's indexing map with 0 wherever the dimension has one element: a head that is
/// broadcast and one that is walked read the same place then.
static AffineMap placeOf(linalg::GenericOp op, OpOperand *operand) {
  AffineMap map = op.getMatchingIndexingMap(operand);
  SmallVector<AffineExpr> results(map.getResults());
  for (auto [dim, size] : llvm::enumerate(op.getShape(operand)))
    if (size == 1)
      results[dim] = getAffineConstantExpr(0, op.getContext());
  return AffineMap::get(map.getNumDims(), 0, results, op.getContext());
}

/// Whether nothing looks at `value` or what it is a view of once `op` has run, and `op` itself
/// reads it only at `place`.
static bool diesAt(Value value, linalg::GenericOp op, AffineMap place) {
  for (Value view : viewsOf(baseOf(value)))
    for (OpOperand &use : view.getUses()) {
      if (use.getOwner() == op) {
        if (view != value || placeOf(op, &use) != place)
          return false;
        continue;
      }
      Operation *user = op->getBlock()->findAncestorOpInBlock(*use.getOwner());
      if (!user || !user->isBeforeInBlock(op))
        return false;
    }
  return true;
}

/// Whether `base` has a buffer that this block may write: made by a destination-style op in it, or
/// carried from one iteration of a loop to the next or out of it.
static bool isOwn(Value base, Block *block) {
  if (base.getParentBlock() != block)
    return false;
  if (auto carried = dyn_cast<BlockArgument>(base))
    return isa<scf::ForOp>(block->getParentOp());
  if (auto loop = base.getDefiningOp<scf::ForOp>())
    return isOwn(baseOf(loop.getTiedLoopInit(cast<OpResult>(base))->get()), block);
  return isa<DestinationStyleOpInterface>(base.getDefiningOp());
}

/// The input that can be the destination of `op`, or null.
static OpOperand *findReusable(linalg::GenericOp op) {
  if (!op.hasPureTensorSemantics() || op.getNumDpsInits() != 1 ||
      op.getNumLoops() != op.getNumParallelLoops())
    return nullptr;
  OpOperand *init = op.getDpsInitOperand(0);
  if (!init->get().getDefiningOp<tensor::EmptyOp>() || op.payloadUsesValueFromOperand(init) ||
      !op.getMatchingIndexingMap(init).isPermutation())
    return nullptr;
  AffineMap place = placeOf(op, init);
  for (OpOperand *input : op.getDpsInputOperands()) {
    Value value = input->get();
    if (value.getType() == init->get().getType() && placeOf(op, input) == place &&
        isOwn(baseOf(value), op->getBlock()) && diesAt(value, op, place))
      return input;
  }
  return nullptr;
}

/// Makes `input` the init; the body reads the init where it read that input.
static void reuse(linalg::GenericOp op, OpOperand *input, IRRewriter &rewriter) {
  Value value = input->get();
  Block *body = op.getBody();
  Value element = body->getArguments().back();
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  llvm::BitVector dropped(body->getNumArguments());
  for (OpOperand *operand : op.getDpsInputOperands()) {
    if (operand->get() == value) {
      op.getMatchingBlockArgument(operand).replaceAllUsesWith(element);
      dropped.set(operand->getOperandNumber());
      continue;
    }
    inputs.push_back(operand->get());
    maps.push_back(op.getMatchingIndexingMap(operand));
  }
  maps.push_back(op.getMatchingIndexingMap(op.getDpsInitOperand(0)));
  body->eraseArguments(dropped);
  Operation *blank = op.getDpsInits()[0].getDefiningOp();
  rewriter.setInsertionPoint(op);
  auto inPlace = linalg::GenericOp::create(rewriter, op.getLoc(), op->getResultTypes(), inputs,
                                           ValueRange{value}, maps, op.getIteratorTypesArray());
  inPlace->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  rewriter.inlineRegionBefore(op.getRegion(), inPlace.getRegion(), inPlace.getRegion().begin());
  rewriter.replaceOp(op, inPlace);
  if (isOpTriviallyDead(blank))
    rewriter.eraseOp(blank);
}

/// The value that the destination of `value` begins with.
static Value firstDestination(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    auto destination = dyn_cast<DestinationStyleOpInterface>(op);
    if (!destination && !isView(op))
      break;
    value = destination ? destination.getTiedOpOperand(cast<OpResult>(value))->get()
                        : op->getOperand(0);
  }
  return value;
}

/// The empty tensor inside `block` that the destination of `value` begins with, or null.
static tensor::EmptyOp firstEmpty(Value value, Block *block) {
  auto empty = firstDestination(value).getDefiningOp<tensor::EmptyOp>();
  return empty && empty->getBlock() == block && empty.getResult().hasOneUse() ? empty
                                                                              : tensor::EmptyOp();
}

/// Both branches write one buffer, made in front of them, so that the choice needs no copy.
static void shareBranchInits(scf::IfOp choice, IRRewriter &rewriter) {
  if (!choice.elseBlock())
    return;
  for (unsigned i = 0; i < choice.getNumResults(); ++i) {
    tensor::EmptyOp first = firstEmpty(choice.thenYield()->getOperand(i), choice.thenBlock());
    tensor::EmptyOp second = firstEmpty(choice.elseYield()->getOperand(i), choice.elseBlock());
    if (!first || !second || first.getType() != second.getType() ||
        first.getDynamicSizes() != second.getDynamicSizes() ||
        llvm::any_of(first.getDynamicSizes(), [&](Value size) {
          return choice->isAncestor(size.getParentRegion()->getParentOp());
        }))
      continue;
    rewriter.moveOpBefore(first, choice);
    rewriter.replaceOp(second, first);
  }
}

/// A loop whose next value has another buffer than its last one would allocate in each iteration
/// and need flags for who owns what. Copying it back at the end leaves one buffer inside, which
/// moves out.
static void copyBack(scf::ForOp loop, IRRewriter &rewriter) {
  Operation *yield = loop.getBody()->getTerminator();
  for (auto [carried, next] : llvm::zip_equal(loop.getRegionIterArgs(), yield->getOpOperands())) {
    if (!isa<RankedTensorType>(carried.getType()) ||
        !firstDestination(next.get()).getDefiningOp<tensor::EmptyOp>())
      continue;
    rewriter.setInsertionPoint(yield);
    next.set(linalg::CopyOp::create(rewriter, loop.getLoc(), next.get(), carried).getResult(0));
  }
}

namespace {
struct ReuseInitsPass : attune::impl::ReuseInitsPassBase<ReuseInitsPass> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    separateInits(getOperation(), rewriter);
    SmallVector<linalg::GenericOp> ops;
    getOperation().walk([&](linalg::GenericOp op) { ops.push_back(op); });
    for (linalg::GenericOp op : ops)
      if (OpOperand *input = findReusable(op))
        reuse(op, input, rewriter);
    getOperation().walk([&](scf::IfOp choice) { shareBranchInits(choice, rewriter); });
    getOperation().walk([&](scf::ForOp loop) { copyBack(loop, rewriter); });
  }
};
} // namespace
