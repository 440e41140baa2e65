// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_LIB_ENTRY_SLOT_H
#define ATTUNE_LIB_ENTRY_SLOT_H

#include "attune/Sizes/EntryAttrs.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace attune {

/// An argument or a result of a public function.
struct Slot {
  mlir::func::FuncOp function;
  unsigned index;
  bool isResult;

  mlir::Type type() {
    return isResult ? function.getResultTypes()[index] : function.getArgumentTypes()[index];
  }
  mlir::Attribute get(llvm::StringRef name) {
    return isResult ? function.getResultAttr(index, name) : function.getArgAttr(index, name);
  }
  void set(llvm::StringRef name, mlir::Attribute value) {
    if (isResult)
      function.setResultAttr(index, name, value);
    else
      function.setArgAttr(index, name, value);
  }
  std::string describe() {
    std::string text = (isResult ? "result " : "argument ") + std::to_string(index);
    if (auto name = llvm::dyn_cast_if_present<mlir::StringAttr>(get(kNameAttr)))
      text += " (`" + name.str() + "`)";
    return text;
  }
  mlir::Location loc() {
    return isResult ? function.getLoc() : function.getArgument(index).getLoc();
  }
  mlir::InFlightDiagnostic error() {
    return mlir::emitError(loc()) << describe() << " of `" << function.getName() << "` ";
  }
  /// The size of each dimension, by the type where it is static, else by `attune.dims`. What is
  /// wrong is emitted.
  llvm::FailureOr<std::vector<runtime::SizeSum>> readShape();
};

} // namespace attune

#endif
