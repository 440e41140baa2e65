// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Numbers that ops form on the device and that other ops need, a norm say, stay there: where the
// host would read such a number, compute with it and hand it to kernels, the ops that need it read
// it themselves. Reading on the host waits for all kernels before.
#include "GroupRules.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace attune::tile {

namespace {

/// A read of the host, the numbers that it computes from it, and the ops whose bodies use them.
struct Read {
  memref::LoadOp load;
  llvm::SetVector<Operation *> numbers;
  llvm::SetVector<Operation *> users;
};

bool isNumber(Operation *op) {
  return isMemoryEffectFree(op) && op->getNumRegions() == 0 && op->getNumResults() == 1 &&
         op->getResult(0).getType().isIntOrFloat();
}

/// None where the number is needed for something else.
std::optional<Read> followRead(memref::LoadOp load) {
  Read read{load, {}, {}};
  SmallVector<Operation *> open{load};
  while (!open.empty()) {
    Operation *op = open.pop_back_val();
    for (Operation *user : op->getResult(0).getUsers()) {
      auto around = user->getParentOfType<LinalgOp>();
      if (around && around.hasPureBufferSemantics() && around->getBlock() == load->getBlock())
        read.users.insert(around);
      else if (around || user->getBlock() != load->getBlock() || !isNumber(user))
        return std::nullopt;
      else if (read.numbers.insert(user))
        open.push_back(user);
    }
  }
  return read.users.empty() ? std::nullopt : std::optional(read);
}

/// Whether the op, or one inside of it, may change the buffer; the end of the buffer does not
/// count.
bool mayWrite(Operation *op, Value root) {
  return op
      ->walk([&](Operation *inner) {
        if (isMemoryEffectFree(inner) ||
            isa<memref::AllocOp, memref::DeallocOp, memref::LoadOp>(inner))
          return WalkResult::advance();
        if (inner != op && inner->getParentOfType<LinalgOp>())
          return WalkResult::advance();
        if (auto known = dyn_cast<DestinationStyleOpInterface>(inner)) {
          bool writes = llvm::any_of(known.getDpsInits(), [&](Value init) {
            return isa<MemRefType>(init.getType()) && rootOf(init) == root;
          });
          return writes ? WalkResult::interrupt() : WalkResult::advance();
        }
        if (isa<scf::ForOp, scf::IfOp, scf::WhileOp>(inner))
          return WalkResult::advance();
        return WalkResult::interrupt();
      })
      .wasInterrupted();
}

/// The user of the read that comes last, if the buffer holds the number until then.
Operation *lastUserOf(const Read &read) {
  Operation *last = read.users.front();
  for (Operation *user : read.users)
    if (last->isBeforeInBlock(user))
      last = user;
  Value root = rootOf(read.load->getOperand(0));
  for (Operation *op = read.load->getNextNode(); op != last; op = op->getNextNode())
    if (mayWrite(op, root))
      return nullptr;
  // It must not change the buffer that it reads either.
  return mayWrite(last, root) ? nullptr : last;
}

/// Clones what leads from reads to `value` to the builder's place.
Value cloneFrom(OpBuilder &b, Value value, const llvm::SmallPtrSetImpl<Operation *> &moved,
                IRMapping &mapping) {
  Operation *op = value.getDefiningOp();
  if (!op || !moved.contains(op))
    return value;
  if (Value known = mapping.lookupOrNull(value))
    return known;
  for (Value operand : op->getOperands())
    mapping.map(operand, cloneFrom(b, operand, moved, mapping));
  return b.clone(*op, mapping)->getResult(0);
}

} // namespace

void moveReadsIntoKernels(func::FuncOp function) {
  SmallVector<Read> reads;
  function.walk([&](memref::LoadOp load) {
    if (load->getParentOfType<DestinationStyleOpInterface>() || !load.getType().isIntOrFloat() ||
        !llvm::all_of(load.getIndices(),
                      [](Value index) { return getConstantIntValue(index).has_value(); }))
      return;
    if (std::optional<Read> read = followRead(load))
      if (lastUserOf(*read))
        reads.push_back(std::move(*read));
  });
  // A number that is made of a read that stays with the host stays there, too.
  llvm::SmallPtrSet<Operation *, 16> moved;
  size_t before;
  do {
    before = reads.size();
    moved.clear();
    for (const Read &read : reads) {
      moved.insert(read.load);
      moved.insert(read.numbers.begin(), read.numbers.end());
    }
    llvm::erase_if(reads, [&](const Read &read) {
      return llvm::any_of(read.numbers, [&](Operation *number) {
        return llvm::any_of(number->getOperands(), [&](Value operand) {
          auto load = operand.getDefiningOp<memref::LoadOp>();
          return load && !moved.contains(load);
        });
      });
    });
  } while (reads.size() != before);
  llvm::SetVector<Operation *> users;
  for (const Read &read : reads) {
    users.insert(read.users.begin(), read.users.end());
    Operation *last = lastUserOf(read);
    Value root = rootOf(read.load->getOperand(0));
    for (Operation *user : llvm::make_early_inc_range(root.getUsers()))
      if (isa<memref::DeallocOp>(user) && user->getBlock() == last->getBlock() &&
          user->isBeforeInBlock(last))
        user->moveAfter(last);
  }
  for (Operation *user : users) {
    Block &body = user->getRegion(0).front();
    OpBuilder b = OpBuilder::atBlockBegin(&body);
    IRMapping mapping;
    llvm::SetVector<Value> used;
    body.walk([&](Operation *op) {
      for (Value operand : op->getOperands())
        if (operand.getDefiningOp() && moved.contains(operand.getDefiningOp()))
          used.insert(operand);
    });
    for (Value value : used) {
      Value own = cloneFrom(b, value, moved, mapping);
      value.replaceUsesWithIf(own,
                              [&](OpOperand &use) { return use.getOwner()->getBlock() == &body; });
    }
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (Operation *op : llvm::to_vector(moved))
      if (op->use_empty()) {
        moved.erase(op);
        op->erase();
        changed = true;
      }
  }
}

} // namespace attune::tile
