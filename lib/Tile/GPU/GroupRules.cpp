// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "GroupRules.h"
#include "attune/Dialect/Attn/Stream.h"
#include "attune/Sizes/Sizes.h"

#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;

namespace attune::tile {

/// Most elements of a row, 64 for each lane of a warp.
static constexpr int64_t kLongestRow = 64 * kWarp;
/// Most iterations of an op on an entry of a batch: those of a product of 64 x 64 matrices.
static constexpr int64_t kLargestItem = 64 * 64 * 64;

template <typename Step> static LinalgOp neighbour(Operation *op, Step step) {
  do
    op = step(op);
  while (op && (isPure(op) || isa<memref::AllocOp, memref::DeallocOp>(op)));
  auto found = dyn_cast_or_null<LinalgOp>(op);
  return found && found.hasPureBufferSemantics() ? found : LinalgOp();
}

LinalgOp opBefore(Operation *op) {
  return neighbour(op, [](Operation *at) { return at->getPrevNode(); });
}
LinalgOp opAfter(Operation *op) {
  return neighbour(op, [](Operation *at) { return at->getNextNode(); });
}

llvm::SetVector<Value> buffersOf(Operation *op) {
  llvm::SetVector<Value> used(op->operand_begin(), op->operand_end());
  for (Region &region : op->getRegions())
    getUsedValuesDefinedAbove(region, used);
  used.remove_if([](Value value) { return !isa<MemRefType>(value.getType()); });
  return used;
}

bool isElementwiseOn(LinalgOp op, Value out) {
  return op && !op.getNumReductionLoops() && op.getNumDpsInits() == 1 &&
         op.getDpsInits()[0] == out &&
         op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity() &&
         llvm::all_of(buffersOf(op), [&](Value value) {
           return value == out ? llvm::count(op->getOperands(), out) == 1
                               : rootOf(value) != rootOf(out);
         });
}

bool readsOutput(LinalgOp op) { return op.payloadUsesValueFromOperand(op.getDpsInitOperand(0)); }

bool walksRows(LinalgOp op, unsigned count) {
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  if (count > iterators.size() ||
      llvm::any_of(ArrayRef(iterators).take_front(count),
                   [](auto type) { return type != utils::IteratorType::parallel; }))
    return false;
  for (AffineMap map : op.getIndexingMapsArray()) {
    bool isWalked = false;
    for (AffineExpr result : map.getResults())
      for (unsigned loop = 0; loop < count; ++loop)
        isWalked |= result.isFunctionOfDim(loop);
    if (!isWalked)
      continue;
    if (map.getNumResults() < count)
      return false;
    for (auto it : llvm::enumerate(map.getResults())) {
      AffineExpr result = it.value();
      if (it.index() < count ? result != getAffineDimExpr(it.index(), op.getContext())
                             : llvm::any_of(llvm::seq(count), [&](unsigned loop) {
                                 return result.isFunctionOfDim(loop);
                               }))
        return false;
    }
  }
  return true;
}

Rows::Rows(LinalgOp first, Kind kind) : kind(kind), buffers(buffersOf(first)) {
  // As many loops as there can be; ops that follow may need fewer.
  for (loops = first.getNumLoops(); loops > 0 && !serves(first, loops); --loops)
    ;
  if (loops > 0)
    ops.push_back(first);
}

/// Two pointers, an offset, sizes and strides of each.
int64_t parametersOf(const llvm::SetVector<Value> &buffers) {
  int64_t count = 0;
  for (Value buffer : buffers)
    count += 3 + 2 * cast<MemRefType>(buffer.getType()).getRank();
  return count;
}

bool Rows::add(LinalgOp op) {
  llvm::SetVector<Value> all = buffers;
  all.set_union(buffersOf(op));
  if (parametersOf(all) > kMostParameters)
    return false;
  for (unsigned count = loops; count > 0; --count)
    if (serves(op, count) && llvm::all_of(ops, [&](LinalgOp other) {
          return serves(other, count) && haveSameRows(op, other, count) && agree(op, other);
        })) {
      loops = count;
      ops.push_back(op);
      buffers = std::move(all);
      return true;
    }
  return false;
}

bool Rows::serves(LinalgOp op, unsigned count) {
  if (op.getNumDpsInits() != 1 || !walksRows(op, count) || !sizeOf(op, 0))
    return false;
  bool isRow = kind == Kind::Row;
  if (isRow && op.getNumReductionLoops() && op.getNumParallelLoops() != count)
    return false;
  int64_t elements = 1;
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  for (int64_t size : ArrayRef(ranges).drop_front(count)) {
    elements *= size;
    if (ShapedType::isDynamic(size) || elements > (isRow ? kLongestRow : kLargestItem))
      return false;
  }
  return true;
}

std::optional<SizePoly> Rows::sizeOf(LinalgOp op, unsigned loop) {
  Value out = op.getDpsInits()[0];
  auto type = cast<MemRefType>(out.getType());
  if (!op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isFunctionOfDim(loop))
    return std::nullopt;
  if (!type.isDynamicDim(loop))
    return SizePoly(type.getDimSize(loop));
  SizePoly size = attune::sizeOf(out, loop);
  return size.hasSymbol("?") ? std::nullopt : std::optional(size);
}

bool Rows::haveSameRows(LinalgOp a, LinalgOp b, unsigned count) {
  return llvm::all_of(llvm::seq(count), [&](unsigned loop) {
    std::optional<SizePoly> first = sizeOf(a, loop), second = sizeOf(b, loop);
    return first && second && first->str() == second->str();
  });
}

bool Rows::agree(LinalgOp a, LinalgOp b) {
  auto isWalked = [](LinalgOp op, Value value) {
    return llvm::all_of(op->getOpOperands(), [&](OpOperand &operand) {
      return operand.get() != value || op.getMatchingIndexingMap(&operand).isFunctionOfDim(0);
    });
  };
  auto isOperand = [](LinalgOp op, Value value) {
    return llvm::is_contained(op->getOperands(), value);
  };
  for (Value mine : buffersOf(a))
    for (Value other : buffersOf(b)) {
      bool writes = mine == a.getDpsInits()[0] || other == b.getDpsInits()[0];
      if (!writes || rootOf(mine) != rootOf(other))
        continue;
      if (mine != other || !isOperand(a, mine) || !isOperand(b, mine) || !isWalked(a, mine) ||
          !isWalked(b, mine))
        return false;
    }
  return true;
}

/// The value without the reshapes that it is seen through.
static Value withoutReshapes(Value memref) {
  while (Operation *op = memref.getDefiningOp()) {
    if (!isa<memref::ExpandShapeOp, memref::CollapseShapeOp, memref::CastOp>(op))
      break;
    memref = op->getOperand(0);
  }
  return memref;
}

linalg::FillOp fillOfZero(attn::StreamOp stream, Value out) {
  Value whole = withoutReshapes(out);
  for (Operation *op = stream->getPrevNode(); op; op = op->getPrevNode()) {
    if (isPure(op) || isa<memref::AllocOp, memref::DeallocOp>(op))
      continue;
    auto fill = dyn_cast<linalg::FillOp>(op);
    if (!fill || !fill.hasPureBufferSemantics())
      return {};
    if (withoutReshapes(fill.getOutputs()[0]) == whole)
      return matchPattern(fill.getInputs()[0], m_PosZeroFloat()) ? fill : linalg::FillOp();
    if (rootOf(fill.getOutputs()[0]) == rootOf(out))
      return {};
  }
  return {};
}

} // namespace attune::tile
