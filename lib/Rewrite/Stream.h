// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One attn.stream for a matrix whose pairs are visited.
#ifndef ATTUNE_LIB_REWRITE_STREAM_H
#define ATTUNE_LIB_REWRITE_STREAM_H

#include "attune/Dialect/Attn/AttnBase.h"

namespace attune::rewrite {

/// One sink of a stream.
struct StreamSink {
  attn::SinkKind kind;
  attn::SinkRequest request;
};

/// What is said about a stream.
struct StreamNotes {
  /// On failure: what can't be visited.
  std::string why;
  /// A function of stored classes became a table.
  bool tabulated = false;
};

/// In which direction the edges of a graph are visited.
enum class EdgeDirection {
  /// As they are stored.
  Stored,
  /// Those of the transposed matrix: a transposition inside of an element may turn it.
  Against
};
/// The directions that may be tried for these sinks.
llvm::SmallVector<EdgeDirection> edgeDirections(mlir::Value matrix,
                                                llvm::ArrayRef<StreamSink> requested);

/// Builds one attn.stream over the pairs of `matrix` at `sinks.b`; the results are in the order of
/// `requested`, in the rank that the sink op has. All requests agree in `transposed`. With
/// `tabulates` functions of stored classes become tables over the classes.
mlir::FailureOr<llvm::SmallVector<mlir::Value>>
buildStream(attn::SinkBuilder &sinks, mlir::Value matrix, llvm::ArrayRef<StreamSink> requested,
            EdgeDirection direction, bool tabulates, StreamNotes &notes);

} // namespace attune::rewrite

#endif
