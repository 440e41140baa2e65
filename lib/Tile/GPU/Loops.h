// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Schedules of linalg.generic for graphics processors. Each emits kernels in front of the op and
// returns true, or leaves everything as it is.
#ifndef ATTUNE_LIB_TILE_GPU_LOOPS_H
#define ATTUNE_LIB_TILE_GPU_LOOPS_H

#include "../Nest.h"
#include "attune/Tile/GPU/ChipSpec.h"

namespace attune::tile {

/// Loops of a nest that are walked as one, the last fastest.
struct LoopGroup {
  llvm::SmallVector<int64_t> loops;
  Values sizes;
  /// Their product.
  Value count;

  LoopGroup() = default;
  LoopGroup(Emitter &e, const Nest &nest, llvm::ArrayRef<int64_t> loops);
  bool empty() const { return loops.empty(); }
  /// Sets the loops' values for number `linear`.
  void place(Emitter &e, Value linear, llvm::MutableArrayRef<Value> ivs) const;
};

/// The results of the op's body at the loops' values; `results` stand for what the outputs hold.
Values evaluateBody(Emitter &e, const Nest &nest, ValueRange ivs, ValueRange results);

/// A reduction's result: what it begins with, and what is done to each element afterwards.
struct FusedReduction {
  const Nest &nest;
  /// Sets the result; none where its buffer holds what the reduction adds to.
  std::optional<Nest> init;
  std::vector<Nest> after;

  /// Joins `value` with what the result of the loops' values begins with, and stores it.
  void put(Emitter &e, ValueRange ivs, Value value,
           llvm::function_ref<Value(Value, Value)> join) const;
};

/// Parts that a long reduction is cut into: they follow from its length alone.
Value partsOf(Emitter &e, Value length);

bool emitGpuContraction(Emitter &e, const FusedReduction &outcome, const ChipSpec &shape);
bool emitGpuReduction(Emitter &e, const FusedReduction &outcome);

/// Regions with kRowLoopsAttr, kItemLoopsAttr and kSegmentLoopAttr.
bool emitGpuRows(Emitter &e, llvm::ArrayRef<Nest> nests, int64_t rowLoops, const ChipSpec &shape);
bool emitGpuItems(Emitter &e, mlir::Block &ops, int64_t itemLoops);
/// A kernel in which a block has a segment, where there are enough of them; else the loop stays.
void emitGpuSegments(Emitter &e, mlir::scf::ForOp loop);

} // namespace attune::tile

#endif
