// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The entry to the reference interpreter: checks the arguments against the function's type, runs
// the body and hands the results back.

#include "attune/Reference/Interpreter.h"
#include "Frame.h"

using namespace mlir;

namespace attune::reference {

bool isSupported(StringRef opName) { return Registry::get().find(opName) != nullptr; }

static FailureOr<SmallVector<Tensor>> run(func::FuncOp func, ArrayRef<Tensor> arguments,
                                          EvaluationError &error) {
  Frame frame(error, 0);
  if (func.isExternal())
    return frame.fail(func, "function `" + func.getName() + "` has no body");
  if (!func.getBody().hasOneBlock())
    return frame.failUnsupported(func, "function `" + func.getName() + "` has more than one block");
  if (arguments.size() != func.getNumArguments())
    return frame.fail(func, "function `" + func.getName() + "` takes " +
                                Twine(func.getNumArguments()) + " arguments, got " +
                                Twine(arguments.size()));
  for (auto [number, argument] : llvm::enumerate(func.getArguments())) {
    const Tensor &tensor = arguments[number];
    std::string mismatch = describeMismatch(argument.getType(), tensor.shape, tensor.isFloat);
    if (!mismatch.empty())
      return frame.fail(func,
                        "argument " + Twine(number) + " of `" + func.getName() + "` " + mismatch);
    frame.set(argument, tensor);
  }

  SmallVector<Datum> yielded;
  if (failed(frame.run(func.getBody().front(), yielded)))
    return failure();
  SmallVector<Tensor> results;
  for (const Datum &datum : yielded) {
    if (!datum.tensor)
      return frame.failUnsupported(func, "function `" + func.getName() + "` returns a matrix");
    results.push_back(*datum.tensor);
  }
  return results;
}

llvm::Expected<SmallVector<Tensor>> evaluate(func::FuncOp func, ArrayRef<Tensor> arguments) {
  EvaluationError error;
  FailureOr<SmallVector<Tensor>> results = run(func, arguments, error);
  if (succeeded(results))
    return std::move(*results);
  if (error.isLimit)
    return llvm::make_error<NotSupported>(error.text);
  return llvm::createStringError(error.text);
}

} // namespace attune::reference
