// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "PriceSinks.h"
#include "EqualOps.h"

#include "attune/Dialect/Attn/AttnBase.h"
#include "attune/Sizes/Sizes.h"

#include <map>

using namespace mlir;
using namespace attune::attn;

namespace attune::rewrite {

SmallVector<Value> inputsOf(ArrayRef<StreamSink> asked) {
  SmallVector<Value> inputs;
  for (const StreamSink &sink : asked)
    inputs.append({sink.request.v, sink.request.init, sink.request.scalar});
  return inputs;
}

namespace {
/// Numbers the values of a plan: equal numbers, equal values. 0 stands for none.
class ValueNumbers {
public:
  using FormOf = llvm::function_ref<const RehearsedForm *(const PlanNode &)>;
  using Numbers = SmallVector<uint64_t>;
  /// What is computed in a block, by what it is computed from.
  using Scope = std::map<std::vector<uint64_t>, Numbers>;

  ValueNumbers(FormOf formOf, Branch branch) : formOf(formOf), branch(branch) {}

  /// FLOP of the sinks that are new in the scopes, of which the last is the innermost.
  FlopCount price(const PlannedSinks &root, ArrayRef<StreamSink> asked, ArrayRef<Scope *> around) {
    scopes.assign(around.begin(), around.end());
    flop = FlopCount();
    Numbers inputs = llvm::map_to_vector(inputsOf(asked), [&](Value v) { return numberOf(v); });
    run(*root.node, inputs, {});
    return flop;
  }

private:
  struct Frame {
    explicit Frame(const RehearsedForm &form) : form(form) {}

    const RehearsedForm &form;
    llvm::DenseMap<Value, uint64_t> numbers;
    bool hasLoops = false;
  };

  /// A value of the function, or one that is not looked into.
  uint64_t numberOf(Value value) {
    return value ? outer.try_emplace(value, outer.size() + fresh + 1).first->second : 0;
  }
  uint64_t newNumber() { return outer.size() + ++fresh; }
  Numbers newNumbers(size_t count) {
    Numbers numbers;
    for (size_t i = 0; i < count; ++i)
      numbers.push_back(newNumber());
    return numbers;
  }

  const Numbers *find(const std::vector<uint64_t> &key) const {
    for (Scope *scope : llvm::reverse(scopes))
      if (auto found = scope->find(key); found != scope->end())
        return &found->second;
    return nullptr;
  }

  /// Numbers of what the node gives for these inputs, where `more` are values that its matrix has.
  Numbers run(const PlanNode &node, ArrayRef<uint64_t> inputs, ArrayRef<uint64_t> more) {
    std::vector<uint64_t> key{0, reinterpret_cast<uint64_t>(&node)};
    key.insert(key.end(), inputs.begin(), inputs.end());
    key.insert(key.end(), more.begin(), more.end());
    if (const Numbers *known = find(key))
      return *known;
    Numbers results;
    if (node.form == PlanForm::Choose) {
      Numbers into(inputs);
      for (size_t i = 1; i < into.size(); i += 3)
        into[i] = into[i] ? into[i] : newNumber();
      Scope branchScope;
      scopes.push_back(&branchScope);
      results =
          newNumbers(run(*node.children[branch == Branch::Then ? 0 : 1].node, into, more).size());
      scopes.pop_back();
    } else if (const RehearsedForm *form = formOf(node)) {
      Frame frame(*form);
      for (auto [value, number] : llvm::zip(form->inputs, inputs))
        if (value)
          frame.numbers[value] = number;
      for (Value result : form->results)
        results.push_back(numberIn(frame, result));
    } else {
      flop += node.own;
      results = newNumbers(1);
    }
    (*scopes.back())[key] = results;
    return results;
  }

  uint64_t numberIn(Frame &frame, Value value) {
    if (!value)
      return 0;
    if (auto found = frame.numbers.find(value); found != frame.numbers.end())
      return found->second;
    for (auto [i, values] : llvm::enumerate(frame.form.values))
      if (llvm::is_contained(values, value)) {
        runChild(frame, i);
        return frame.numbers.lookup(value);
      }
    Operation *op = value.getDefiningOp();
    op = op ? frame.form.block->findAncestorOpInBlock(*op) : nullptr;
    if (!op)
      return frame.numbers[value] = numberOf(value);
    Numbers results = isa<scf::ForOp>(op) ? runLoop(frame, op) : runOp(frame, op);
    for (auto [result, number] : llvm::zip(op->getResults(), results))
      frame.numbers[result] = number;
    return frame.numbers.lookup(value);
  }

  void runChild(Frame &frame, size_t i) {
    const PlanChild &child = frame.form.children[i];
    Numbers results;
    if (child.inLoop) {
      results = newNumbers(frame.form.values[i].size()); // counted with its loop
    } else {
      Numbers inputs, more;
      for (Value operand : frame.form.operands[i])
        inputs.push_back(numberIn(frame, operand));
      appendOperands(frame, frame.form.matrices[i], more);
      results = run(*child.node, inputs, more);
    }
    for (auto [value, number] : llvm::zip(frame.form.values[i], results))
      frame.numbers[value] = number;
  }

  /// Numbers of the tensors and scalars that a matrix of the form was made of.
  void appendOperands(Frame &frame, Value matrix, Numbers &numbers) {
    Operation *op = matrix.getDefiningOp();
    if (!op || !frame.form.block->findAncestorOpInBlock(*op))
      return;
    for (Value operand : op->getOperands())
      if (isa<MatrixType>(operand.getType()))
        appendOperands(frame, operand, numbers);
      else
        numbers.push_back(numberIn(frame, operand));
  }

  /// What loops count is summed over their iterations already.
  Numbers runLoop(Frame &frame, Operation *loop) {
    if (!std::exchange(frame.hasLoops, true))
      for (const PlanChild &child : frame.form.children)
        if (child.isBuilt() && child.inLoop)
          flop += branch == Branch::Then ? child.flop : child.otherFlop;
    for (Value operand : valuesUsedBy(loop))
      numberIn(frame, operand);
    flop += countFlop(*loop, branch);
    return newNumbers(loop->getNumResults());
  }

  Numbers runOp(Frame &frame, Operation *op) {
    std::vector<uint64_t> key{1, classOf(op)};
    // Sizes are known by what they are.
    if (op->getNumResults() == 1 && op->getResult(0).getType().isIndex())
      key = {2, numberOfSize(sizeOfIndex(op->getResult(0)).str())};
    else
      for (Value operand : valuesUsedBy(op))
        key.push_back(numberIn(frame, operand));
    if (const Numbers *known = find(key))
      return *known;
    flop += countFlop(*op, branch);
    return (*scopes.back())[key] = newNumbers(op->getNumResults());
  }

  uint64_t numberOfSize(const std::string &size) {
    return sizes.try_emplace(size, sizes.size()).first->second;
  }

  /// The same for ops that differ in what they use only.
  uint64_t classOf(Operation *op) {
    return reinterpret_cast<uint64_t>(equalOps.first(op, OperationEquivalence::ignoreHashValue,
                                                     [](Value, Value) { return true; }));
  }

  FormOf formOf;
  Branch branch;
  FlopCount flop;
  uint64_t fresh = 0;
  llvm::DenseMap<Value, uint64_t> outer;
  llvm::StringMap<uint64_t> sizes;
  EqualOps equalOps;
  SmallVector<Scope *> scopes;
};
} // namespace

void priceSinks(Plan &plan, llvm::function_ref<const RehearsedForm *(const PlanNode &)> formOf) {
  for (Branch branch : {Branch::Then, Branch::Else}) {
    ValueNumbers numbers(formOf, branch);
    std::map<Block *, ValueNumbers::Scope> scopes;
    for (PlannedSinks &root : plan.roots) {
      SmallVector<ValueNumbers::Scope *> around;
      for (Block *block = root.sinks.front()->getBlock(); block;
           block = block->getParentOp() ? block->getParentOp()->getBlock() : nullptr)
        around.insert(around.begin(), &scopes[block]);
      FlopCount flop = numbers.price(root, llvm::map_to_vector(root.sinks, sinkOf), around);
      (branch == Branch::Then ? root.flop : root.otherFlop) = flop;
    }
  }
}

} // namespace attune::rewrite
