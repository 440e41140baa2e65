// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// attune-outline-tasks: every outermost parallel loop becomes a function of what it uses from
// outside, and equal functions become one. A model of L equal layers then costs the later stages
// and LLVM the code of one layer: without it their time grows faster than the number of layers,
// because all loops stand in one function.

#include "attune/Target/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/SetVector.h"

#include <map>

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_OUTLINETASKSPASS
#include "attune/Target/Passes.h.inc"

namespace {
struct OutlineTasks : impl::OutlineTasksPassBase<OutlineTasks> {
  void runOnOperation() override {
    SmallVector<scf::ParallelOp> loops;
    for (func::FuncOp function : getOperation().getOps<func::FuncOp>())
      function.walk<WalkOrder::PreOrder>([&](scf::ParallelOp loop) {
        // Reductions would need results; nobody here makes them.
        if (loop.getNumResults() == 0)
          loops.push_back(loop);
        return WalkResult::skip();
      });
    SymbolTable symbols(getOperation());
    known.clear();
    for (scf::ParallelOp loop : loops)
      outline(loop, symbols);
  }

private:
  void outline(scf::ParallelOp loop, SymbolTable &symbols);
  func::FuncOp uniqued(func::FuncOp task, SymbolTable &symbols);

  /// Made functions by type and number of ops, to be compared.
  std::map<std::pair<const void *, unsigned>, SmallVector<func::FuncOp>> known;
};
} // namespace

static unsigned countOps(Operation *op) {
  unsigned count = 0;
  op->walk([&](Operation *) { ++count; });
  return count;
}

/// An equal function made before (then `task` is gone), or `task`.
func::FuncOp OutlineTasks::uniqued(func::FuncOp task, SymbolTable &symbols) {
  SmallVector<func::FuncOp> &candidates =
      known[{task.getFunctionType().getAsOpaquePointer(), countOps(task)}];
  for (func::FuncOp other : candidates)
    if (OperationEquivalence::isRegionEquivalentTo(&task.getBody(), &other.getBody(),
                                                   OperationEquivalence::IgnoreLocations)) {
      symbols.erase(task);
      ++numShared;
      return other;
    }
  candidates.push_back(task);
  return task;
}

void OutlineTasks::outline(scf::ParallelOp loop, SymbolTable &symbols) {
  llvm::SetVector<Value> used(loop->operand_begin(), loop->operand_end());
  getUsedValuesDefinedAbove(loop.getRegion(), used);
  // Constants are made again inside, so that the task's code can use them.
  SmallVector<Value> captured, constants;
  for (Value value : used)
    (matchPattern(value, m_Constant()) ? constants : captured).push_back(value);

  OpBuilder b(loop);
  Location loc = loop.getLoc();
  FunctionType type = b.getFunctionType(ValueRange(captured).getTypes(), {});
  func::FuncOp task = func::FuncOp::create(loc, "task", type);
  task.setPrivate();
  symbols.insert(task); // finds a name that is free
  Block *entry = task.addEntryBlock();
  func::CallOp call = func::CallOp::create(b, loc, task, captured);

  b.setInsertionPointToStart(entry);
  IRMapping mapping;
  mapping.map(captured, entry->getArguments());
  for (Value constant : constants)
    b.clone(*constant.getDefiningOp(), mapping);
  b.clone(*loop, mapping);
  func::ReturnOp::create(b, loc);
  loop.erase();
  ++numOutlined;
  call.setCallee(uniqued(task, symbols).getName());
}

} // namespace attune
