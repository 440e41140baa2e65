// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Retyping of elementwise ops from scalars to vectors.
#include "Lanes.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace attune::tile {

Values evaluateLanes(Emitter &e, Block &block, ValueRange arguments, LaneHook hook) {
  IRMapping mapping;
  mapping.map(block.getArguments(), arguments);
  for (Operation &op : block.without_terminator()) {
    Values operands;
    for (Value operand : op.getOperands())
      operands.push_back(mapping.lookupOrDefault(operand));
    if (hook) {
      if (Value value = hook(&op, operands)) {
        mapping.map(op.getResult(0), value);
        continue;
      }
    }
    bool uniform = llvm::none_of(operands, [](Value v) { return isa<VectorType>(v.getType()); });
    if (uniform) {
      e.b.clone(op, mapping);
      continue;
    }
    OperationState state(e.loc, op.getName());
    for (Value operand : operands)
      state.operands.push_back(e.splat(operand));
    for (Type type : op.getResultTypes())
      state.types.push_back(e.vectorType(type));
    state.addAttributes(op.getAttrs());
    mapping.map(op.getResults(), e.b.create(state)->getResults());
  }
  Values results;
  for (Value operand : block.getTerminator()->getOperands())
    results.push_back(mapping.lookupOrDefault(operand));
  return results;
}

Operation *findNonElementwise(Block &block, function_ref<bool(Operation *)> allowed) {
  for (Operation &op : block.without_terminator()) {
    if (op.hasTrait<OpTrait::ConstantLike>() || OpTrait::hasElementwiseMappableTraits(&op))
      continue;
    if (!allowed || !allowed(&op))
      return &op;
  }
  return nullptr;
}

} // namespace attune::tile
