// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The services that matrix ops use to state their algebra (MatrixOpInterface). The planner in
// lib/Rewrite implements SinkBuilder and ElementBuilder.
#ifndef ATTUNE_DIALECT_ATTN_BUILDERS_H
#define ATTUNE_DIALECT_ATTN_BUILDERS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Operation.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/DenseMap.h"

namespace attune::attn {

class MatrixOpInterface;

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

  /// Products and row sums of one matrix, in one request: where its pairs are visited, once for
  /// all. All agree in `transposed`.
  virtual mlir::FailureOr<llvm::SmallVector<mlir::Value>>
  sinks(mlir::Value matrix, llvm::ArrayRef<SinkRequest> requests) = 0;
  /// softmax(A) V for each request.
  virtual mlir::FailureOr<llvm::SmallVector<mlir::Value>>
  softmaxSinks(mlir::Value matrix, llvm::ArrayRef<SinkRequest> requests) = 0;
  /// Largest present entry of each row, -inf for an empty row.
  virtual mlir::FailureOr<mlir::Value> rowMax(mlir::Value matrix) = 0;
  /// Number of present entries of each row: more than 0 where there are some.
  virtual mlir::FailureOr<mlir::Value> entryCounts(mlir::Value matrix) = 0;
  /// Stores the matrix (only where it does not grow in both dimensions).
  virtual mlir::FailureOr<mlir::Value> materialize(mlir::Value matrix) = 0;
  /// A V of a chain of matrices, multiplied in the cheapest order.
  virtual mlir::FailureOr<mlir::Value> chain(mlir::Value matrix, const SinkRequest &request) = 0;
  /// Says why the linear form at hand fails: a remark's name, and what broke it.
  virtual void decline(llvm::StringRef reason, mlir::Operation *culprit) {
    (void)reason;
    (void)culprit;
  }

  mlir::FailureOr<mlir::Value> apply(mlir::Value matrix, const SinkRequest &request) {
    return single(matrix, request);
  }
  mlir::FailureOr<mlir::Value> rowSums(mlir::Value matrix, SinkRequest request = {}) {
    request.v = {};
    return single(matrix, request);
  }

private:
  mlir::FailureOr<mlir::Value> single(mlir::Value matrix, const SinkRequest &request) {
    mlir::FailureOr<llvm::SmallVector<mlir::Value>> results = sinks(matrix, request);
    return mlir::succeeded(results) ? mlir::FailureOr<mlir::Value>(results->front())
                                    : mlir::FailureOr<mlir::Value>(mlir::failure());
  }

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

/// Matrices that are positive exactly where others have entries, each made once.
class SupportBuilder {
public:
  mlir::OpBuilder &b;
  mlir::Location loc;
  /// Supports stand where `b` does, or each behind its matrix.
  SupportBuilder(mlir::OpBuilder &b, mlir::Location loc, bool standsBehind = false)
      : b(b), loc(loc), standsBehind(standsBehind) {}
  mlir::Value support(mlir::Value matrix);

private:
  bool standsBehind;
  llvm::DenseMap<mlir::Value, mlir::Value> known;
};

/// Rows and columns [offset, offset + size) of an expression.
class SliceBuilder {
public:
  mlir::OpBuilder &b;
  mlir::Location loc;
  mlir::Value offset, size;
  SliceBuilder(mlir::OpBuilder &b, mlir::Location loc, mlir::Value offset, mlir::Value size)
      : b(b), loc(loc), offset(offset), size(size) {}
  /// The slice of a matrix operand; the same one where it is asked for again.
  mlir::FailureOr<mlir::Value> slice(mlir::Value matrix);
  /// tensor.extract_slice along `dim`.
  mlir::Value sliceTensor(mlir::Value tensor, int64_t dim);

private:
  llvm::DenseMap<mlir::Value, mlir::Value> known;
};

/// "sum(constant, factored)"; the name alone without operands. Text that doubles with every op,
/// since a shared operand stands once for each use, is cut.
std::string inWords(llvm::StringRef name, llvm::ArrayRef<std::string> operands);
/// Each request by the op's own buildApply or buildRowSums.
mlir::FailureOr<llvm::SmallVector<mlir::Value>> buildEach(mlir::Operation *op, SinkBuilder &sinks,
                                                          llvm::ArrayRef<SinkRequest> requests);

} // namespace attune::attn

#endif
