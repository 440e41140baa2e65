// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// tensor.dim of whatever has size N  ->  tensor.dim of the first argument that `attune.dims` gives
// N. Sizes are polynomials in the names (sizeOf), so that this sees through layers, reshapes
// and loops; "G+1" is a size of its own and never computed from "G".

#include "attune/Sizes/EntryAttrs.h"
#include "attune/Sizes/Passes.h"
#include "attune/Sizes/Sizes.h"

namespace attune {
#define GEN_PASS_DEF_UNIFYDIMSPASS
#include "attune/Sizes/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

/// A dimension of an argument.
using ArgumentDim = std::pair<BlockArgument, int64_t>;

/// The first argument dimension of each size, by the size's text.
static llvm::StringMap<ArgumentDim> namedDims(func::FuncOp function) {
  llvm::StringMap<ArgumentDim> dims;
  for (BlockArgument argument : function.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!type || !function.getArgAttr(argument.getArgNumber(), kDimsAttr))
      continue;
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      if (SizePoly size = sizeOf(argument, dim); type.isDynamicDim(dim) && !size.hasSymbol("?"))
        dims.try_emplace(size.str(), argument, dim);
  }
  return dims;
}

void attune::unifyDims(func::FuncOp function) {
  if (function.isExternal())
    return;
  llvm::StringMap<ArgumentDim> dims = namedDims(function);
  if (dims.empty())
    return;
  SmallVector<tensor::DimOp> ops;
  function.walk([&](tensor::DimOp op) { ops.push_back(op); });
  OpBuilder b = OpBuilder::atBlockBegin(&function.getBody().front());
  llvm::StringMap<Value> values;
  for (tensor::DimOp op : ops) {
    SizePoly size = sizeOfIndex(op.getResult());
    Value &value = values[size.str()];
    if (!value) {
      if (std::optional<int64_t> constant = size.getConstant())
        value = arith::ConstantIndexOp::create(b, op.getLoc(), *constant);
      else if (auto found = dims.find(size.str()); found != dims.end())
        value = tensor::DimOp::create(b, op.getLoc(), found->second.first, found->second.second);
      else
        continue;
    }
    op.getResult().replaceAllUsesWith(value);
    op.erase();
  }
}

namespace {
struct UnifyDimsPass : attune::impl::UnifyDimsPassBase<UnifyDimsPass> {
  void runOnOperation() override { unifyDims(getOperation()); }
};
} // namespace
