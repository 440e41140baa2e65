// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// attune-large-pages: a call's block of memory is new to the process each time, and the first touch
// of each 4 KiB page costs about a microsecond: a quarter of the time of a vision model. Linux
// backs a block by pages of 2 MiB where it is asked to; nothing is kept between calls.

#include "attune/Target/CPU/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/TargetParser/Triple.h"

namespace attune {
#define GEN_PASS_DEF_LARGEPAGESPASS
#include "attune/Target/CPU/Passes.h.inc"
} // namespace attune

using namespace mlir;

/// From the kernel's interface, the same on all of its processors.
static constexpr int32_t kAdviseHugePages = 14;
static constexpr int64_t kPage = int64_t(2) << 20;
/// Blocks that contain a whole page wherever they begin.
static constexpr int64_t kSmallestBlock = 2 * kPage;

/// The part of [block, block + bytes) that is whole pages.
static std::pair<Value, Value> wholePages(OpBuilder &b, Location loc, Value block, Value bytes) {
  Type i64 = b.getI64Type();
  auto constant = [&](int64_t value) {
    return LLVM::ConstantOp::create(b, loc, i64, b.getI64IntegerAttr(value));
  };
  Value first = LLVM::PtrToIntOp::create(b, loc, i64, block);
  Value last = LLVM::AddOp::create(b, loc, first, bytes);
  Value begin = LLVM::AndOp::create(b, loc, LLVM::AddOp::create(b, loc, first, constant(kPage - 1)),
                                    constant(-kPage));
  Value end = LLVM::AndOp::create(b, loc, last, constant(-kPage));
  return {begin, LLVM::SubOp::create(b, loc, end, begin)};
}

/// ptr allocate(i64): malloc, and for large blocks the advice.
static LLVM::LLVMFuncOp makeAllocate(ModuleOp module, LLVM::LLVMFuncOp malloc) {
  OpBuilder b = OpBuilder::atBlockEnd(module.getBody());
  Location loc = malloc.getLoc();
  Type i32 = b.getI32Type(), i64 = b.getI64Type(), ptr = LLVM::LLVMPointerType::get(b.getContext());
  auto madvise = module.lookupSymbol<LLVM::LLVMFuncOp>("madvise");
  if (!madvise)
    madvise = LLVM::LLVMFuncOp::create(b, loc, "madvise",
                                       LLVM::LLVMFunctionType::get(i32, {ptr, i64, i32}));
  auto function = LLVM::LLVMFuncOp::create(b, loc, "allocate", malloc.getFunctionType());
  Block *entry = function.addEntryBlock(b), *large = b.createBlock(&function.getBody()),
        *done = b.createBlock(&function.getBody());
  b.setInsertionPointToEnd(entry);
  Value bytes = entry->getArgument(0);
  Value block = LLVM::CallOp::create(b, loc, malloc, bytes).getResult();
  Value smallest = LLVM::ConstantOp::create(b, loc, i64, b.getI64IntegerAttr(kSmallestBlock));
  Value isLarge = LLVM::ICmpOp::create(b, loc, LLVM::ICmpPredicate::uge, bytes, smallest);
  Value isThere = LLVM::ICmpOp::create(b, loc, LLVM::ICmpPredicate::ne, block,
                                       LLVM::ZeroOp::create(b, loc, ptr));
  LLVM::CondBrOp::create(b, loc, LLVM::AndOp::create(b, loc, isLarge, isThere), large, done);
  b.setInsertionPointToEnd(large);
  auto [begin, size] = wholePages(b, loc, block, bytes);
  Value advice = LLVM::ConstantOp::create(b, loc, i32, b.getI32IntegerAttr(kAdviseHugePages));
  // Advice that the kernel does not take changes nothing.
  LLVM::CallOp::create(b, loc, madvise,
                       ValueRange{LLVM::IntToPtrOp::create(b, loc, ptr, begin), size, advice});
  LLVM::BrOp::create(b, loc, done);
  b.setInsertionPointToEnd(done);
  LLVM::ReturnOp::create(b, loc, block);
  return function;
}

namespace {
struct LargePages : attune::impl::LargePagesPassBase<LargePages> {
  using LargePagesPassBase::LargePagesPassBase;

  void runOnOperation() override {
    auto malloc = getOperation().lookupSymbol<LLVM::LLVMFuncOp>("malloc");
    if (!malloc || (!triple.empty() && !llvm::Triple(triple).isOSLinux()))
      return;
    SmallVector<LLVM::CallOp> calls;
    getOperation().walk([&](LLVM::CallOp call) {
      if (call.getCallee() == malloc.getName())
        calls.push_back(call);
    });
    if (calls.empty())
      return;
    LLVM::LLVMFuncOp allocate = makeAllocate(getOperation(), malloc);
    for (LLVM::CallOp call : calls)
      call.setCallee(allocate.getName());
  }
};
} // namespace
