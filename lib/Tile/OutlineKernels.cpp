// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// attune-outline-kernels: every op that the tile passes turn into loops becomes a function of what
// it uses from outside, and equal functions become one. A model of L equal layers then costs the
// later stages and LLVM the code of one layer: without it their time grows faster than the number
// of layers, because all loops stand in one function.

#include "attune/Tile/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/SetVector.h"

#include <map>

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_OUTLINEKERNELSPASS
#include "attune/Tile/Passes.h.inc"

namespace {
struct OutlineKernels : impl::OutlineKernelsPassBase<OutlineKernels> {
  void runOnOperation() override {
    SmallVector<Operation *> kernels;
    for (func::FuncOp function : getOperation().getOps<func::FuncOp>())
      function.walk<WalkOrder::PreOrder>([&](Operation *op) {
        bool isKernel =
            isa<DestinationStyleOpInterface, memref::CopyOp, scf::ParallelOp, scf::ExecuteRegionOp>(
                op) &&
            op->getNumResults() == 0;
        if (!isKernel || llvm::any_of(op->getOperandTypes(), llvm::IsaPred<TensorType>))
          return WalkResult::advance();
        kernels.push_back(op);
        return WalkResult::skip();
      });
    SymbolTable symbols(getOperation());
    known.clear();
    for (Operation *kernel : kernels)
      outline(kernel, symbols);
  }

private:
  void outline(Operation *kernel, SymbolTable &symbols);
  func::FuncOp uniqued(func::FuncOp function, SymbolTable &symbols);

  /// Made functions by type and number of ops, to be compared.
  std::map<std::pair<const void *, unsigned>, SmallVector<func::FuncOp>> known;
};
} // namespace

static unsigned countOps(Operation *op) {
  unsigned count = 0;
  op->walk([&](Operation *) { ++count; });
  return count;
}

/// An equal function made before (then `function` is gone), or `function`.
func::FuncOp OutlineKernels::uniqued(func::FuncOp function, SymbolTable &symbols) {
  SmallVector<func::FuncOp> &candidates =
      known[{function.getFunctionType().getAsOpaquePointer(), countOps(function)}];
  for (func::FuncOp other : candidates)
    if (OperationEquivalence::isRegionEquivalentTo(&function.getBody(), &other.getBody(),
                                                   OperationEquivalence::IgnoreLocations)) {
      symbols.erase(function);
      ++numShared;
      return other;
    }
  candidates.push_back(function);
  return function;
}

void OutlineKernels::outline(Operation *kernel, SymbolTable &symbols) {
  llvm::SetVector<Value> used(kernel->operand_begin(), kernel->operand_end());
  for (Region &region : kernel->getRegions())
    getUsedValuesDefinedAbove(region, used);
  // Constants are made again inside, so that the kernel's code can use them.
  SmallVector<Value> captured, constants;
  for (Value value : used)
    (matchPattern(value, m_Constant()) ? constants : captured).push_back(value);

  OpBuilder b(kernel);
  Location loc = kernel->getLoc();
  FunctionType type = b.getFunctionType(ValueRange(captured).getTypes(), {});
  func::FuncOp function = func::FuncOp::create(loc, "kernel", type);
  function.setPrivate();
  symbols.insert(function); // finds a name that is free
  Block *entry = function.addEntryBlock();
  func::CallOp call = func::CallOp::create(b, loc, function, captured);

  b.setInsertionPointToStart(entry);
  IRMapping mapping;
  mapping.map(captured, entry->getArguments());
  for (Value constant : constants)
    b.clone(*constant.getDefiningOp(), mapping);
  b.clone(*kernel, mapping);
  func::ReturnOp::create(b, loc);
  kernel->erase();
  ++numOutlined;
  call.setCallee(uniqued(function, symbols).getName());
}

} // namespace attune
