// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Our ops may be inlined wherever they stand: they name nothing outside of their operands.

#include "attune/Dialect/Attn/AttnBase.h"
#include "attune/Dialect/NN/NNBase.h"
#include "attune/Transforms/Passes.h"

#include "mlir/Transforms/InliningUtils.h"

using namespace mlir;
using namespace attune;

namespace {
struct Inliner : DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;
  bool isLegalToInline(Operation *, Region *, bool, IRMapping &) const final { return true; }
  bool isLegalToInline(Region *, Region *, bool, IRMapping &) const final { return true; }
};
} // namespace

void attune::registerInlinerInterfaces(DialectRegistry &registry) {
  registry.addExtension(
      +[](MLIRContext *, attn::AttnDialect *dialect) { dialect->addInterfaces<Inliner>(); });
  registry.addExtension(
      +[](MLIRContext *, nn::NNDialect *dialect) { dialect->addInterfaces<Inliner>(); });
}
