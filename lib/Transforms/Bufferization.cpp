// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Bufferization of our destination-style ops: the same op on memrefs. attn.stream adds to its
// inits, so it reads them (a `materialize` sink leaves absent entries untouched); those of nn
// overwrite theirs, so that their old contents need not be kept.

#include "attune/Dialect/Attn/Stream.h"
#include "attune/Dialect/NN/Graph.h"
#include "attune/Dialect/NN/Inverse.h"
#include "attune/Transforms/Passes.h"

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"

using namespace mlir;
using namespace mlir::bufferization;
using namespace attune;

/// Puts `op` on the buffers of its tensor operands and replaces its results by those of the inits.
static LogicalResult bufferizeInPlace(DestinationStyleOpInterface op, RewriterBase &rewriter,
                                      const BufferizationOptions &options,
                                      BufferizationState &state) {
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(op);
  SmallVector<Value> operands, inits;
  for (OpOperand &operand : op->getOpOperands()) {
    Value value = operand.get();
    if (isa<TensorType>(value.getType())) {
      FailureOr<Value> buffer = getBuffer(rewriter, value, options, state);
      if (failed(buffer))
        return failure();
      value = *buffer;
    }
    operands.push_back(value);
    if (op.isDpsInit(&operand))
      inits.push_back(value);
  }
  clone(rewriter, op, /*newResultTypes=*/TypeRange(), operands);
  replaceOpWithBufferizedValues(rewriter, op, inits);
  return success();
}

namespace {
struct StreamModel : DstBufferizableOpInterfaceExternalModel<StreamModel, attn::StreamOp> {
  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options, BufferizationState &state) const {
    return bufferizeInPlace(cast<DestinationStyleOpInterface>(op), rewriter, options, state);
  }
};

/// An op that overwrites its inits.
template <typename OpTy>
struct OverwritingModel : DstBufferizableOpInterfaceExternalModel<OverwritingModel<OpTy>, OpTy> {
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand, const AnalysisState &) const {
    return !cast<DestinationStyleOpInterface>(op).isDpsInit(&operand);
  }
  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options, BufferizationState &state) const {
    return bufferizeInPlace(cast<DestinationStyleOpInterface>(op), rewriter, options, state);
  }
};

template <typename... Ops> void attachOverwriting(MLIRContext &context) {
  (Ops::template attachInterface<OverwritingModel<Ops>>(context), ...);
}
} // namespace

void attune::registerBufferizationModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, attn::AttnDialect *) {
    attn::StreamOp::attachInterface<StreamModel>(*context);
  });
  registry.addExtension(+[](MLIRContext *context, nn::NNDialect *) {
    attachOverwriting<nn::CsrOp, nn::SegmentPoolOp, nn::HopLayoutOp, nn::HopTableOp,
                      nn::CholeskyInverseOp>(*context);
  });
}
