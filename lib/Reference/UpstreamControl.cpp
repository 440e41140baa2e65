// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// func.call and structured control flow. The iterations of scf.forall run in order, each one's
// parallel inserts at its end.

#include "Slices.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;

namespace attune::reference {

static LogicalResult evaluateCall(Operation *op, Frame &frame) {
  func::CallOp call = cast<func::CallOp>(op);
  func::FuncOp callee =
      SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, call.getCalleeAttr());
  if (!callee || callee.isExternal() || !callee.getBody().hasOneBlock())
    return frame.fail(op, "function `" + call.getCallee() + "` has no body of one block");
  if (frame.callDepth() >= 100)
    return frame.fail(op, "calls nest deeper than 100");
  Frame inner(frame.firstError(), frame.callDepth() + 1);
  for (auto [argument, operand] : llvm::zip_equal(callee.getArguments(), call.getOperands()))
    inner.set(argument, frame.consume(op, operand));
  SmallVector<Datum> yielded;
  if (failed(inner.run(callee.getBody().front(), yielded)))
    return failure();
  for (auto [result, datum] : llvm::zip_equal(call.getResults(), yielded))
    frame.set(result, std::move(datum));
  return success();
}

static LogicalResult evaluateIf(Operation *op, Frame &frame) {
  scf::IfOp ifOp = cast<scf::IfOp>(op);
  Region &region = frame.integer(ifOp.getCondition()) ? ifOp.getThenRegion() : ifOp.getElseRegion();
  SmallVector<Datum> yielded;
  if (!region.empty() && failed(frame.run(region.front(), yielded)))
    return failure();
  for (auto [result, datum] : llvm::zip_equal(ifOp.getResults(), yielded))
    frame.set(result, std::move(datum));
  return success();
}

static LogicalResult evaluateFor(Operation *op, Frame &frame) {
  scf::ForOp loop = cast<scf::ForOp>(op);
  int64_t lower = frame.integer(loop.getLowerBound()), upper = frame.integer(loop.getUpperBound());
  int64_t step = frame.integer(loop.getStep());
  if (step <= 0)
    return frame.fail(op, "a loop with step " + Twine(step));
  SmallVector<Datum> carried;
  for (Value init : loop.getInitArgs())
    carried.push_back(frame.consume(op, init));
  for (int64_t i = lower; i < upper; i += step) {
    frame.set(loop.getInductionVar(), Tensor::integer(i));
    for (auto [argument, datum] : llvm::zip_equal(loop.getRegionIterArgs(), carried))
      frame.set(argument, std::move(datum));
    if (failed(frame.run(*loop.getBody(), carried)))
      return failure();
  }
  for (auto [result, datum] : llvm::zip_equal(loop.getResults(), carried))
    frame.set(result, std::move(datum));
  return success();
}

static LogicalResult evaluateWhile(Operation *op, Frame &frame) {
  scf::WhileOp loop = cast<scf::WhileOp>(op);
  SmallVector<Datum> carried;
  for (Value init : loop.getInits())
    carried.push_back(frame.consume(op, init));
  while (true) {
    for (auto [argument, datum] : llvm::zip_equal(loop.getBeforeArguments(), carried))
      frame.set(argument, std::move(datum));
    if (failed(frame.run(*loop.getBeforeBody(), carried)))
      return failure();
    bool proceed = carried.front().tensor->i[0];
    carried.erase(carried.begin());
    if (!proceed)
      break;
    for (auto [argument, datum] : llvm::zip_equal(loop.getAfterArguments(), carried))
      frame.set(argument, std::move(datum));
    if (failed(frame.run(*loop.getAfterBody(), carried)))
      return failure();
  }
  for (auto [result, datum] : llvm::zip_equal(loop.getResults(), carried))
    frame.set(result, std::move(datum));
  return success();
}

static Shape numbersOf(ArrayRef<OpFoldResult> values, Frame &frame) {
  Shape numbers;
  for (OpFoldResult value : values) {
    std::optional<int64_t> constant = getConstantIntValue(value);
    numbers.push_back(constant ? *constant : frame.integer(cast<Value>(value)));
  }
  return numbers;
}

/// The inserts of one iteration into the loop's outputs.
static LogicalResult insertInParallel(scf::ForallOp loop, Frame &frame) {
  for (Operation &yielding : loop.getTerminator().getYieldingOps()) {
    tensor::ParallelInsertSliceOp insert = dyn_cast<tensor::ParallelInsertSliceOp>(&yielding);
    if (!insert)
      return frame.failUnsupported(&yielding, "op `" + yielding.getName().getStringRef() +
                                                  "` has no reference evaluation");
    Slice slice = sliceOf(insert, frame);
    // The output lives in its block argument; nothing else refers to it now.
    Tensor &target = *frame.datum(insert.getDest()).tensor;
    if (failed(insertSlice(insert, frame, slice, frame.tensor(insert.getSource()), target)))
      return failure();
  }
  return success();
}

static LogicalResult evaluateForall(Operation *op, Frame &frame) {
  scf::ForallOp loop = cast<scf::ForallOp>(op);
  Shape lower = numbersOf(loop.getMixedLowerBound(), frame);
  Shape upper = numbersOf(loop.getMixedUpperBound(), frame);
  Shape step = numbersOf(loop.getMixedStep(), frame);
  SmallVector<std::shared_ptr<Tensor>> outputs;
  for (Value output : loop.getOutputs())
    outputs.push_back(std::make_shared<Tensor>(frame.takeTensor(op, output)));

  bool any = true;
  for (size_t d = 0; d < lower.size(); ++d) {
    if (step[d] <= 0)
      return frame.fail(op, "a loop with step " + Twine(step[d]));
    any = any && lower[d] < upper[d];
  }
  Shape place = lower;
  while (any) {
    for (auto [argument, index] : llvm::zip_equal(loop.getInductionVars(), place))
      frame.set(argument, Tensor::integer(index));
    // What an iteration reads of an output is what the loop began with; outputs are only written to
    // at the end of an iteration, and iterations write to different places.
    for (auto [argument, output] : llvm::zip_equal(loop.getRegionIterArgs(), outputs))
      frame.set(argument, Datum{output, nullptr});
    if (failed(
            frame.run(*loop.getBody(), [&](Operation *) { return insertInParallel(loop, frame); })))
      return failure();
    any = false;
    for (size_t d = place.size(); d-- > 0 && !any;) {
      place[d] += step[d];
      any = place[d] < upper[d];
      if (!any)
        place[d] = lower[d];
    }
  }
  for (auto [argument, output] : llvm::zip_equal(loop.getRegionIterArgs(), outputs))
    frame.set(argument, Datum{});
  for (auto [result, output] : llvm::zip_equal(loop.getResults(), outputs))
    frame.set(result, Datum{output, nullptr});
  return success();
}

void registerUpstreamControl(Registry &registry) {
  registry.add("func.call", evaluateCall);
  registry.add("scf.if", evaluateIf);
  registry.add("scf.for", evaluateFor);
  registry.add("scf.while", evaluateWhile);
  registry.add("scf.forall", evaluateForall);
}

} // namespace attune::reference
