// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A builder of loops over vectors: short names for index arithmetic, vector access, loops, buffers
// and the register tile that all matrix products here are made of.
#ifndef ATTUNE_LIB_TILE_EMITTER_H
#define ATTUNE_LIB_TILE_EMITTER_H

#include "VectorShape.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Builders.h"

#include <functional>

namespace attune::tile {

using mlir::Value;
using mlir::ValueRange;
using Values = llvm::SmallVector<Value>;

class Emitter {
public:
  mlir::OpBuilder &b;
  mlir::Location loc;
  VectorShape shape;
  /// The type of numbers, f32 unless made for another.
  mlir::Type real;
  /// What is emitted is part of a task already: `tasks` starts no others.
  bool inTask = false;

  Emitter(mlir::OpBuilder &b, mlir::Location loc, VectorShape shape, mlir::Type real = {})
      : b(b), loc(loc), shape(shape), real(real ? real : mlir::Type(b.getF32Type())) {}

  // Index arithmetic. Constants are folded.
  Value index(int64_t value);
  Value add(Value lhs, Value rhs);
  Value add(Value lhs, int64_t rhs) { return add(lhs, index(rhs)); }
  Value sub(Value lhs, Value rhs);
  Value mul(Value lhs, Value rhs);
  Value mul(Value lhs, int64_t rhs) { return mul(lhs, index(rhs)); }
  /// Quotients and remainders of numbers that aren't negative.
  Value div(Value lhs, Value rhs);
  Value div(Value lhs, int64_t rhs) { return div(lhs, index(rhs)); }
  Value rem(Value lhs, Value rhs);
  Value ceilDiv(Value lhs, Value rhs) { return div(add(lhs, sub(rhs, index(1))), rhs); }
  Value ceilDiv(Value lhs, int64_t rhs) { return ceilDiv(lhs, index(rhs)); }
  Value roundDown(Value lhs, int64_t rhs) { return mul(div(lhs, rhs), rhs); }
  Value roundUp(Value lhs, int64_t rhs) { return mul(ceilDiv(lhs, rhs), rhs); }
  Value min(Value lhs, Value rhs);
  Value max(Value lhs, Value rhs);
  Value less(Value lhs, Value rhs);
  /// Casts an integer to index.
  Value toIndex(Value value);

  // Scalars and vectors.
  Value f32(double value);
  /// A constant of type `real`.
  Value number(double value);
  mlir::VectorType vectorType(mlir::Type element) const {
    return mlir::VectorType::get({shape.lanes}, element);
  }
  mlir::VectorType f32Vector() { return vectorType(b.getF32Type()); }
  /// The value in all lanes; vectors are returned as they are.
  Value splat(Value value);
  Value splat(double value) { return splat(number(value)); }
  /// base, base + 1, ..
  Value steps(Value base);
  /// True in the first `count` lanes.
  Value firstLanes(Value count);
  /// lhs * rhs + acc, on vectors or scalars.
  Value fma(Value lhs, Value rhs, Value acc);
  Value addf(Value lhs, Value rhs);
  Value subf(Value lhs, Value rhs);
  Value mulf(Value lhs, Value rhs);
  Value divf(Value lhs, Value rhs);
  /// The larger; `rhs` where one is NaN.
  Value larger(Value lhs, Value rhs);
  Value select(Value condition, Value whenTrue, Value whenFalse);
  /// Sum of the lanes.
  Value sumLanes(Value vector);
  /// Largest lane, in all lanes.
  Value maxLanes(Value vector);
  Value negativeInfinity();

  // Memory.
  Value dim(Value memref, int64_t d);
  Value load(Value memref, ValueRange at);
  void store(Value value, Value memref, ValueRange at);
  /// A vector along the last dimension, which has unit stride; with `mask` only the lanes set are
  /// read, the others are 0.
  Value loadVector(Value memref, ValueRange at, Value mask = {});
  void storeVector(Value value, Value memref, ValueRange at, Value mask = {});
  /// A buffer, aligned to 64 bytes. Dynamic sizes are those given as null in `sizes` ..
  Value alloc(llvm::ArrayRef<mlir::OpFoldResult> sizes, mlir::Type element = {});
  void free(ValueRange buffers);
  /// The view of `memref` in which dimension d is fixed at `at[d]`, or kept where that is null.
  Value slice(Value memref, ValueRange at);
  /// Stores a number all over a buffer. A dynamic last size must be a multiple of the lanes. `rows`
  /// limits the first dimension.
  void fill(Value buffer, Value number, Value rows = {});
  static bool hasUnitStride(Value memref, int64_t d);
  static bool hasUnitInnerStride(Value memref);
  static int64_t staticDim(Value memref, int64_t d) {
    return mlir::cast<mlir::MemRefType>(memref.getType()).getDimSize(d);
  }

  // Loops. Bodies are emitted in place.
  void forEach(Value from, Value to, Value step, llvm::function_ref<void(Value)> body);
  void forEach(Value from, Value to, int64_t step, llvm::function_ref<void(Value)> body) {
    forEach(from, to, index(step), body);
  }
  Values fold(Value from, Value to, Value step, ValueRange inits,
              llvm::function_ref<Values(Value, ValueRange)> body);
  Values fold(Value from, Value to, int64_t step, ValueRange inits,
              llvm::function_ref<Values(Value, ValueRange)> body) {
    return fold(from, to, index(step), inits, body);
  }
  /// The value of one of two branches.
  Value choose(mlir::Type type, Value condition, llvm::function_ref<Value()> then,
               llvm::function_ref<Value()> otherwise);
  /// The last segment of `offsets` [G + 1] that begins at or before `row`.
  Value segmentOf(Value offsets, Value row);
  /// Rows of a task, a multiple of `step`: as many as a panel is used for at most, and fewer where
  /// that makes the number of tasks a multiple of `multiple`, for even shares among a few threads.
  Value rowsOfTask(Value rows, int64_t step, Value multiple);
  /// Tasks 0 .. count - 1; in parallel where wanted and not inside of a task.
  void tasks(Value count, bool parallel, llvm::function_ref<void(Value)> body);
  void ifThen(Value condition, llvm::function_ref<void()> body,
              llvm::function_ref<void()> otherwise = nullptr);

  /// The register tile: for each of `rows` rows and `vectors` vectors, the sum over k of
  /// lhs(row, k) * rhs(k, vector), or of squared differences with `distance`. `lhs` yields a
  /// scalar, `rhs` a vector. Row by row. With `skipAbsent` a lhs of exactly -0.0 stands for an
  /// absent entry: its product is left out, whatever rhs is.
  Values registerTile(int64_t rows, int64_t vectors, Value kBegin, Value kEnd, bool distance,
                      llvm::function_ref<Value(int64_t row, Value k)> lhs,
                      llvm::function_ref<Value(Value k, int64_t vector)> rhs,
                      bool skipAbsent = false);
};

/// The buffer that a value is a view of.
Value rootOf(Value memref);

// Packing.cpp

/// n vectors of n lanes, transposed.
Values transposeBlock(Emitter &e, Values block);
/// Copies columns [begin, begin + panel) of a matrix with rows k = kBegin .. kBegin + kCount - 1 to
/// `packed` [kCount, panel]. `source` is [columns, k] with `columnsFirst`, else [k, columns].
/// Columns after `last` repeat it, so that every lane holds data.
void packPanel(Emitter &e, Value source, bool columnsFirst, Value begin, Value last, Value kBegin,
               Value kCount, Value packed, Value panel);

} // namespace attune::tile

#endif
