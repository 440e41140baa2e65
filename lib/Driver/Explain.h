// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Remarks of the rewrites in plain words.

#ifndef ATTUNE_LIB_DRIVER_EXPLAIN_H
#define ATTUNE_LIB_DRIVER_EXPLAIN_H

#include "mlir/IR/Remarks.h"
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace attune {

/// One remark, kept until all of its place are known.
struct ExplainedRemark {
  mlir::remark::RemarkKind kind;
  std::string rewrite;
  std::string function;
  /// "convs.0.attention", or "m.mlir:3:5" where the model has no name for it.
  std::string place;
  std::string message;
  /// The arguments other than the message: reason, form, cost_before, cost_after, ..
  std::vector<std::pair<std::string, std::string>> details;

  /// Empty where there is none.
  std::string detail(llvm::StringRef key) const;
};

class Explanation {
public:
  /// Collects every remark of category attune.* that is emitted in this context.
  void attach(mlir::MLIRContext &context);
  /// Prints what was collected: a paragraph for each sink, one for all sinks that are alike.
  void print(llvm::raw_ostream &os) const;
  /// The same as JSON: for each function its sinks with their plans, and its memory.
  void printJson(llvm::raw_ostream &os) const;
  bool isEmpty() const { return remarks->empty(); }

private:
  /// Without the plans, which are no sentences.
  std::vector<ExplainedRemark> sentences() const;

  std::shared_ptr<std::vector<ExplainedRemark>> remarks =
      std::make_shared<std::vector<ExplainedRemark>>();
};

/// "25.6 GFLOP". `text` is a polynomial such as "256*N^2 + 64*N"; every size that occurs in it is
/// added to `sizes` with the value used. Empty if the text is no polynomial.
std::string evaluateCost(llvm::StringRef text, std::vector<std::pair<std::string, double>> &sizes);

} // namespace attune

#endif // ATTUNE_LIB_DRIVER_EXPLAIN_H
