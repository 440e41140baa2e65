// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which ops one kernel of a graphics processor can do: the rules of attune-gpu-group.
#ifndef ATTUNE_LIB_TILE_GPU_GROUPRULES_H
#define ATTUNE_LIB_TILE_GPU_GROUPRULES_H

#include "Launch.h"
#include "attune/Sizes/Sizes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/SetVector.h"

namespace attune::attn {
class StreamOp;
} // namespace attune::attn

namespace attune::tile {

using mlir::linalg::LinalgOp;

// GroupRules.cpp

/// The next op that touches memory, in front of `op` or behind it; views, and buffers that begin or
/// end, do not.
LinalgOp opBefore(mlir::Operation *op);
LinalgOp opAfter(mlir::Operation *op);

/// What an op uses, its body included.
llvm::SetVector<Value> buffersOf(mlir::Operation *op);

/// Parameters of a kernel that uses these buffers, and the most that a group may need, of the 512
/// that a launch has room for.
int64_t parametersOf(const llvm::SetVector<Value> &buffers);
inline constexpr int64_t kMostParameters = 400;

/// Whether the op sets or changes each element of `out` alone: all loops are parallel, `out` is
/// walked by all of them in order, and nothing else that the op names is in the same buffer.
bool isElementwiseOn(LinalgOp op, Value out);

/// Whether the op's body uses what its output held.
bool readsOutput(LinalgOp op);

/// Loops 0 .. `count` - 1 of the op are parallel, and each buffer is walked by all of them, in
/// order, in its first dimensions, or by none of them.
bool walksRows(LinalgOp op, unsigned count);

/// The op in front of the stream that sets all of `out` to 0; none where something else is done
/// with memory in between than other buffers filled.
mlir::linalg::FillOp fillOfZero(attn::StreamOp stream, Value out);

/// Ops over the same rows, one for a warp, or over the same entries of a batch, one for a block. A
/// row or an entry is what `loops` leading loops count.
class Rows {
public:
  enum class Kind { Row, Item };
  /// The group that begins with `first`; `loops` is 0 where none does.
  Rows(LinalgOp first, Kind kind);

  llvm::SmallVector<LinalgOp> ops;
  unsigned loops = 0;
  /// Adds the op if it belongs to the group.
  bool add(LinalgOp op);

private:
  Kind kind;
  /// What the ops use: parameters of the kernel.
  llvm::SetVector<Value> buffers;
  /// The op has rows or entries of `count` loops that are small. A warp sums up nothing else than a
  /// row.
  bool serves(LinalgOp op, unsigned count);
  /// Iterations of a loop that is a dimension of the result; none where the size has no name.
  static std::optional<SizePoly> sizeOf(LinalgOp op, unsigned loop);
  static bool haveSameRows(LinalgOp a, LinalgOp b, unsigned count);
  /// What one of the ops writes and the other one uses, both walk by rows of the same view.
  static bool agree(LinalgOp a, LinalgOp b);
};

// GroupSegments.cpp

/// Whether each iteration sets the whole buffer before it uses it, and nobody else uses it.
bool isTemporaryOf(mlir::scf::ForOp loop, mlir::memref::AllocOp alloc);

/// Whether iterations of the loop, over segments 0, 1, .., have nothing to do with each other: an
/// op writes rows of its segment, or a temporary.
bool isOverSegments(mlir::scf::ForOp loop);

// SinkReads.cpp

/// Ops read numbers that the host would read, compute with and hand to them themselves.
void moveReadsIntoKernels(mlir::func::FuncOp function);

} // namespace attune::tile

#endif
