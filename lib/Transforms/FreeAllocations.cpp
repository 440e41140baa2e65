// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ownership-based deallocation frees all buffers of a function in one op, which
// buffer-deallocation-simplification takes apart by comparing each buffer with each other one (2 s
// for SOFT-Huge). Where all of them are different allocations there is
// nothing to compare.

#include "attune/Transforms/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"

namespace attune {
#define GEN_PASS_DEF_FREEALLOCATIONSPASS
#include "attune/Transforms/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

/// The allocation that starts at this buffer, or null.
static Value allocationOf(Value buffer) {
  if (auto metadata = buffer.getDefiningOp<memref::ExtractStridedMetadataOp>())
    if (buffer == metadata.getBaseBuffer())
      buffer = metadata.getSource();
  return buffer.getDefiningOp<memref::AllocOp>() ? buffer : Value();
}

static void replace(bufferization::DeallocOp dealloc) {
  if (!dealloc.getRetained().empty() || !llvm::all_of(dealloc.getConditions(), [](Value condition) {
        return matchPattern(condition, m_One());
      }))
    return;
  llvm::SetVector<Value> allocations;
  for (Value buffer : dealloc.getMemrefs())
    if (Value allocation = allocationOf(buffer); !allocation || !allocations.insert(allocation))
      return;
  OpBuilder b(dealloc);
  for (Value allocation : allocations)
    memref::DeallocOp::create(b, dealloc.getLoc(), allocation);
  dealloc.erase();
}

namespace {
struct FreeAllocationsPass : attune::impl::FreeAllocationsPassBase<FreeAllocationsPass> {
  using FreeAllocationsPassBase::FreeAllocationsPassBase;

  void runOnOperation() override {
    getOperation().walk([](bufferization::DeallocOp dealloc) { replace(dealloc); });
  }
};
} // namespace
