// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs blocks op by op and drops each value after the last op that reads it, so that at any time
// only the live matrices take memory.

#include "Frame.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace attune::reference {

const Registry &Registry::get() {
  static const Registry registry = [] {
    Registry filled;
    registerSources(filled);
    registerEntrywise(filled);
    registerStructure(filled);
    registerAlgebra(filled);
    registerSinks(filled);
    registerStream(filled);
    registerLayers(filled);
    registerVision(filled);
    registerGraphs(filled);
    registerUpstreamScalars(filled);
    registerUpstreamTensor(filled);
    registerUpstreamControl(filled);
    return filled;
  }();
  return registry;
}

bool holdsFloats(Type type) { return isa<FloatType>(getElementTypeOrSelf(type)); }

std::string describeMismatch(Type type, const Shape &shape, bool isFloat) {
  SmallVector<int64_t> expected;
  if (ShapedType shaped = dyn_cast<ShapedType>(type))
    expected.assign(shaped.getShape().begin(), shaped.getShape().end());
  bool fits = expected.size() == shape.size();
  for (size_t d = 0; fits && d < shape.size(); ++d)
    fits = ShapedType::isDynamic(expected[d]) || expected[d] == shape[d];
  if (fits && isFloat == holdsFloats(type))
    return "";
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "has shape " << shapeText(shape) << (isFloat ? " of floats" : " of integers")
     << ", expected `" << type << '`';
  return text;
}

bool Frame::dies(Operation *op, Value value) {
  auto it = deaths.find(op);
  return it != deaths.end() && llvm::is_contained(it->second, value);
}

Datum Frame::consume(Operation *op, Value value) {
  Datum datum = values.find(value)->second;
  // Regions of the op may read it, too, and again in each iteration.
  auto isHere = [&](Operation *user) { return op->isAncestor(user); };
  if (dies(op, value) && llvm::count_if(value.getUsers(), isHere) == 1)
    values.erase(value);
  return datum;
}

Tensor Frame::takeTensor(Operation *op, Value value) {
  Datum datum = consume(op, value);
  if (datum.tensor.use_count() == 1)
    return std::move(*datum.tensor);
  return *datum.tensor;
}

Matrix Frame::takeMatrix(Operation *op, Value value) {
  Datum datum = consume(op, value);
  if (datum.matrix.use_count() == 1)
    return std::move(*datum.matrix);
  return *datum.matrix;
}

void Frame::set(Value value, Tensor tensor) {
  values[value] = Datum{std::make_shared<Tensor>(std::move(tensor)), nullptr};
}

void Frame::set(Value value, Matrix matrix) {
  values[value] = Datum{nullptr, std::make_shared<Matrix>(std::move(matrix))};
}

LogicalResult Frame::fail(Operation *op, const Twine &message) {
  if (!error.text.empty())
    return failure();
  llvm::raw_string_ostream os(error.text);
  if (FileLineColLoc file = op->getLoc()->findInstanceOf<FileLineColLoc>())
    os << file.getFilename().getValue() << ':' << file.getLine() << ':' << file.getColumn();
  else
    os << op->getLoc();
  os << ": " << message;
  return failure();
}

LogicalResult Frame::failUnsupported(Operation *op, const Twine &message) {
  error.isLimit |= error.text.empty();
  return fail(op, message);
}

void Frame::findDeaths(Block &block) {
  if (!seen.insert({&block, true}).second)
    return;
  auto note = [&](Value value, Operation *definition) {
    Operation *last = definition;
    for (Operation *user : value.getUsers()) {
      Operation *ancestor = block.findAncestorOpInBlock(*user);
      if (ancestor && (!last || last->isBeforeInBlock(ancestor)))
        last = ancestor;
    }
    if (last)
      deaths[last].push_back(value);
  };
  for (BlockArgument argument : block.getArguments())
    note(argument, nullptr);
  for (Operation &op : block)
    for (Value result : op.getResults())
      note(result, &op);
}

LogicalResult Frame::runOp(Operation *op) {
  Evaluator evaluator = Registry::get().find(op->getName().getStringRef());
  if (!evaluator && isa<linalg::LinalgOp>(op))
    evaluator = evaluateLinalg;
  if (!evaluator)
    return failUnsupported(op,
                           "op `" + op->getName().getStringRef() + "` has no reference evaluation");
  if (failed(evaluator(op, *this)))
    return failure();
  for (auto [number, result] : llvm::enumerate(op->getResults())) {
    auto it = values.find(result);
    if (it == values.end())
      return fail(op, "reference evaluation of `" + op->getName().getStringRef() +
                          "` left result " + Twine(number) + " unset");
    const Datum &datum = it->second;
    std::string mismatch =
        datum.matrix
            ? describeMismatch(result.getType(), datum.matrix->shape, true)
            : describeMismatch(result.getType(), datum.tensor->shape, datum.tensor->isFloat);
    if (!mismatch.empty())
      return fail(op, "result " + Twine(number) + " of `" + op->getName().getStringRef() + "` " +
                          mismatch);
  }
  return success();
}

LogicalResult Frame::run(Block &block, llvm::function_ref<LogicalResult(Operation *)> finish) {
  findDeaths(block);
  for (Operation &op : block) {
    bool last = &op == block.getTerminator();
    if (failed(last ? finish(&op) : runOp(&op)))
      return failure();
    auto it = deaths.find(&op);
    if (it == deaths.end())
      continue;
    for (Value value : it->second)
      values.erase(value);
  }
  return success();
}

LogicalResult Frame::run(Block &block, SmallVectorImpl<Datum> &yielded) {
  yielded.clear();
  return run(block, [&](Operation *terminator) {
    for (Value operand : terminator->getOperands())
      yielded.push_back(datum(operand));
    return success();
  });
}

} // namespace attune::reference
