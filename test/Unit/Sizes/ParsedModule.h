// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A module from text whose values are found by location: `%t = .. loc("t")` is value("t").
#ifndef ATTUNE_TEST_UNIT_SIZES_PARSEDMODULE_H
#define ATTUNE_TEST_UNIT_SIZES_PARSEDMODULE_H

#include "attune/InitAll.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

class ParsedModule {
public:
  explicit ParsedModule(const std::string &text)
      : context(registry(), mlir::MLIRContext::Threading::DISABLED),
        module(mlir::parseSourceString<mlir::ModuleOp>(text, &context)) {
    if (!module)
      return;
    module->walk([&](mlir::Operation *op) {
      if (op->getNumResults() > 0)
        add(op->getLoc(), op->getResult(0));
      for (mlir::Region &region : op->getRegions())
        for (mlir::Block &block : region)
          for (mlir::BlockArgument argument : block.getArguments())
            add(argument.getLoc(), argument);
    });
  }

  bool isValid() const { return static_cast<bool>(module); }
  bool has(llvm::StringRef name) const { return values.contains(name); }
  mlir::Value value(llvm::StringRef name) const { return values.at(name); }
  mlir::ModuleOp get() { return *module; }

private:
  static mlir::DialectRegistry registry() {
    mlir::DialectRegistry all;
    attune::registerAllDialects(all);
    return all;
  }

  void add(mlir::Location loc, mlir::Value value) {
    if (auto name = llvm::dyn_cast<mlir::NameLoc>(loc))
      values.try_emplace(name.getName(), value);
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  llvm::StringMap<mlir::Value> values;
};

#endif
