// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A linalg.generic on memrefs as a nest of loops: sizes, and how each operand's dimensions follow
// them.
#ifndef ATTUNE_LIB_TILE_NEST_H
#define ATTUNE_LIB_TILE_NEST_H

#include "Emitter.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace attune::tile {

/// A dimension that a second loop walks too: its index is the first loop's times `factor` plus the
/// second's times `step`, as in a convolution. Both loops are static.
struct Window {
  int64_t dim, factor, loop, step;
  /// Iterations of the first and of the second loop.
  int64_t size = 0, loopSize = 0;
};

/// An operand and the loop that walks each of its dimensions; -1 where the dimension is held at 0.
/// A number is an operand without dimensions.
struct NestOperand {
  Value memref;
  llvm::SmallVector<int64_t> loops;
  llvm::SmallVector<Window, 2> windows = {};

  mlir::Type elementType() const { return mlir::getElementTypeOrSelf(memref.getType()); }
  bool uses(int64_t loop) const { return dimOf(loop) >= 0; }
  /// Position of the dimension that `loop` walks, -1 if none does.
  int64_t dimOf(int64_t loop) const {
    for (const Window &window : windows)
      if (window.loop == loop)
        return window.dim;
    const int64_t *it = llvm::find(loops, loop);
    return it == loops.end() ? -1 : it - loops.begin();
  }
  /// The second loop of dimension `dim`; null where it has one loop only.
  const Window *windowAt(int64_t dim) const {
    for (const Window &window : windows)
      if (window.dim == dim)
        return &window;
    return nullptr;
  }
  bool isContiguousIn(int64_t loop) const {
    return uses(loop) && !windowAt(dimOf(loop)) && Emitter::hasUnitStride(memref, dimOf(loop));
  }
  /// The indices for the loops' values.
  Values at(Emitter &e, ValueRange ivs) const;
  /// The element at the loops' values.
  Value load(Emitter &e, ValueRange ivs) const {
    return mlir::isa<mlir::MemRefType>(memref.getType()) ? e.load(memref, at(e, ivs)) : memref;
  }
  /// The view with the loops whose value is null.
  Value view(Emitter &e, ValueRange ivs) const;
};

struct Nest {
  mlir::linalg::GenericOp op;
  llvm::SmallVector<NestOperand> inputs, outputs;
  llvm::SmallVector<bool> isParallel;
  /// Static sizes, dynamic ones as ShapedType::kDynamic.
  llvm::SmallVector<int64_t> sizes;

  /// None where an operand isn't walked by plain loops or windows.
  static std::optional<Nest> match(mlir::linalg::GenericOp op);

  int64_t numLoops() const { return sizes.size(); }
  bool isDynamic(int64_t loop) const { return mlir::ShapedType::isDynamic(sizes[loop]); }
  Value size(Emitter &e, int64_t loop) const;
  llvm::SmallVector<int64_t> loopsOf(bool parallel) const;
  /// Product of the sizes of `loops`; `unknown` stands for dynamic ones.
  int64_t product(llvm::ArrayRef<int64_t> loops, int64_t unknown) const;
  /// The reduction loop to cut into parts where only a reduction is long; -1 if none.
  int64_t longReduction() const;
};

/// How partial results of a reduction are joined.
struct Combiner {
  mlir::Operation *op = nullptr;
  mlir::vector::CombiningKind kind = mlir::vector::CombiningKind::ADD;
  double neutral = 0.0;

  explicit operator bool() const { return op; }
  /// What a part begins with, as an attribute of the result's element type.
  mlir::TypedAttr neutralAttr() const;
  /// a joined with b: numbers or vectors.
  Value join(mlir::OpBuilder &b, mlir::Location loc, Value lhs, Value rhs) const;
};

/// The op that joins the only result of a reduction with the next element; none where the body does
/// more with it.
Combiner matchCombiner(mlir::linalg::GenericOp op);

/// Whether the op is out + a * b of its two inputs, in f32 or f64.
bool isMultiplyAdd(mlir::linalg::GenericOp op);

/// Gathers a long reduction over [0, size) in parts. `emitRange` adds the range given to the output
/// given; `combine` joins two vectors or numbers, and `neutral` (a number) is what a part begins
/// with.
void emitInParts(Emitter &e, Value out, Value size, Value neutral,
                 llvm::function_ref<Value(Value, Value)> combine,
                 llvm::function_ref<void(Value out, Value begin, Value end)> emitRange);

/// Lowers the op as a contraction, if it is one that register tiles serve.
bool emitContraction(Emitter &e, const Nest &nest);
/// Lowers a copy that exchanges the contiguous dimension for another.
bool emitTransposition(Emitter &e, const Nest &nest);
/// Lowers an elementwise op, or a reduction with a known combiner, to vector loops if it has them.
bool emitVectorLoops(Emitter &e, const Nest &nest);

} // namespace attune::tile

#endif
