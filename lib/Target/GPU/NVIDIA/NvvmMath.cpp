// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// attune-gpu-nvvm-math: the functions that have instructions become intrinsics. Upstream's
// conversion would make calls of NVIDIA's device library of them; everything longer has become
// arithmetic before (attune-expand-math).

#include "attune/Target/GPU/Passes.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_NVVMMATHPASS
#include "attune/Target/GPU/Passes.h.inc"

namespace {

/// The intrinsic for a number of this type; empty where there is none.
StringRef intrinsicFor(Operation *op) {
  Type type = op->getResult(0).getType();
  if (!type.isF32() && !type.isF64())
    return "";
  return llvm::TypeSwitch<Operation *, StringRef>(op)
      .Case<math::SqrtOp>(
          [&](auto) { return type.isF32() ? "llvm.nvvm.sqrt.rn.f" : "llvm.nvvm.sqrt.rn.d"; })
      .Case<math::AbsFOp>([](auto) { return "llvm.fabs"; })
      .Case<math::FloorOp>([](auto) { return "llvm.floor"; })
      .Case<math::CeilOp>([](auto) { return "llvm.ceil"; })
      .Case<math::RoundEvenOp>([](auto) { return "llvm.roundeven"; })
      .Case<math::CopySignOp>([](auto) { return "llvm.copysign"; })
      .Default([](Operation *) { return ""; });
}

struct NvvmMathPass : impl::NvvmMathPassBase<NvvmMathPass> {
  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) {
      if (isa<math::MathDialect>(op->getDialect()))
        ops.push_back(op);
    });
    for (Operation *op : ops) {
      OpBuilder b(op);
      if (auto inverse = dyn_cast<math::RsqrtOp>(op)) {
        Type type = inverse.getType();
        auto root = math::SqrtOp::create(b, op->getLoc(), inverse.getOperand());
        Value one = arith::ConstantOp::create(b, op->getLoc(), b.getFloatAttr(type, 1.0));
        op->replaceAllUsesWith(arith::DivFOp::create(b, op->getLoc(), one, root));
        op->erase();
        op = root;
      }
      StringRef name = intrinsicFor(op);
      if (name.empty())
        continue;
      b.setInsertionPoint(op);
      auto call = LLVM::CallIntrinsicOp::create(b, op->getLoc(), op->getResult(0).getType(),
                                                b.getStringAttr(name), op->getOperands());
      op->replaceAllUsesWith(call->getResults());
      op->erase();
    }
  }
};

} // namespace
} // namespace attune
