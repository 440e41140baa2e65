// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "EqualOps.h"

using namespace mlir;

namespace attune::rewrite {

SmallVector<Value> valuesUsedBy(Operation *op) {
  SmallVector<Value> used;
  op->walk<WalkOrder::PreOrder>([&](Operation *inner) {
    for (Value operand : inner->getOperands()) {
      Operation *around = operand.getParentBlock()->getParentOp();
      if (inner == op || !around || !op->isAncestor(around))
        used.push_back(operand);
    }
  });
  return used;
}

Operation *EqualOps::first(Operation *op, llvm::function_ref<llvm::hash_code(Value)> hash,
                           llvm::function_ref<bool(Value, Value)> isSame) {
  constexpr auto kFlags = OperationEquivalence::IgnoreLocations;
  SmallVector<Operation *, 1> &similar = byHash[OperationEquivalence::computeHash(
      op, hash, OperationEquivalence::ignoreHashValue, kFlags)];
  for (Operation *other : similar) {
    llvm::DenseMap<Value, Value> inRegions;
    auto isEqual = [&](Value a, Value b) {
      Value marked = inRegions.lookup(a);
      return success(marked ? marked == b : isSame(a, b));
    };
    auto mark = [&](Value a, Value b) { inRegions[a] = b; };
    if (OperationEquivalence::isEquivalentTo(op, other, isEqual, mark, kFlags))
      return other;
  }
  similar.push_back(op);
  return op;
}

} // namespace attune::rewrite
