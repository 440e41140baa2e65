// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The seed models: a table of options and a function that builds the module, for each.
#ifndef ATTUNE_MODELS_MODELS_H
#define ATTUNE_MODELS_MODELS_H

#include "attune/Models/Options.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace attune::models {

class ModelBuilder;

struct Model {
  llvm::StringLiteral name;
  llvm::StringLiteral summary;
  llvm::ArrayRef<Option> options;
  /// Fills the entry function.
  void (*build)(ModelBuilder &builder, const Options &options);
  /// Looks at options together; returns an error, or an empty string. May be null.
  std::string (*check)(const Options &options) = nullptr;
};

/// All models, in the order of the help text.
llvm::ArrayRef<const Model *> allModels();
/// Null where no model has the name.
const Model *findModel(llvm::StringRef name);

/// Loads the dialects that the models use.
void loadDialects(mlir::MLIRContext &context);

/// Builds and verifies the module of a model. Returns null and sets `error` where the module does
/// not verify, which is a bug of the builder, not of the options.
mlir::OwningOpRef<mlir::ModuleOp> build(mlir::MLIRContext *context, const Model &model,
                                        const Options &options, std::string &error);

/// Prints a module with the weights' and layers' names as SSA names and as locations.
void print(mlir::ModuleOp module, llvm::raw_ostream &out);

/// The tool `attune-zoo`; returns its exit code.
int zooMain(int argc, char **argv);

} // namespace attune::models

#endif
