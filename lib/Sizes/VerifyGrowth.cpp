// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Counts the elements of every tensor and allocation as a polynomial in the named sizes, and
// refuses what has degree 2 or more in those that grow.
#include "attune/Sizes/EntryAttrs.h"
#include "attune/Sizes/Passes.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/PassAttrs.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_VERIFYGROWTHPASS
#include "attune/Sizes/Passes.h.inc"

namespace {

struct VerifyGrowth : impl::VerifyGrowthPassBase<VerifyGrowth> {
  using Base::Base;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    // Helpers without named sizes are called from entries, whose own values are checked.
    if (function.isExternal() || (function.isPrivate() && !hasNamedSizes(function)))
      return;
    sizes = function->getAttrOfType<DictionaryAttr>(kSizesAttr);
    WalkResult result = function.walk([&](Operation *op) {
      for (Value value : op->getResults())
        if (failed(check(op, value)))
          return WalkResult::interrupt();
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

private:
  DictionaryAttr sizes;

  static bool hasNamedSizes(func::FuncOp function) {
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      if (function.getArgAttr(i, kDimsAttr))
        return true;
    return false;
  }

  bool grows(StringRef symbol) const {
    if (llvm::is_contained(allowed, symbol))
      return false;
    auto kind = sizes ? dyn_cast_if_present<StringAttr>(sizes.get(symbol)) : StringAttr();
    return !kind || kind.getValue() != "batch";
  }

  LogicalResult check(Operation *op, Value value) {
    bool stored = isa<RankedTensorType>(value.getType()) ||
                  (isa<MemRefType>(value.getType()) && isa<memref::AllocOp, memref::AllocaOp>(op));
    if (!stored)
      return success();
    SizePoly count = elementCount(value);
    auto origin = op->getAttrOfType<StringAttr>(kOriginAttr);
    std::string name = (origin ? origin.getValue() : op->getName().getStringRef()).str();
    auto growing = [&](StringRef symbol) { return grows(symbol); };
    if (count.hasSymbol("?"))
      return emitError(op->getLoc()) << "'" << name << "' op result has " << count.str()
                                     << " elements: a dimension can't be traced to a named size";
    if (count.degree(growing) <= 1)
      return success();
    InFlightDiagnostic diag = emitError(op->getLoc());
    diag << "'" << name << "' op result has " << count.str()
         << " elements, which grows faster than linearly in ";
    std::vector<std::string> names;
    for (const auto &[monomial, coefficient] : count.terms)
      if (llvm::count_if(monomial, growing) > 1)
        for (const std::string &symbol : monomial)
          if (growing(symbol) && !llvm::is_contained(names, symbol))
            names.push_back(symbol);
    llvm::interleaveComma(names, diag,
                          [&](const std::string &symbol) { diag << "`" << symbol << "`"; });
    diag.attachNote(op->getLoc())
        << "keep it an implicit matrix and apply it, or allow the size by name with "
           "--allow=<size>";
    return diag;
  }
};

} // namespace
} // namespace attune
