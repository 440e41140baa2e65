// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One allocation for a call. Memory that a buffer leaves is taken by the next without going back to
// the system, which would have to clear it again: at a million rows each buffer is 256 MB.
#include "ArenaPlan.h"

#include "attune/Sizes/EntryAttrs.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace attune {
#define GEN_PASS_DEF_PLANARENAPASS
#include "attune/Transforms/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

namespace {
/// The named sizes of a function, from its arguments' dimensions.
class Sizes {
public:
  Sizes(OpBuilder &b, func::FuncOp function) : b(b), function(function) {}

  /// Null where no argument has such a dimension.
  Value operator()(StringRef symbol) {
    Value &size = known[symbol];
    if (!size)
      size = find(symbol);
    return size;
  }

private:
  Value find(StringRef symbol) {
    Location loc = function.getLoc();
    for (BlockArgument argument : function.getArguments()) {
      auto type = dyn_cast<MemRefType>(argument.getType());
      for (int64_t d = 0; type && d < type.getRank(); ++d) {
        if (!type.isDynamicDim(d))
          continue;
        // A dimension of one size, as "N", "N+1" or "2*N-1".
        std::optional<runtime::SizeSum> sum = sumOf(sizeOf(argument, d));
        if (!sum || sum->names() != std::vector<std::string>{symbol.str()})
          continue;
        Value size = memref::DimOp::create(b, loc, argument, d);
        auto number = [&](int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); };
        if (sum->constant != 0)
          size = arith::SubIOp::create(b, loc, size, number(sum->constant));
        int64_t factor = sum->factors.begin()->second;
        return factor == 1 ? size : arith::DivSIOp::create(b, loc, size, number(factor));
      }
    }
    return {};
  }

  OpBuilder &b;
  func::FuncOp function;
  llvm::StringMap<Value> known;
};

struct PlanArenaPass : attune::impl::PlanArenaPassBase<PlanArenaPass> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal() || !function.getBody().hasOneBlock())
      return;
    ArenaPlan plan = planArena(function);
    // A single buffer is a single allocation already.
    if (plan.buffers.size() < 2)
      return;
    OpBuilder b = OpBuilder::atBlockBegin(&function.getBody().front());
    Location loc = function.getLoc();
    Sizes sizes(b, function);
    SmallVector<Value> offsets;
    Value end = arith::ConstantIndexOp::create(b, loc, 0);
    for (const SizePoly &slot : plan.slots) {
      offsets.push_back(end);
      Value bytes = (slot + SizePoly(kSlotAlignment - 1)).build(b, loc, [&](StringRef symbol) {
        return sizes(symbol);
      });
      // Nothing is changed yet but for index arithmetic.
      if (!bytes)
        return;
      Value mask = arith::ConstantIndexOp::create(b, loc, -kSlotAlignment);
      end = arith::AddIOp::create(b, loc, end, arith::AndIOp::create(b, loc, bytes, mask));
    }
    MemRefType bytes = MemRefType::get({ShapedType::kDynamic}, b.getI8Type());
    Value arena = memref::AllocOp::create(b, loc, bytes, ValueRange(end),
                                          b.getI64IntegerAttr(kSlotAlignment));
    for (ArenaPlan::Buffer &buffer : plan.buffers) {
      b.setInsertionPoint(buffer.alloc);
      Value view = memref::ViewOp::create(b, buffer.alloc.getLoc(), buffer.alloc.getType(), arena,
                                          offsets[buffer.slot], buffer.alloc.getDynamicSizes());
      buffer.dealloc.erase();
      buffer.alloc.replaceAllUsesWith(view);
      buffer.alloc.erase();
      ++numPlaced;
    }
    b.setInsertionPoint(function.getBody().front().getTerminator());
    memref::DeallocOp::create(b, loc, arena);
  }
};
} // namespace
