// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The services that matrix ops use to state their algebra (MatrixOpInterface). The planner in
// lib/Rewrite implements SinkBuilder and ElementBuilder.
#ifndef ATTUNE_DIALECT_ATTN_BUILDERS_H
#define ATTUNE_DIALECT_ATTN_BUILDERS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Value.h"

namespace attune::attn {

/// What a sink asks of a matrix: A V (or A^T V where `transposed`) times `scalar`, added to `init`.
/// `v` is null for row sums. `init` and `scalar` may be null.
struct SinkRequest {
  mlir::Value v, init, scalar;
  bool transposed = false;
};

/// How sinks of operands are built while one op states its linear form.
class SinkBuilder {
public:
  virtual ~SinkBuilder() = default;
  mlir::OpBuilder &b;
  mlir::Location loc;

  virtual mlir::FailureOr<mlir::Value> apply(mlir::Value matrix, const SinkRequest &request) = 0;
  virtual mlir::FailureOr<mlir::Value> rowSums(mlir::Value matrix, const SinkRequest &request) = 0;
  /// Both at once; where the matrix is streamed, in one pass. {A V, row sums}.
  virtual mlir::FailureOr<std::pair<mlir::Value, mlir::Value>>
  applyAndRowSums(mlir::Value matrix, const SinkRequest &request) = 0;
  /// softmax(A) V.
  virtual mlir::FailureOr<mlir::Value> softmaxApply(mlir::Value matrix,
                                                    const SinkRequest &request) = 0;
  /// Largest present entry of each row, -inf for an empty row.
  virtual mlir::FailureOr<mlir::Value> rowMax(mlir::Value matrix) = 0;
  /// Stores the matrix (only where it does not grow in both dimensions).
  virtual mlir::FailureOr<mlir::Value> materialize(mlir::Value matrix) = 0;

protected:
  SinkBuilder(mlir::OpBuilder &b, mlir::Location loc) : b(b), loc(loc) {}
};

/// An entry as scalar code; `present` is null where always present.
struct MatrixElement {
  mlir::Value value, present;
};

/// Builds the region of a stream: operands are interned as region arguments, so that a dot product
/// which two entries use is computed once.
class ElementBuilder {
public:
  virtual ~ElementBuilder() = default;
  mlir::OpBuilder &b;
  mlir::Location loc;

  virtual mlir::FailureOr<MatrixElement> elementOf(mlir::Value matrix) = 0;
  /// The same matrix with rows and columns swapped.
  virtual mlir::FailureOr<MatrixElement> transposedElementOf(mlir::Value matrix) = 0;
  virtual mlir::Value dot(mlir::Value q, mlir::Value k) = 0;
  virtual mlir::Value distance(mlir::Value q, mlir::Value k) = 0;
  /// Elements at row i, at column j, at the head, and scalars from outside the region.
  virtual mlir::Value atRow(mlir::Value tensor) = 0;
  virtual mlir::Value atColumn(mlir::Value tensor) = 0;
  virtual mlir::Value atHead(mlir::Value tensor) = 0;
  virtual mlir::Value scalar(mlir::Value value) = 0;
  /// Row and column number, of type index.
  virtual mlir::Value rowIndex() = 0;
  virtual mlir::Value columnIndex() = 0;
  /// The value of the visited edge of a CSR matrix (1 without `values`); fails where the stream
  /// already visits another matrix's edges.
  virtual mlir::FailureOr<MatrixElement> edge(mlir::Value offsets, mlir::Value columns,
                                              mlir::Value values) = 0;
  /// Entry of a stored table in matrix order.
  virtual mlir::FailureOr<MatrixElement> tableElement(mlir::Value table) = 0;
  /// Entry of a table of blocks, one for each segment of `offsets` and beginning at `starts`; fails
  /// where pairs of other segments are visited too. Values are codes below `numCodes` where
  /// that is not 0.
  virtual mlir::FailureOr<MatrixElement> blockElement(mlir::Value table, mlir::Value offsets,
                                                      mlir::Value starts, int64_t numCodes) = 0;
  /// Limits the visited columns to the row's segment; fails where pairs of other segments are
  /// visited too.
  virtual mlir::LogicalResult segments(mlir::Value offsets) = 0;
  /// Sinks needed outside, in front of the stream (row sums for a normalisation within an entry).
  virtual SinkBuilder &outer() = 0;

protected:
  ElementBuilder(mlir::OpBuilder &b, mlir::Location loc) : b(b), loc(loc) {}
};

/// Rows and columns [offset, offset + size) of an expression.
class SliceBuilder {
public:
  mlir::OpBuilder &b;
  mlir::Location loc;
  mlir::Value offset, size;
  SliceBuilder(mlir::OpBuilder &b, mlir::Location loc, mlir::Value offset, mlir::Value size)
      : b(b), loc(loc), offset(offset), size(size) {}
  /// The slice of a matrix operand.
  mlir::FailureOr<mlir::Value> slice(mlir::Value matrix);
  /// tensor.extract_slice along `dim`.
  mlir::Value sliceTensor(mlir::Value tensor, int64_t dim);
};

} // namespace attune::attn

#endif
