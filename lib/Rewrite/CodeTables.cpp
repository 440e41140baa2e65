// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rewrite `class-table`: a function of stored codes, heads and scalars is evaluated once for each
// code.
#include "CodeTables.h"

#include "attune/Sizes/Sizes.h"
#include "attune/Support/LinalgBuilders.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace attune::rewrite {

namespace {
/// The ops of a stream's region whose value follows from one argument and from values that are the
/// same for all pairs of a head.
class CodeFunctions {
public:
  CodeFunctions(Block &block, Value argument, ValueRange shared) {
    llvm::SmallDenseSet<Value> fixed(shared.begin(), shared.end()), varying{argument};
    for (Operation &op : block.without_terminator()) {
      if (op.hasTrait<OpTrait::ConstantLike>()) {
        fixed.insert(op.result_begin(), op.result_end());
        continue;
      }
      auto known = [&](Value v) { return fixed.contains(v) || varying.contains(v); };
      if (!llvm::all_of(op.getOperands(), known))
        continue;
      bool varies = llvm::any_of(op.getOperands(), [&](Value v) { return varying.contains(v); });
      (varies ? varying : fixed).insert(op.result_begin(), op.result_end());
      ops.insert(&op);
    }
    varyingValues = std::move(varying);
    // What the rest of the region uses has to be a number.
    for (bool changed = true; changed;) {
      changed = false;
      for (Operation *op : llvm::reverse(ops.getArrayRef()))
        if (isUsedOutside(op) && !op->getResult(0).getType().isF32()) {
          ops.remove(op);
          changed = true;
          break;
        }
    }
  }

  bool isUsedOutside(Operation *op) const {
    return llvm::any_of(op->getUsers(), [&](Operation *user) { return !ops.contains(user); });
  }
  /// Results that the rest of the region uses, and that differ from code to code.
  SmallVector<Value> results() const {
    SmallVector<Value> found;
    for (Operation *op : ops)
      if (isUsedOutside(op) && varyingValues.contains(op->getResult(0)))
        found.push_back(op->getResult(0));
    return found;
  }

  llvm::SetVector<Operation *> ops;

private:
  llvm::SmallDenseSet<Value> varyingValues;
};
} // namespace

SmallVector<CodeTable> tabulateCodes(OpBuilder &b, Location loc, Block &block, StoredCode code,
                                     const StreamOperands &heads, const StreamOperands &scalars) {
  SmallVector<Value> shared;
  for (const StreamOperands *operands : {&heads, &scalars})
    for (const auto &operand : *operands)
      shared.push_back(operand.second);
  CodeFunctions functions(block, code.argument, shared);
  SmallVector<CodeTable> tables;
  for (Value result : functions.results()) {
    // [heads, codes]; one row where no operand differs between heads.
    OpFoldResult numHeads = b.getIndexAttr(1);
    SmallVector<LoopOperand> inputs;
    SmallVector<Value> inputArguments;
    for (auto &[operand, argument] : heads) {
      inputs.push_back({operand, {0}});
      inputArguments.push_back(argument);
      OpFoldResult size = mixedSizes(b, loc, operand)[0];
      bool isOne = getConstantIntValue(size) == 1;
      if (isOne)
        inputs.back().loops = {~0};
      else
        numHeads = size;
    }
    Value table = buildEmpty(b, loc, {numHeads, b.getIndexAttr(code.count)}, b.getF32Type());
    table =
        buildGeneric(b, loc, inputs, {table, {0, 1}},
                     [&](OpBuilder &nested, Location at, ValueRange args) -> Value {
                       IRMapping mapping;
                       Value index = linalg::IndexOp::create(nested, at, 1);
                       mapping.map(code.argument, indexToF32(nested, at, index));
                       for (auto [argument, value] : llvm::zip(inputArguments, args))
                         mapping.map(argument, value);
                       for (auto &[operand, argument] : scalars)
                         mapping.map(argument, operand);
                       for (Operation &op : block.without_terminator())
                         if (functions.ops.contains(&op) || op.hasTrait<OpTrait::ConstantLike>())
                           nested.clone(op, mapping);
                       return mapping.lookup(result);
                     });
    Value argument = block.addArgument(b.getF32Type(), loc);
    tables.push_back({table, argument});
    result.replaceUsesWithIf(
        argument, [&](OpOperand &use) { return !functions.ops.contains(use.getOwner()); });
  }
  SmallVector<Operation *> tabulated(functions.ops.begin(), functions.ops.end());
  for (Operation *op : llvm::reverse(tabulated))
    if (op->use_empty())
      op->erase();
  return tables;
}

} // namespace attune::rewrite
