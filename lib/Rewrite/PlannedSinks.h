// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What planning and building have in common, so that both ask for the same sinks in the same order:
// how sums are taken apart and chains are multiplied.
#ifndef ATTUNE_LIB_REWRITE_PLANNEDSINKS_H
#define ATTUNE_LIB_REWRITE_PLANNEDSINKS_H

#include "Stream.h"

namespace attune::rewrite {

/// Where the product of factors i to j is cut, by i and j.
using ChainCuts = std::vector<std::vector<size_t>>;

/// One factor of a chain.
struct Factor {
  mlir::Value matrix;
  bool transposed;
};

class PlannedSinkBuilder : public attn::SinkBuilder {
public:
  mlir::FailureOr<llvm::SmallVector<mlir::Value>>
  sinks(mlir::Value matrix, llvm::ArrayRef<attn::SinkRequest> requests) final;
  mlir::FailureOr<llvm::SmallVector<mlir::Value>>
  softmaxSinks(mlir::Value matrix, llvm::ArrayRef<attn::SinkRequest> requests) final;
  mlir::FailureOr<mlir::Value> rowMax(mlir::Value matrix) final;
  mlir::FailureOr<mlir::Value> entryCounts(mlir::Value matrix) final;
  mlir::FailureOr<mlir::Value> materialize(mlir::Value matrix) final;
  mlir::FailureOr<mlir::Value> chain(mlir::Value matrix, const attn::SinkRequest &request) final;

  /// A request as the planner sees it. With `visits` the pairs are visited, whatever else there is.
  virtual mlir::FailureOr<llvm::SmallVector<mlir::Value>>
  ask(mlir::Value matrix, llvm::ArrayRef<StreamSink> asked, bool visits) = 0;
  /// A matrix that is positive exactly where `matrix` has an entry; the same one each time, so that
  /// entries are counted once.
  virtual mlir::Value supportOf(mlir::Value matrix) = 0;
  /// The order in which a chain is multiplied.
  virtual ChainCuts chainCuts(llvm::ArrayRef<Factor> factors, const attn::SinkRequest &request) = 0;

protected:
  using SinkBuilder::SinkBuilder;
};

/// What a sink op asks of its matrix.
StreamSink sinkOf(mlir::Operation *op);

/// A term of a sum, and how often it occurs in it.
struct Term {
  mlir::Value matrix;
  double count;
};
/// The terms of a sum, in order, each once: a matrix may be used by many of the nested sums.
llvm::SmallVector<Term> termsOf(mlir::Value sum);
/// The sum as groups of its terms: a group of several is visited, all of it at once.
mlir::FailureOr<llvm::SmallVector<mlir::Value>>
buildSum(PlannedSinkBuilder &sinks, mlir::Value sum,
         llvm::ArrayRef<llvm::SmallVector<unsigned>> groups,
         llvm::ArrayRef<attn::SinkRequest> requests);

} // namespace attune::rewrite

#endif
