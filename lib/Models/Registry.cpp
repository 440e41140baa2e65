// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The list of models. A new model is one file that defines its `Model`, and one line in each of the
// two lists below.

#include "ModelBuilder.h"
#include "attune/Dialect/Attn/AttnBase.h"
#include "attune/Dialect/NN/NNBase.h"
#include "attune/Models/Models.h"

#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace attune;
using namespace attune::models;

namespace attune::models {
extern const Model difformerModel;
extern const Model gcnModel;
extern const Model softModel;
extern const Model gradformerModel;
} // namespace attune::models

static const Model *const kModels[] = {&difformerModel, &gcnModel, &softModel, &gradformerModel};

llvm::ArrayRef<const Model *> attune::models::allModels() { return kModels; }

const Model *attune::models::findModel(llvm::StringRef name) {
  for (const Model *model : kModels)
    if (model->name == name)
      return model;
  return nullptr;
}

void attune::models::loadDialects(MLIRContext &context) {
  context
      .loadDialect<func::FuncDialect, arith::ArithDialect, math::MathDialect, tensor::TensorDialect,
                   linalg::LinalgDialect, attn::AttnDialect, nn::NNDialect>();
}

OwningOpRef<ModuleOp> attune::models::build(MLIRContext *context, const Model &model,
                                            const Options &options, std::string &error) {
  loadDialects(*context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(context));
  ModelBuilder builder(*module, model.name);
  model.build(builder, options);

  // The first diagnostic says what is wrong; the others only add to it.
  ScopedDiagnosticHandler handler(context, [&](Diagnostic &diagnostic) {
    if (error.empty())
      error = diagnostic.str();
    return success();
  });
  if (failed(verify(*module)))
    return nullptr;
  return module;
}

void attune::models::print(ModuleOp module, llvm::raw_ostream &out) {
  OpPrintingFlags flags;
  flags.enableDebugInfo(/*enable=*/true, /*prettyForm=*/false).printNameLocAsPrefix();
  std::string text;
  llvm::raw_string_ostream stream(text);
  module->print(stream, flags);

  // The signature, with an argument for each weight, takes one line each.
  llvm::StringRef rest = text;
  while (!rest.empty()) {
    auto [line, tail] = rest.split('\n');
    bool isSignature = line.ltrim().starts_with("func.func");
    for (size_t comma; isSignature && (comma = line.find(", %")) != llvm::StringRef::npos;) {
      out << line.take_front(comma) << ",\n      ";
      line = line.drop_front(comma + 2);
    }
    out << line << "\n";
    rest = tail;
  }
}
