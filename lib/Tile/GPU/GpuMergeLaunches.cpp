// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The pass attune-gpu-merge-launches: kernels of a function that have nothing to do with each other
// become one, in which each has blocks of its own. Small kernels leave most of a device idle, and
// each launch costs microseconds.
#include "GroupRules.h"

#include "attune/Support/PassAttrs.h"
#include "attune/Tile/GPU/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_GPUMERGELAUNCHESPASS
#include "attune/Tile/GPU/Passes.h.inc"

namespace {

using tile::Emitter;

struct Kernel {
  gpu::LaunchOp launch;
  llvm::SetVector<Value> reads, writes;
  /// Its place among the function's launches.
  size_t number;
  /// Kernels of a lower level come first.
  int64_t level = 0;
};

/// What the kernel does with buffers from outside; none where it is not known.
std::optional<Kernel> describe(gpu::LaunchOp launch, size_t number) {
  Kernel kernel{launch, {}, {}, number};
  auto note = [&](llvm::SetVector<Value> &set, Value memref) {
    Value root = tile::rootOf(memref);
    if (!launch->isAncestor(root.getParentRegion()->getParentOp()))
      set.insert(root);
  };
  WalkResult all = launch.getBody().walk([&](Operation *op) {
    if (auto load = dyn_cast<memref::LoadOp>(op))
      note(kernel.reads, load.getMemRef());
    else if (auto read = dyn_cast<vector::LoadOp>(op))
      note(kernel.reads, read.getBase());
    else if (auto store = dyn_cast<memref::StoreOp>(op))
      note(kernel.writes, store.getMemRef());
    else if (auto write = dyn_cast<vector::StoreOp>(op))
      note(kernel.writes, write.getBase());
    else if (auto copy = dyn_cast<nvgpu::DeviceAsyncCopyOp>(op)) {
      note(kernel.reads, copy.getSrc());
      note(kernel.writes, copy.getDst());
    } else if (!op->getNumRegions() && !isMemoryEffectFree(op) &&
               !isa<gpu::BarrierOp, gpu::TerminatorOp, gpu::ShuffleOp, gpu::DynamicSharedMemoryOp,
                    nvgpu::DeviceAsyncCreateGroupOp, nvgpu::DeviceAsyncWaitOp>(op) &&
               op->getName().getDialectNamespace() != "nvvm")
      return WalkResult::interrupt();
    return WalkResult::advance();
  });
  bool isFlat = getConstantIntValue(launch.getGridSizeY()) == 1 &&
                getConstantIntValue(launch.getGridSizeZ()) == 1 &&
                getConstantIntValue(launch.getBlockSizeX());
  return all.wasInterrupted() || !isFlat ? std::nullopt : std::optional(std::move(kernel));
}

bool conflict(const Kernel &a, const Kernel &b) {
  auto meets = [](const llvm::SetVector<Value> &one, const llvm::SetVector<Value> &other) {
    return llvm::any_of(one, [&](Value value) { return other.contains(value); });
  };
  return meets(a.writes, b.reads) || meets(a.writes, b.writes) || meets(a.reads, b.writes);
}

int64_t threadsOf(const Kernel &kernel) {
  gpu::LaunchOp launch = kernel.launch;
  return *getConstantIntValue(launch.getBlockSizeX());
}

/// What the kernel takes from outside, constants aside.
int64_t parametersOf(const Kernel &kernel) {
  llvm::SetVector<Value> used;
  getUsedValuesDefinedAbove(gpu::LaunchOp(kernel.launch).getBody(), used);
  int64_t scalars = llvm::count_if(used, [](Value value) {
    return !isa<MemRefType>(value.getType()) && !matchPattern(value, m_Constant());
  });
  used.remove_if([](Value value) { return !isa<MemRefType>(value.getType()); });
  return scalars + tile::parametersOf(used);
}

/// Clones the kernel's body for block `block` of its own grid.
void cloneBody(OpBuilder &b, gpu::LaunchOp launch, Value block) {
  IRMapping mapping;
  for (Operation &op : launch.getBody().front().without_terminator()) {
    auto id = dyn_cast<gpu::BlockIdOp>(op);
    if (id && id.getDimension() == gpu::Dimension::x)
      mapping.map(id.getResult(), block);
    else
      b.clone(op, mapping);
  }
}

/// One launch for all of them, at the builder's place.
void merge(Emitter &e, ArrayRef<Kernel> kernels) {
  std::string name;
  tile::Grid grid{e.index(0)};
  grid.threads = threadsOf(kernels.front());
  SmallVector<Value> ends;
  for (const Kernel &kernel : kernels) {
    gpu::LaunchOp launch = kernel.launch;
    grid.x = e.add(grid.x, e.max(launch.getGridSizeX(), e.index(0)));
    ends.push_back(grid.x);
    if (Value shared = launch.getDynamicSharedMemorySize())
      grid.shared = std::max(grid.shared, *getConstantIntValue(shared));
    StringRef own = launch.getFunctionAttr().getLeafReference().getValue();
    name += (name.empty() ? "" : "_") + own.rsplit('_').second.rtrim("0123456789").str();
  }
  tile::emitLaunch(e, name, grid, [&](Value, ValueRange block) {
    std::function<void(size_t)> emit = [&](size_t i) {
      Value own = i ? e.sub(block[0], ends[i - 1]) : block[0];
      if (i + 1 == kernels.size())
        return cloneBody(e.b, kernels[i].launch, own);
      e.ifThen(
          e.less(block[0], ends[i]), [&] { cloneBody(e.b, kernels[i].launch, own); },
          [&] { emit(i + 1); });
    };
    emit(0);
  });
}

struct GpuMergeLaunchesPass : impl::GpuMergeLaunchesPassBase<GpuMergeLaunchesPass> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (!function->removeAttr(kMergeAttr) || !function.getBody().hasOneBlock())
      return;
    Block &block = function.getBody().front();
    SmallVector<Kernel> kernels;
    SmallVector<memref::DeallocOp> ends;
    for (Operation &op : block.without_terminator()) {
      if (auto launch = dyn_cast<gpu::LaunchOp>(op)) {
        std::optional<Kernel> kernel = describe(launch, kernels.size());
        if (!kernel)
          return;
        kernels.push_back(std::move(*kernel));
      } else if (auto free = dyn_cast<memref::DeallocOp>(op)) {
        ends.push_back(free);
      } else if (!isMemoryEffectFree(&op) && !isa<memref::AllocOp>(op)) {
        return;
      }
    }
    for (size_t i = 0; i < kernels.size(); ++i)
      for (size_t j = 0; j < i; ++j)
        if (conflict(kernels[i], kernels[j]))
          kernels[i].level = std::max(kernels[i].level, kernels[j].level + 1);
    llvm::sort(kernels, [](const Kernel &a, const Kernel &b) {
      return std::tuple(a.level, threadsOf(a), a.number) <
             std::tuple(b.level, threadsOf(b), b.number);
    });
    // Numbers and room first, then the kernels level by level; buffers end last.
    OpBuilder b(block.getTerminator());
    for (size_t first = 0, last; first < kernels.size(); first = last) {
      int64_t parameters = parametersOf(kernels[first]);
      for (last = first + 1; last < kernels.size() && kernels[last].level == kernels[first].level &&
                             threadsOf(kernels[last]) == threadsOf(kernels[first]);
           ++last) {
        // Besides, the number of the last block of each.
        parameters += parametersOf(kernels[last]) + 1;
        if (parameters > tile::kMostParameters)
          break;
      }
      auto group = ArrayRef(kernels).slice(first, last - first);
      if (group.size() == 1) {
        kernels[first].launch->moveBefore(block.getTerminator());
        continue;
      }
      Emitter e(b, kernels[first].launch.getLoc(), {});
      merge(e, group);
      numMerged += group.size();
      for (const Kernel &kernel : group)
        gpu::LaunchOp(kernel.launch).erase();
    }
    for (memref::DeallocOp free : ends)
      free->moveBefore(block.getTerminator());
  }
};

} // namespace
} // namespace attune
