// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The memory that a function needs: bytes of the buffers that are alive together, in the order in
// which they are made and freed. Two such sums can't always be compared (768*N, and 12*E + 512*N);
// then both are kept. Their constant terms are joined to the largest, which is small next to the
// rest.
#include "ArenaPlan.h"
#include "attune/Sizes/Assumptions.h"

#include "attune/Dialect/NN/Graph.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Transforms/Passes.h"

#include "mlir/Dialect/MemRef/Utils/MemRefUtils.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_REPORTMEMORYPASS
#include "attune/Transforms/Passes.h.inc"

namespace {

/// Bytes that tasks of the loops for an edge take while it is sorted: its row, number and column.
constexpr int64_t kSortBytes = 12;
/// Bytes for a node in the queues and distances of 64 tasks that search, and in a list of results.
constexpr int64_t kSearchBytes = 64 * (4 + 4) + 4;
/// More sums than that are joined to one.
constexpr size_t kMostPeaks = 3;

/// What an op allocates and frees when it becomes loops.
SizePoly scratchOf(Operation *op) {
  return llvm::TypeSwitch<Operation *, SizePoly>(op)
      .Case<nn::CsrOp>(
          [](auto csr) { return elementCount(csr.getColumns()) * SizePoly(kSortBytes); })
      .Case<nn::HopLayoutOp, nn::HopTableOp>(
          [](auto hops) { return elementCount(hops.getOffsets()) * SizePoly(kSearchBytes); })
      .Default(SizePoly());
}

/// Bytes alive together, of all buffers but those of a plan.
class Meter {
public:
  explicit Meter(const ArenaPlan &plan) : plan(plan) {}
  struct Peak {
    SizePoly bytes;
    Operation *at;
  };

  void visit(Region &region) {
    for (Block &block : region)
      for (Operation &op : block)
        visit(op);
  }

  SmallVector<Peak> peaks;
  /// The largest constant term.
  int64_t fixed = 0;

  /// Where most is alive; null where no size matters.
  Operation *place() const {
    auto more = [](const Peak &a, const Peak &b) {
      return assumedValue(a.bytes) < assumedValue(b.bytes);
    };
    return peaks.empty() ? nullptr : llvm::max_element(peaks, more)->at;
  }

private:
  void visit(Operation &op);
  void visitBranches(Operation &op);
  void note(SizePoly bytes, Operation *at);
  void make(Value buffer, SizePoly bytes) {
    live += bytes;
    alive[buffer] = bytes;
  }
  /// Bytes of what the value shows, which is no longer counted.
  SizePoly release(Value value) {
    auto buffer = dyn_cast<MemrefValue>(value);
    auto found = buffer ? alive.find(memref::skipViewLikeOps(buffer)) : alive.end();
    if (found == alive.end())
      return SizePoly();
    SizePoly bytes = found->second;
    live = live - bytes;
    alive.erase(found);
    return bytes;
  }

  const ArenaPlan &plan;
  SizePoly live;
  DenseMap<Value, SizePoly> alive;
};

void Meter::note(SizePoly bytes, Operation *at) {
  if (auto constant = bytes.terms.find({}); constant != bytes.terms.end()) {
    fixed = std::max(fixed, constant->second);
    bytes.terms.erase(constant);
  }
  if (bytes.isZero())
    return;
  if (llvm::any_of(peaks, [&](const Peak &peak) { return isAtMost(bytes, peak.bytes); }))
    return;
  llvm::erase_if(peaks, [&](const Peak &peak) { return isAtMost(peak.bytes, bytes); });
  peaks.push_back({std::move(bytes), at});
}

void Meter::visitBranches(Operation &op) {
  SizePoly before = live, after;
  SmallVector<SizePoly> results(op.getNumResults());
  for (Region &region : op.getRegions()) {
    live = before;
    visit(region);
    if (!region.empty() && isa<RegionBranchTerminatorOpInterface>(region.back().getTerminator()))
      for (auto [given, bytes] : llvm::zip(region.back().getTerminator()->getOperands(), results))
        bytes = joined(bytes, release(given));
    after = joined(after, live);
  }
  live = after;
  for (auto [result, bytes] : llvm::zip(op.getResults(), results))
    if (!bytes.isZero())
      make(result, bytes);
}

void Meter::visit(Operation &op) {
  if (auto alloc = dyn_cast<memref::AllocOp>(op)) {
    if (plan.holds(alloc))
      return;
    make(alloc, bytesOf(alloc));
    return note(live, &op);
  }
  if (auto dealloc = dyn_cast<memref::DeallocOp>(op)) {
    release(dealloc.getMemref());
    return;
  }
  SizePoly scratch = scratchOf(&op);
  if (!scratch.isZero())
    return note(live + scratch, &op);
  if (op.getNumRegions() && isa<RegionBranchOpInterface>(op))
    visitBranches(op);
}

/// "512*N + max(256*N, 12*E) + 4104".
std::string formula(SizePoly always, ArrayRef<Meter::Peak> peaks, int64_t fixed) {
  SizePoly all;
  for (const Meter::Peak &peak : peaks)
    all = joined(all, peak.bytes);
  if (peaks.size() < 2 || peaks.size() > kMostPeaks)
    return (always + all + SizePoly(fixed)).str();
  std::string text;
  for (const Meter::Peak &peak : peaks)
    text += (text.empty() ? "max(" : ", ") + peak.bytes.str();
  text += ")";
  always += SizePoly(fixed);
  return always.isZero() ? text : text + " + " + always.str();
}

struct ReportMemoryPass : attune::impl::ReportMemoryPassBase<ReportMemoryPass> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (!getContext().getRemarkEngine() || function.isExternal() || !function.isPublic())
      return;
    ArenaPlan none, plan = planArena(function);
    Meter all(none), others(plan);
    all.visit(function.getBody());
    others.visit(function.getBody());
    Operation *at = all.place() ? all.place() : function.getOperation();
    remark::analysis(
        at->getLoc(),
        remark::RemarkOpts::name("memory").category("attune.memory").function(function.getName()))
        << remark::metric("bytes", formula(plan.total(), others.peaks, others.fixed));
  }
};

} // namespace
} // namespace attune
