// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where a function's buffers lie in one block of memory that is made when the function starts.
#ifndef ATTUNE_LIB_TRANSFORMS_ARENAPLAN_H
#define ATTUNE_LIB_TRANSFORMS_ARENAPLAN_H

#include "attune/Dialect/Attn/MatrixFacts.h"
#include "attune/Sizes/SizePoly.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace attune {

/// Every slot begins at a multiple of that many bytes.
inline constexpr int64_t kSlotAlignment = 64;

/// The larger coefficient of each term, so that the result is at least `a` and at least `b`.
SizePoly joined(SizePoly a, const SizePoly &b);
/// Whether a is at most b whatever the sizes.
bool isAtMost(const SizePoly &a, const SizePoly &b);
/// Bytes of a buffer.
SizePoly bytesOf(mlir::Value buffer);

struct ArenaPlan {
  struct Buffer {
    mlir::memref::AllocOp alloc;
    mlir::memref::DeallocOp dealloc;
    unsigned slot;
  };
  /// Bytes of each slot. A slot holds one buffer at a time.
  llvm::SmallVector<SizePoly> slots;
  llvm::SmallVector<Buffer> buffers;

  /// Bytes of all slots, with what their alignment may cost.
  SizePoly total() const;
  bool holds(mlir::memref::AllocOp alloc) const;
};

/// Plans all buffers whose sizes are known when the function starts and that are freed in the block
/// in which they are made.
ArenaPlan planArena(mlir::func::FuncOp function);

} // namespace attune

#endif
