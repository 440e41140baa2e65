// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// attune-gpu-serialize: the module of kernels, which is in the LLVM dialect by now, becomes PTX in
// this process, and machine code where an assembler is found. PTX is made for the lowest chip, so
// that the driver of every later one can finish it.

#include "Cubin.h"
#include "attune/Support/Errors.h"
#include "attune/Support/PassAttrs.h"
#include "attune/Target/GPU/Passes.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Target/LLVM/ModuleToObject.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_SERIALIZEKERNELSPASS
#include "attune/Target/GPU/Passes.h.inc"

namespace {

/// The chip's compute capability: 80 for sm_80 and sm_80a.
std::optional<unsigned> capability(StringRef chip) {
  unsigned number;
  StringRef rest = chip;
  if (!rest.consume_front("sm_") || rest.consumeInteger(10, number))
    return std::nullopt;
  return rest.empty() || rest == "a" ? std::optional(number) : std::nullopt;
}

/// What the machine lacks is no bug; that the assembler refuses our text is one.
LogicalResult emitFailure(Operation *kernels, llvm::Error error) {
  bool isUnsupported = error.isA<NotSupported>();
  std::string text = llvm::toString(std::move(error));
  return (isUnsupported ? emitUnsupported(kernels) : emitInternal(kernels)) << text;
}

class PtxEmitter : public LLVM::ModuleToObject {
public:
  PtxEmitter(Operation &module, StringRef chip)
      : ModuleToObject(module, "nvptx64-nvidia-cuda", chip, "", /*optLevel=*/3) {}

  /// Without a data layout LLVM would take numbers of 64 bits to be aligned to 32.
  void setDataLayout() {
    FailureOr<llvm::TargetMachine *> machine = getOrCreateTargetMachine();
    if (succeeded(machine))
      getOperation().setAttr(
          LLVM::LLVMDialect::getDataLayoutAttrName(),
          StringAttr::get(getOperation().getContext(),
                          (*machine)->createDataLayout().getStringRepresentation()));
  }

protected:
  void handleModulePreLink(llvm::Module &code) override {
    // Shared memory whose size the launch gives: declared outside, so that its size is open, and
    // aligned for wide copies.
    for (llvm::GlobalVariable &variable : code.globals())
      if (variable.getAddressSpace() == 3) {
        variable.setInitializer(nullptr);
        variable.setLinkage(llvm::GlobalValue::ExternalLinkage);
        variable.setAlignment(llvm::Align(16));
      }
  }

  FailureOr<SmallVector<char, 0>> moduleToObject(llvm::Module &code) override {
    FailureOr<llvm::TargetMachine *> machine = getOrCreateTargetMachine();
    if (failed(machine))
      return failure();
    FailureOr<SmallString<0>> text =
        translateModuleToISA(code, **machine, [&]() { return getOperation().emitError(); });
    if (failed(text))
      return failure();
    return SmallVector<char, 0>(text->begin(), text->end());
  }
};

struct SerializeKernelsPass : impl::SerializeKernelsPassBase<SerializeKernelsPass> {
  using SerializeKernelsPassBase::SerializeKernelsPassBase;

  void runOnOperation() override {
    SmallVector<mlir::gpu::GPUModuleOp> modules(getOperation().getOps<mlir::gpu::GPUModuleOp>());
    if (modules.size() > 1) {
      modules[1].emitError("a program has one module of kernels");
      return signalPassFailure();
    }
    if (!modules.empty() && failed(serialize(modules.front())))
      return signalPassFailure();
    for (mlir::gpu::GPUModuleOp module : modules)
      module.erase();
  }

private:
  LogicalResult serialize(mlir::gpu::GPUModuleOp kernels) {
    static std::once_flag once;
    std::call_once(once, [] {
      LLVMInitializeNVPTXTargetInfo();
      LLVMInitializeNVPTXTarget();
      LLVMInitializeNVPTXTargetMC();
      LLVMInitializeNVPTXAsmPrinter();
    });
    std::string lowest = *llvm::min_element(chips, [](const std::string &a, const std::string &b) {
      return capability(a).value_or(0) < capability(b).value_or(0);
    });
    PtxEmitter emitter(*kernels, lowest);
    emitter.setDataLayout();
    std::optional<SmallVector<char, 0>> ptx = emitter.run();
    if (!ptx)
      return kernels.emitError("no PTX could be made for ") << lowest;
    StringRef text(ptx->data(), ptx->size());
    text = text.rtrim('\0');
    if (size_t at = text.find(".extern .func"); at != StringRef::npos)
      return emitInternal(kernels) << "the kernels call a function of a device library: "
                                   << text.substr(at, 80).split('\n').first;
    OpBuilder b(&getContext());
    SmallVector<Attribute> images;
    auto add = [&](StringRef chip, bool isPtx, StringRef data) {
      images.push_back(b.getDictionaryAttr({b.getNamedAttr("chip", b.getStringAttr(chip)),
                                            b.getNamedAttr("ptx", b.getBoolAttr(isPtx)),
                                            b.getNamedAttr("data", b.getStringAttr(data))}));
    };
    for (const std::string &chip : chips) {
      llvm::Expected<std::optional<gpu::Cubin>> cubin = gpu::assemble(text, chip);
      if (!cubin)
        return emitFailure(kernels, cubin.takeError());
      if (*cubin)
        add(chip, false, (*cubin)->data);
    }
    add(lowest, true, (text + Twine('\0')).str());
    getOperation()->setAttr(kImagesAttr, b.getArrayAttr(images));
    return success();
  }
};

} // namespace
} // namespace attune
