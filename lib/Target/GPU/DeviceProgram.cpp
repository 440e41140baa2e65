// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// attune-gpu-program: the table that a program hands to the runtime (attune_program in
// attune/Runtime/Device.h), and memory on the device for what is malloc'ed on the host: kernels are
// functions of their own here, so every buffer belongs to the device.

#include "attune/Entry/Passes.h"
#include "attune/Support/Errors.h"
#include "attune/Support/PassAttrs.h"
#include "attune/Target/GPU/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_DEVICEPROGRAMPASS
#include "attune/Target/GPU/Passes.h.inc"

namespace {

class ProgramBuilder {
public:
  explicit ProgramBuilder(ModuleOp module)
      : module(module), loc(module.getLoc()), b(OpBuilder::atBlockEnd(module.getBody())),
        i32(b.getI32Type()), i64(b.getI64Type()), ptr(LLVM::LLVMPointerType::get(b.getContext())) {}
  LogicalResult run();

private:
  using Fill = llvm::function_ref<Value()>;
  /// A constant of the type, made by `fill` in its initializer.
  LLVM::GlobalOp global(StringRef name, Type type, Fill fill);
  LLVM::GlobalOp bytes(StringRef name, StringRef data);
  Value number(int64_t value, Type type) {
    return LLVM::ConstantOp::create(b, loc, type, b.getIntegerAttr(type, value));
  }
  Value addressOf(LLVM::GlobalOp symbol) { return LLVM::AddressOfOp::create(b, loc, symbol); }
  Value structOf(Type type, ValueRange fields) {
    Value value = LLVM::UndefOp::create(b, loc, type);
    for (auto [i, field] : llvm::enumerate(fields))
      value = LLVM::InsertValueOp::create(b, loc, value, field, ArrayRef<int64_t>{int64_t(i)});
    return value;
  }
  /// An array of `count` elements, each made by `element`.
  LLVM::GlobalOp array(StringRef name, Type type, size_t count,
                       llvm::function_ref<Value(size_t)> element);
  LLVM::LLVMFuncOp body(LLVM::LLVMFuncOp kernel, StringRef name);
  LogicalResult rename(StringRef from, StringRef to);

  ModuleOp module;
  Location loc;
  OpBuilder b;
  Type i32, i64, ptr;
};

LLVM::GlobalOp ProgramBuilder::global(StringRef name, Type type, Fill fill) {
  OpBuilder::InsertionGuard guard(b);
  auto made = LLVM::GlobalOp::create(b, loc, type, /*isConstant=*/true, LLVM::Linkage::Internal,
                                     name, Attribute());
  b.createBlock(&made.getInitializerRegion());
  LLVM::ReturnOp::create(b, loc, fill());
  return made;
}

LLVM::GlobalOp ProgramBuilder::bytes(StringRef name, StringRef data) {
  return LLVM::GlobalOp::create(b, loc, LLVM::LLVMArrayType::get(b.getI8Type(), data.size()),
                                /*isConstant=*/true, LLVM::Linkage::Internal, name,
                                b.getStringAttr(data), /*alignment=*/16);
}

LLVM::GlobalOp ProgramBuilder::array(StringRef name, Type type, size_t count,
                                     llvm::function_ref<Value(size_t)> element) {
  Type whole = LLVM::LLVMArrayType::get(type, count);
  return global(name, whole, [&]() -> Value {
    Value value = LLVM::UndefOp::create(b, loc, whole);
    for (size_t i = 0; i < count; ++i)
      value = LLVM::InsertValueOp::create(b, loc, value, element(i), ArrayRef<int64_t>{int64_t(i)});
    return value;
  });
}

/// void body(const i64 *slots): unpacks the parameters of a kernel on the CPU.
LLVM::LLVMFuncOp ProgramBuilder::body(LLVM::LLVMFuncOp kernel, StringRef name) {
  OpBuilder::InsertionGuard guard(b);
  auto function = LLVM::LLVMFuncOp::create(
      b, loc, name, LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(b.getContext()), {ptr}));
  function.setLinkage(LLVM::Linkage::Internal);
  Block *entry = function.addEntryBlock(b);
  b.setInsertionPointToEnd(entry);
  SmallVector<Value> arguments;
  for (auto [i, type] : llvm::enumerate(kernel.getFunctionType().getParams())) {
    Value place = LLVM::GEPOp::create(b, loc, ptr, i64, entry->getArgument(0),
                                      ArrayRef<LLVM::GEPArg>{int32_t(i)});
    arguments.push_back(LLVM::LoadOp::create(b, loc, type, place));
  }
  LLVM::CallOp::create(b, loc, kernel, arguments);
  LLVM::ReturnOp::create(b, loc, ValueRange());
  return function;
}

LogicalResult ProgramBuilder::rename(StringRef from, StringRef to) {
  auto function = module.lookupSymbol<LLVM::LLVMFuncOp>(from);
  if (!function)
    return success();
  StringAttr name = b.getStringAttr(to);
  if (failed(SymbolTable::replaceAllSymbolUses(function, name, module)))
    return failure();
  function.setSymNameAttr(name);
  return success();
}

LogicalResult ProgramBuilder::run() {
  if (failed(rename("malloc", "attune_device_alloc")) ||
      failed(rename("free", "attune_device_free")))
    return failure();
  auto strings = [&](StringRef name) {
    auto list = module->getAttrOfType<ArrayAttr>(name);
    return list ? SmallVector<StringRef>(list.getAsValueRange<StringAttr>())
                : SmallVector<StringRef>();
  };
  SmallVector<StringRef> kernels = strings(kKernelsAttr), sites = strings(kSitesAttr);
  auto images = module->getAttrOfType<ArrayAttr>(kImagesAttr);
  auto parameterCounts = module->getAttrOfType<DenseI64ArrayAttr>(kParametersAttr);
  ArrayRef<int64_t> counts = parameterCounts ? parameterCounts.asArrayRef() : ArrayRef<int64_t>();
  if (counts.size() != kernels.size())
    return emitInternal(module) << "kernels without their numbers of parameters";
  size_t imageCount = images ? images.size() : 0;

  unsigned texts = 0;
  auto text = [&](StringRef value) {
    return bytes(("attune.program.text." + Twine(texts++)).str(), (value + Twine('\0')).str());
  };
  SmallVector<LLVM::GlobalOp> kernelNames, siteTexts, chips, codes;
  SmallVector<LLVM::LLVMFuncOp> functions;
  for (auto [i, name] : llvm::enumerate(kernels)) {
    kernelNames.push_back(text(name));
    auto kernel = module.lookupSymbol<LLVM::LLVMFuncOp>(name);
    functions.push_back(kernel ? body(kernel, ("attune.body." + Twine(i)).str()) : nullptr);
  }
  for (StringRef site : sites)
    siteTexts.push_back(text(site));
  for (size_t i = 0; i < imageCount; ++i) {
    auto image = cast<DictionaryAttr>(images[i]);
    chips.push_back(text(image.getAs<StringAttr>("chip")));
    codes.push_back(bytes(("attune.program.code." + Twine(i)).str(),
                          image.getAs<StringAttr>("data").getValue()));
  }

  auto structType = [&](ArrayRef<Type> fields) {
    return LLVM::LLVMStructType::getLiteral(b.getContext(), fields);
  };
  Type kernelType = structType({ptr, i32, i32, ptr}), imageType = structType({ptr, i32, ptr, i64}),
       programType = structType({ptr, i64, ptr, i64, ptr, i64});
  LLVM::GlobalOp kernelTable =
      array("attune.program.kernels", kernelType, kernels.size(), [&](size_t i) {
        LLVM::LLVMFuncOp kernel = module.lookupSymbol<LLVM::LLVMFuncOp>(kernels[i]);
        Value run = functions[i] ? LLVM::AddressOfOp::create(b, loc, functions[i]).getResult()
                                 : LLVM::ZeroOp::create(b, loc, ptr).getResult();
        int64_t parameters = counts[i];
        bool waits = kernel && kernel->hasAttr(kWaitsAttr);
        return structOf(kernelType, {addressOf(kernelNames[i]), number(parameters, i32),
                                     number(waits, i32), run});
      });
  LLVM::GlobalOp imageTable = array("attune.program.images", imageType, imageCount, [&](size_t i) {
    auto image = cast<DictionaryAttr>(images[i]);
    return structOf(imageType,
                    {addressOf(chips[i]), number(image.getAs<BoolAttr>("ptx").getValue(), i32),
                     addressOf(codes[i]), number(image.getAs<StringAttr>("data").size(), i64)});
  });
  LLVM::GlobalOp siteTable = array("attune.program.sites", ptr, sites.size(),
                                   [&](size_t i) { return addressOf(siteTexts[i]); });
  global(kProgramSymbol, programType, [&] {
    return structOf(programType,
                    {addressOf(kernelTable), number(kernels.size(), i64), addressOf(imageTable),
                     number(imageCount, i64), addressOf(siteTable), number(sites.size(), i64)});
  });
  // Images stay until files are written.
  module->removeAttr(kKernelsAttr);
  module->removeAttr(kParametersAttr);
  module->removeAttr(kSitesAttr);
  return success();
}

struct DeviceProgramPass : impl::DeviceProgramPassBase<DeviceProgramPass> {
  void runOnOperation() override {
    if (failed(ProgramBuilder(getOperation()).run()))
      signalPassFailure();
  }
};

} // namespace
} // namespace attune
