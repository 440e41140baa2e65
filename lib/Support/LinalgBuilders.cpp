// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "attune/Support/LinalgBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace attune {

Value buildGeneric(OpBuilder &b, Location loc, ArrayRef<LoopOperand> inputs, LoopOperand out,
                   llvm::function_ref<Value(OpBuilder &, Location, ValueRange)> body) {
  // Number the loops in the order of the output, reductions after them.
  llvm::SmallVector<int64_t> order;
  auto collect = [&](const LoopOperand &operand) {
    for (int64_t loop : operand.loops)
      if (loop >= 0 && !llvm::is_contained(order, loop))
        order.push_back(loop);
  };
  collect(out);
  size_t numParallel = order.size();
  for (const LoopOperand &input : inputs)
    collect(input);
  // A broadcast along a loop of one step is the plain loop: the map stays a permutation.
  auto isUnitLoop = [&](int64_t loop) {
    auto position = llvm::find(out.loops, loop);
    return position != out.loops.end() &&
           cast<ShapedType>(out.value.getType()).getDimSize(position - out.loops.begin()) == 1;
  };
  auto mapOf = [&](const LoopOperand &operand) {
    SmallVector<AffineExpr> exprs;
    for (int64_t loop : operand.loops) {
      if (loop < 0 && isUnitLoop(~loop))
        loop = ~loop;
      exprs.push_back(loop < 0 ? b.getAffineConstantExpr(0)
                               : b.getAffineDimExpr(llvm::find(order, loop) - order.begin()));
    }
    return AffineMap::get(order.size(), 0, exprs, b.getContext());
  };
  SmallVector<AffineMap> maps;
  SmallVector<Value> values;
  for (const LoopOperand &input : inputs) {
    maps.push_back(mapOf(input));
    values.push_back(input.value);
  }
  maps.push_back(mapOf(out));
  SmallVector<utils::IteratorType> iterators(order.size(), utils::IteratorType::parallel);
  std::fill(iterators.begin() + numParallel, iterators.end(), utils::IteratorType::reduction);
  auto op =
      linalg::GenericOp::create(b, loc, out.value.getType(), values, out.value, maps, iterators,
                                [&](OpBuilder &nested, Location at, ValueRange args) {
                                  linalg::YieldOp::create(nested, at, body(nested, at, args));
                                });
  return op.getResult(0);
}

Value buildEmpty(OpBuilder &b, Location loc, ArrayRef<OpFoldResult> sizes, Type elementType) {
  return tensor::EmptyOp::create(b, loc, sizes, elementType);
}

Value buildFilled(OpBuilder &b, Location loc, ArrayRef<OpFoldResult> sizes, double fill) {
  Value empty = buildEmpty(b, loc, sizes, b.getF32Type());
  return linalg::FillOp::create(b, loc, f32Constant(b, loc, fill), empty).getResult(0);
}

Value f32Constant(OpBuilder &b, Location loc, double value) {
  return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(value));
}

Value realConstant(OpBuilder &b, Location loc, double value) {
  if (static_cast<double>(static_cast<float>(value)) == value)
    return f32Constant(b, loc, value);
  Value exact = arith::ConstantOp::create(b, loc, b.getF64FloatAttr(value));
  return arith::TruncFOp::create(b, loc, b.getF32Type(), exact);
}

Value indexToF32(OpBuilder &b, Location loc, Value index) {
  Value integer = arith::IndexCastOp::create(b, loc, b.getI64Type(), index);
  return arith::SIToFPOp::create(b, loc, b.getF32Type(), integer);
}

SmallVector<Value> inlineRegion(OpBuilder &b, Region &region, ValueRange arguments) {
  IRMapping mapping;
  Block &block = region.front();
  mapping.map(block.getArguments(), arguments);
  for (Operation &op : block.without_terminator())
    b.clone(op, mapping);
  SmallVector<Value> results;
  for (Value value : block.getTerminator()->getOperands())
    results.push_back(mapping.lookupOrDefault(value));
  return results;
}

LogicalResult verifyElementwiseRegion(Operation *op, Region &region, StringRef label) {
  for (Operation &nested : region.front().without_terminator()) {
    bool isScalar =
        llvm::none_of(nested.getResultTypes(), [](Type type) { return isa<ShapedType>(type); });
    bool isAllowed =
        nested.hasTrait<OpTrait::ConstantLike>() || OpTrait::hasElementwiseMappableTraits(&nested);
    if (isScalar && isAllowed)
      continue;
    InFlightDiagnostic diag =
        op->emitOpError("region must hold only constants and elementwise ops (") << label << ")";
    diag.attachNote(nested.getLoc())
        << "`" << nested.getName() << (isAllowed ? "` is not on scalars" : "` is neither");
    return diag;
  }
  return success();
}

} // namespace attune
