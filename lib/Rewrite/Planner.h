// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The planner: for each sink it picks the linear or the streamed form of every part of the matrix,
// by cost, and builds it. The algebra itself stands in the ops (MatrixOpInterface).
#ifndef ATTUNE_LIB_REWRITE_PLANNER_H
#define ATTUNE_LIB_REWRITE_PLANNER_H

#include "Remarks.h"
#include "attune/Dialect/Attn/AttnBase.h"
#include "attune/Sizes/SizePoly.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringSet.h"

namespace attune::rewrite {

/// One sink of a stream.
struct StreamSink {
  attn::SinkKind kind;
  attn::SinkRequest request;
};

/// What the planner says about a stream.
struct StreamNotes {
  /// On failure: what can't be visited.
  std::string why;
  /// A function of stored classes became a table.
  bool tabulated = false;
};

/// Builds one attn.stream over the pairs of `matrix` at `sinks.b`; the results are in the order of
/// `requested`, in the rank that the sink op has. All requests agree in `transposed`. With
/// `tabulates` functions of stored classes become tables over the classes.
mlir::FailureOr<llvm::SmallVector<mlir::Value>> buildStream(attn::SinkBuilder &sinks,
                                                            mlir::Value matrix,
                                                            llvm::ArrayRef<StreamSink> requested,
                                                            bool tabulates, StreamNotes &notes);

class Planner : public attn::SinkBuilder {
public:
  Planner(mlir::OpBuilder &b, mlir::func::FuncOp function, const llvm::StringSet<> &disabled)
      : SinkBuilder(b, function.getLoc()), function(function), disabled(disabled) {}

  /// Plans and builds one sink op; returns what replaces its result. Emits an error on failure.
  mlir::FailureOr<mlir::Value> build(mlir::Operation *sink);

  mlir::FailureOr<mlir::Value> apply(mlir::Value matrix, const attn::SinkRequest &request) override;
  mlir::FailureOr<mlir::Value> rowSums(mlir::Value matrix,
                                       const attn::SinkRequest &request) override;
  mlir::FailureOr<std::pair<mlir::Value, mlir::Value>>
  applyAndRowSums(mlir::Value matrix, const attn::SinkRequest &request) override;
  mlir::FailureOr<mlir::Value> softmaxApply(mlir::Value matrix,
                                            const attn::SinkRequest &request) override;
  mlir::FailureOr<mlir::Value> rowMax(mlir::Value matrix) override;
  mlir::FailureOr<mlir::Value> materialize(mlir::Value matrix) override;

private:
  enum class Form { Linear, Streamed, Guarded };

  Form decide(mlir::Value matrix, const SizePoly &width);
  /// Name of the rewrite that the linear form of the op stands for.
  static llvm::StringRef rewriteOf(mlir::Operation *op);
  /// A sum with all its streamed terms in one operand, so that they are visited once.
  mlir::Value groupStreamedTerms(mlir::Value matrix);
  mlir::FailureOr<mlir::Value> buildLinear(mlir::Value matrix, const attn::SinkRequest &request);
  /// buildStream, with a remark where a table over classes was made.
  mlir::FailureOr<llvm::SmallVector<mlir::Value>>
  visit(mlir::Value matrix, llvm::ArrayRef<StreamSink> requested, const SizePoly &width);
  mlir::FailureOr<mlir::Value> buildStreamed(mlir::Value matrix, attn::SinkKind kind,
                                             const attn::SinkRequest &request);
  mlir::FailureOr<mlir::Value> plan(mlir::Value matrix, const attn::SinkRequest &request);
  /// i1: the linear form needs no more FLOP than the stream; null where a size has no argument.
  mlir::Value buildGuard(const attn::MatrixFacts &facts, const SizePoly &width);
  /// Value of a named size at the entry.
  mlir::Value sizeValue(llvm::StringRef symbol);
  /// Counts the FLOP of what was just built for the current sink.
  void spend(mlir::Value matrix, const attn::SinkRequest &request, bool streamed);
  void explain(mlir::Value matrix, llvm::StringRef name, bool fired, const std::string &text,
               const SizePoly &width);

  mlir::func::FuncOp function;
  const llvm::StringSet<> &disabled;
  /// Remarks of the current sink that were emitted already: a matrix that feeds two sinks of a
  /// normalisation is explained once.
  llvm::StringSet<> said;
  /// Building the linear form of an entrywise function: the choice has been made.
  bool withinLinear = false;
  /// FLOP of what the current sink was built of.
  SizePoly spent;
  StreamNotes notes;
};

} // namespace attune::rewrite

#endif
