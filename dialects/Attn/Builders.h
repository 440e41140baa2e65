// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The services that matrix ops use to state their algebra (MatrixOpInterface), and small builders
// of linalg ops. The planner in lib/Rewrite implements SinkBuilder and EntryBuilder.
#ifndef ATTUNE_DIALECTS_ATTN_BUILDERS_H
#define ATTUNE_DIALECTS_ATTN_BUILDERS_H

#include "dialects/Attn/Facts.h"

#include "mlir/Dialect/Utils/StructuredOpsUtils.h"

namespace attune::attn {

/// Origin of one dimension of a result: a dimension of another shaped value, or a number or index
/// value; `offset` is added.
struct DimSource {
  mlir::Value shaped;
  int64_t dim = 0;
  mlir::OpFoldResult index;
  int64_t offset = 0;

  static DimSource of(mlir::Value shaped, int64_t dim, int64_t offset = 0) {
    return {shaped, dim, {}, offset};
  }
  static DimSource of(mlir::OpFoldResult index) { return {{}, 0, index, 0}; }
};

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
struct Entry {
  mlir::Value value, present;
};

/// Builds the region of a stream: operands are interned as region arguments, so that a dot product
/// which two entries use is computed once.
class EntryBuilder {
public:
  virtual ~EntryBuilder() = default;
  mlir::OpBuilder &b;
  mlir::Location loc;

  virtual mlir::FailureOr<Entry> entryOf(mlir::Value matrix) = 0;
  /// The same matrix with rows and columns swapped.
  virtual mlir::FailureOr<Entry> transposedEntryOf(mlir::Value matrix) = 0;
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
  virtual mlir::FailureOr<Entry> edge(mlir::Value offsets, mlir::Value columns,
                                      mlir::Value values) = 0;
  /// Entry of a stored table in matrix order.
  virtual mlir::FailureOr<Entry> tableEntry(mlir::Value table) = 0;
  /// Entry of a table of blocks, one for each segment of `offsets` and beginning at `starts`; fails
  /// where pairs of other segments are visited too. Values are classes below `numClasses` where
  /// that is not 0.
  virtual mlir::FailureOr<Entry> blockEntry(mlir::Value table, mlir::Value offsets,
                                            mlir::Value starts, int64_t numClasses) = 0;
  /// Limits the visited columns to the row's segment; fails where pairs of other segments are
  /// visited too.
  virtual mlir::LogicalResult segments(mlir::Value offsets) = 0;
  /// Sinks needed outside, in front of the stream (row sums for a normalisation within an entry).
  virtual SinkBuilder &outer() = 0;

protected:
  EntryBuilder(mlir::OpBuilder &b, mlir::Location loc) : b(b), loc(loc) {}
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

/// Shape of a result from its op's DimSourceOpInterface.
mlir::LogicalResult reifyFromDimSources(mlir::Operation *op, mlir::OpBuilder &b,
                                        mlir::ReifiedRankedShapedTypeDims &dims);
void boundFromDimSources(mlir::Value value, int64_t dim, mlir::ValueBoundsConstraintSet &cstr);

/// Mixed sizes of a matrix or tensor.
llvm::SmallVector<mlir::OpFoldResult> mixedSizes(mlir::OpBuilder &b, mlir::Location loc,
                                                 mlir::Value v);
/// A dimension of a matrix or tensor as an index value.
mlir::Value dimValue(mlir::OpBuilder &b, mlir::Location loc, mlir::Value v, int64_t dim);

/// A linalg operand with the loop that walks each of its dimensions; ~loop stands for a dimension
/// of static size 1 that broadcasts along the loop.
struct Mapped {
  mlir::Value value;
  llvm::SmallVector<int64_t> loops;
};
/// linalg.generic over `loops` loops; a loop is a reduction unless an output walks it. `body` gets
/// the element of each input and of the output, and returns the output's new element.
mlir::Value buildGeneric(
    mlir::OpBuilder &b, mlir::Location loc, llvm::ArrayRef<Mapped> inputs, Mapped out,
    llvm::function_ref<mlir::Value(mlir::OpBuilder &, mlir::Location, mlir::ValueRange)> body);
/// A tensor of the given sizes filled with zeros (`fill` where given).
mlir::Value buildFilled(mlir::OpBuilder &b, mlir::Location loc,
                        llvm::ArrayRef<mlir::OpFoldResult> sizes, double fill = 0.0);
mlir::Value buildEmpty(mlir::OpBuilder &b, mlir::Location loc,
                       llvm::ArrayRef<mlir::OpFoldResult> sizes, mlir::Type elementType);
/// f32 constant.
mlir::Value f32Constant(mlir::OpBuilder &b, mlir::Location loc, double value);
/// The same, exact for the reference too: where f32 can't hold `value`, an f64 constant and a
/// truncation, which folds to the f32 constant on every target.
mlir::Value realConstant(mlir::OpBuilder &b, mlir::Location loc, double value);
/// index -> f32.
mlir::Value indexToF32(mlir::OpBuilder &b, mlir::Location loc, mlir::Value index);
/// Clones the body of an elementwise region; returns what its terminator yields.
llvm::SmallVector<mlir::Value> inlineRegion(mlir::OpBuilder &b, mlir::Region &region,
                                            mlir::ValueRange arguments);
/// (Cn) of map-like regions: only constants and elementwise ops.
mlir::LogicalResult verifyElementwiseRegion(mlir::Operation *op, mlir::Region &region,
                                            llvm::StringRef label);

} // namespace attune::attn

#endif
