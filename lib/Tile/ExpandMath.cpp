// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// math ops on f32 as arithmetic, each by its line in a table; Math/ has the functions,
// docs/spec/functions.md their bounds. Other types and other functions stay and become library
// calls.
//
// c / (b + exp(x)) with constants c and b > 0 of ordinary size, the sigmoid's form, comes first, as
// one function.
#include "Math/Math.h"
#include "attune/Support/PassAttrs.h"
#include "attune/Tile/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_EXPANDMATHPASS
#include "attune/Tile/Passes.h.inc"

namespace {

/// The element of a constant, scalar or splat.
std::optional<double> constantOf(Value value) {
  FloatAttr number;
  DenseFPElementsAttr elements;
  if (matchPattern(value, m_Constant(&number)))
    return number.getValueAsDouble();
  if (matchPattern(value, m_Constant(&elements)) && elements.isSplat())
    return elements.getSplatValue<APFloat>().convertToDouble();
  return std::nullopt;
}

bool isBetween(std::optional<double> x, double low, double high) {
  return x && *x >= low && *x <= high;
}

/// c / (b + exp(..)) by an estimated reciprocal, which may be 0 from 2^126 on.
void expandQuotient(arith::DivFOp op, bool approximate) {
  auto sum = op.getRhs().getDefiningOp<arith::AddFOp>();
  if (!sum || !getElementTypeOrSelf(op.getType()).isF32())
    return;
  Value e = sum.getLhs(), offset = sum.getRhs();
  if (!e.getDefiningOp<math::ExpOp>())
    std::swap(e, offset);
  auto exp = e.getDefiningOp<math::ExpOp>();
  if (!exp || !isBetween(constantOf(offset), 1e-30, 1e30) ||
      !isBetween(constantOf(op.getLhs()), 1e-6, 1e6))
    return;
  OpBuilder b(op);
  Arithmetic a{b, op.getLoc(), op.getType(), approximate && op.getType().isF32()};
  op.replaceAllUsesWith(expandSigmoid(a, op.getLhs(), offset, exp.getOperand()));
  op.erase();
  if (sum->use_empty())
    sum.erase();
}

template <Value (*Function)(const Arithmetic &, Value)>
Value expandUnary(const Arithmetic &a, Operation *op) {
  return Function(a, op->getOperand(0));
}
Value expandAnyExp(const Arithmetic &a, Operation *op) {
  Value x = op->getOperand(0);
  return op->hasAttr(kNonpositiveAttr) ? expandExpOfNonpositive(a, x) : expandExp(a, x);
}
Value expandPowF(const Arithmetic &a, Operation *op) {
  Value x = op->getOperand(0), y = op->getOperand(1);
  return expandPow(a, x, y, constantOf(x), constantOf(y));
}

struct Expansion {
  StringRef op;
  Value (*expand)(const Arithmetic &a, Operation *op);
};

/// Replaces `op` where the table has it.
void expand(Operation *op, bool approximate) {
  static const Expansion table[] = {
      {math::ExpOp::getOperationName(), expandAnyExp},
      {math::Exp2Op::getOperationName(), expandUnary<expandExp2>},
      {math::ExpM1Op::getOperationName(), expandUnary<expandExpM1>},
      {math::LogOp::getOperationName(), expandUnary<expandLog>},
      {math::Log2Op::getOperationName(), expandUnary<expandLog2>},
      {math::Log1pOp::getOperationName(), expandUnary<expandLog1p>},
      {math::TanhOp::getOperationName(), expandUnary<expandTanh>},
      {math::ErfOp::getOperationName(), expandUnary<expandErf>},
      {math::PowFOp::getOperationName(), expandPowF},
  };
  const Expansion *found = llvm::find_if(
      table, [&](const Expansion &line) { return line.op == op->getName().getStringRef(); });
  if (found == std::end(table) || !getElementTypeOrSelf(op->getResult(0).getType()).isF32())
    return;
  // The exp of a sigmoid may have no other use.
  if (!op->use_empty()) {
    OpBuilder b(op);
    Type type = op->getResult(0).getType();
    Arithmetic a{b, op->getLoc(), type, approximate && type.isF32()};
    op->getResult(0).replaceAllUsesWith(found->expand(a, op));
  }
  op->erase();
}

struct ExpandMathPass : impl::ExpandMathPassBase<ExpandMathPass> {
  using ExpandMathPassBase::ExpandMathPassBase;

  void runOnOperation() override {
    getOperation().walk([&](arith::DivFOp op) { expandQuotient(op, approximate); });
    getOperation().walk([&](Operation *op) { expand(op, approximate); });
  }
};

} // namespace
} // namespace attune
