// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Layers to linalg by their own decomposition (nn::LayerOpInterface). A decomposition may use other
// layers (frobenius_normalize uses frobenius_norm), hence the list that grows.

#include "attune/Dialect/NN/NNBase.h"
#include "attune/Transforms/Passes.h"

namespace attune {
#define GEN_PASS_DEF_LOWERNNPASS
#include "attune/Transforms/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

namespace {
/// Remembers layers that a decomposition makes.
struct LayerListener : OpBuilder::Listener {
  SmallVector<nn::LayerOpInterface> layers;
  void notifyOperationInserted(Operation *op, OpBuilder::InsertPoint) override {
    if (auto layer = dyn_cast<nn::LayerOpInterface>(op))
      layers.push_back(layer);
  }
};

struct LowerNNPass : attune::impl::LowerNNPassBase<LowerNNPass> {
  void runOnOperation() override {
    LayerListener listener;
    getOperation().walk([&](nn::LayerOpInterface layer) { listener.layers.push_back(layer); });
    OpBuilder b(&getContext(), &listener);
    while (!listener.layers.empty()) {
      nn::LayerOpInterface layer = listener.layers.pop_back_val();
      b.setInsertionPoint(layer);
      FailureOr<SmallVector<Value>> values = layer.decompose(b);
      if (failed(values)) {
        layer.emitError() << "`" << layer->getName() << "` has no decomposition for these types";
        return signalPassFailure();
      }
      layer->replaceAllUsesWith(*values);
      layer->erase();
    }
  }
};
} // namespace
