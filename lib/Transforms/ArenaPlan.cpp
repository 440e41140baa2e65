// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The largest buffers choose first, of equal ones those that are made first: the first slot that is
// free all the time and large enough, else a new one. Slots are compared as polynomials, so that a
// choice holds for all sizes.
#include "ArenaPlan.h"

#include "attune/Sizes/Assumptions.h"
#include "attune/Sizes/Sizes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace attune {

SizePoly joined(SizePoly a, const SizePoly &b) {
  for (const auto &[monomial, coefficient] : b.terms) {
    auto own = a.terms.find(monomial);
    if (coefficient > (own == a.terms.end() ? 0 : own->second))
      a.terms[monomial] = coefficient;
  }
  return a;
}

bool isAtMost(const SizePoly &a, const SizePoly &b) {
  return llvm::all_of((b - a).terms, [](const auto &term) { return term.second >= 0; });
}

SizePoly bytesOf(Value buffer) {
  Type element = cast<ShapedType>(buffer.getType()).getElementType();
  int64_t bits = element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
  return elementCount(buffer) * SizePoly((bits + 7) / 8);
}

SizePoly ArenaPlan::total() const {
  SizePoly bytes;
  for (const SizePoly &slot : slots)
    bytes += slot.getConstant() ? SizePoly(llvm::alignTo(*slot.getConstant(), kSlotAlignment))
                                : slot + SizePoly(kSlotAlignment - 1);
  return bytes;
}

bool ArenaPlan::holds(memref::AllocOp alloc) const {
  return llvm::any_of(buffers, [&](const Buffer &buffer) { return buffer.alloc == alloc; });
}

/// Whether a size is computed from the arguments' dimensions alone; lengths that are read from data
/// have bounds only.
static bool isKnownAtStart(Value size) {
  if (matchPattern(size, m_Constant()))
    return true;
  Operation *op = size.getDefiningOp();
  if (auto dim = dyn_cast_if_present<memref::DimOp>(op)) {
    auto argument = dyn_cast<BlockArgument>(dim.getSource());
    return argument && argument.getOwner()->isEntryBlock() &&
           isa<func::FuncOp>(argument.getOwner()->getParentOp());
  }
  return isa_and_present<arith::AddIOp, arith::SubIOp, arith::MulIOp, affine::AffineApplyOp>(op) &&
         llvm::all_of(op->getOperands(), isKnownAtStart);
}

static memref::DeallocOp deallocOf(memref::AllocOp alloc) {
  for (Operation *user : alloc->getUsers())
    if (auto dealloc = dyn_cast<memref::DeallocOp>(user))
      return dealloc->getBlock() == alloc->getBlock() ? dealloc : memref::DeallocOp();
  return {};
}

/// Whether the op runs one iteration after the other, if it is in loops at all.
static bool isSequential(Operation *op) {
  for (Operation *parent = op->getParentOp(); !isa<func::FuncOp>(parent);
       parent = parent->getParentOp())
    if (!isa<scf::ForOp, scf::WhileOp, scf::IfOp>(parent))
      return false;
  return true;
}

static bool canPlan(memref::AllocOp alloc) {
  return alloc.getType().getLayout().isIdentity() && deallocOf(alloc) && isSequential(alloc) &&
         llvm::all_of(alloc.getDynamicSizes(), isKnownAtStart) &&
         !elementCount(alloc).hasSymbol("?");
}

namespace {
/// When a buffer is alive, in ops from the function's start.
struct Lifetime {
  unsigned begin, end;
};
} // namespace

/// Branches come one after the other, so that the second may take what the first has freed.
static SmallVector<Lifetime> lifetimes(func::FuncOp function, ArrayRef<ArenaPlan::Buffer> buffers) {
  DenseMap<Operation *, unsigned> position;
  function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isa<memref::AllocOp, memref::DeallocOp>(op))
      position.try_emplace(op, position.size());
  });
  return llvm::map_to_vector(buffers, [&](ArenaPlan::Buffer buffer) {
    return Lifetime{position[buffer.alloc], position[buffer.dealloc]};
  });
}

ArenaPlan planArena(func::FuncOp function) {
  ArenaPlan plan;
  function.walk<WalkOrder::PreOrder>([&](memref::AllocOp alloc) {
    if (canPlan(alloc))
      plan.buffers.push_back({alloc, deallocOf(alloc), 0});
  });
  SmallVector<Lifetime> alive = lifetimes(function, plan.buffers);
  SmallVector<SizePoly> bytes = llvm::map_to_vector(
      plan.buffers, [](ArenaPlan::Buffer buffer) { return bytesOf(buffer.alloc); });
  SmallVector<unsigned> order = llvm::to_vector(llvm::seq<unsigned>(0, bytes.size()));
  llvm::sort(order, [&](unsigned a, unsigned b) {
    return std::pair(-assumedValue(bytes[a]), a) < std::pair(-assumedValue(bytes[b]), b);
  });
  SmallVector<SmallVector<Lifetime>> users;
  for (unsigned i : order) {
    auto isFree = [&](unsigned slot) {
      return isAtMost(bytes[i], plan.slots[slot]) &&
             llvm::none_of(users[slot], [&](Lifetime other) {
               return alive[i].begin < other.end && other.begin < alive[i].end;
             });
    };
    unsigned slot = 0;
    while (slot < plan.slots.size() && !isFree(slot))
      ++slot;
    if (slot == plan.slots.size()) {
      plan.slots.push_back(bytes[i]);
      users.emplace_back();
    }
    users[slot].push_back(alive[i]);
    plan.buffers[i].slot = slot;
  }
  return plan;
}

} // namespace attune
