// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Graphics processors as a target, and what their emulator shares with them.
#include "attune/Target/GPU/GpuTarget.h"

#include "NVIDIA/Cubin.h"
#include "attune/Support/PassAttrs.h"
#include "attune/Target/GPU/Passes.h"
#include "attune/Tile/GPU/ChipSpec.h"
#include "attune/Tile/GPU/Passes.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace attune {

#define ATTUNE_STAGE(name, summary, passes, legal) {name, summary, passes, legal},
static constexpr Stage kStages[] = {
#include "Stages.def"
};
#undef ATTUNE_STAGE

/// What code is made for where nobody asks for more: the oldest chip with asynchronous copies.
static constexpr llvm::StringLiteral kDefaultChip = "sm_80";

static StringRef chipsOf(const StageOptions &options) {
  return options.chips.empty() ? StringRef(kDefaultChip) : StringRef(options.chips);
}

ArrayRef<Stage> GpuTarget::stages() const { return kStages; }

std::optional<std::string> GpuTarget::fill(StringRef name, StringRef text,
                                           const StageOptions &options) const {
  if (name == "chip")
    return chipsOf(options).split(',').first.str();
  if (name == "precision")
    return options.precision;
  if (name == "nvidia")
    return chipsOf(options).starts_with("sm_") ? text.str() : "";
  if (name == "elementwise-options")
    return "{transposes}";
  if (name == "buffer-passes")
    return "";
  return std::nullopt;
}

void GpuTarget::registerPasses() const {
  registerGPUPasses();
  registerAttuneTargetGPUPasses();
  registerAttuneTileGPUPasses();
}

void GpuTarget::registerDialects(DialectRegistry &registry) const {
  registry.insert<mlir::gpu::GPUDialect, nvgpu::NVGPUDialect, NVVM::NVVMDialect>();
  registerGPUDialectTranslation(registry);
  registerNVVMDialectTranslation(registry);
}

llvm::Error GpuTarget::check(const TargetFlags &flags) const {
  if (!flags.precision.empty() && !tile::parsePrecision(flags.precision))
    return llvm::createStringError("--precision is `" + flags.precision +
                                   "`, expected f32, tf32x3, tf32 or bf16");
  return llvm::Error::success();
}

void GpuTarget::dropImages(ModuleOp module) const { module->removeAttr(kImagesAttr); }

namespace {
/// Real processors: those of NVIDIA.
class DeviceTarget : public GpuTarget {
public:
  StringRef name() const override { return "gpu"; }

  std::optional<std::string> fill(StringRef name, StringRef text,
                                  const StageOptions &options) const override {
    if (name == "host-passes")
      return "";
    if (name == "device-passes")
      return "gpu.module(attune-gpu-nvvm-math,expand-strided-metadata,lower-affine,"
             "convert-nvgpu-to-nvvm,convert-scf-to-cf,convert-math-to-llvm,convert-gpu-to-nvvm,"
             "canonicalize,cse,reconcile-unrealized-casts),attune-gpu-serialize{chips=" +
             chipsOf(options).str() + "},";
    return GpuTarget::fill(name, text, options);
  }

  bool takesChips() const override { return true; }

  llvm::Error check(const TargetFlags &flags) const override {
    for (const std::string &chip : flags.chips) {
      if (!tile::findChip(chip))
        return llvm::make_error<NotSupported>("--chip is `" + chip + "`, expected " +
                                              tile::gpuChips());
      if (StringRef(chip).starts_with("gfx") && flags.stopAfter != "kernels")
        return llvm::make_error<NotSupported>(
            "--chip is `" + chip + "`, which is supported up to --stop-after=kernels only");
    }
    if (StringRef(flags.output).ends_with(".cubin") && flags.chips.size() > 1)
      return llvm::createStringError("-o is `" + flags.output +
                                     "`: a cubin is for one chip, and --chip names " +
                                     llvm::join(flags.chips, ", "));
    return GpuTarget::check(flags);
  }

  /// The one with the least room comes first: it decides on tile sizes.
  std::string orderChips(std::vector<std::string> chips) const override {
    auto room = [](const std::string &chip) {
      tile::ChipSpec spec = *tile::findChip(chip);
      return std::tuple(spec.sharedBytes, spec.columns, chip);
    };
    llvm::sort(chips,
               [&](const std::string &a, const std::string &b) { return room(a) < room(b); });
    return llvm::join(chips, ",");
  }

  ArrayRef<llvm::StringLiteral> imageEndings() const override {
    static constexpr llvm::StringLiteral endings[] = {".ptx", ".cubin"};
    return endings;
  }

  llvm::Expected<std::string> image(ModuleOp module, StringRef ending) const override {
    bool wantsPtx = ending == ".ptx";
    ArrayAttr images = module->getAttrOfType<ArrayAttr>(kImagesAttr);
    if (!images)
      return llvm::createStringError("the model has no kernels");
    for (DictionaryAttr image : images.getAsRange<DictionaryAttr>()) {
      if (image.getAs<BoolAttr>("ptx").getValue() != wantsPtx)
        continue;
      StringRef data = image.getAs<StringAttr>("data");
      return (wantsPtx ? data.rtrim('\0') : data).str();
    }
    return llvm::make_error<NotSupported>(gpu::noAssembler() +
                                          "; with -o <name>.ptx none is needed");
  }
};
} // namespace

const Target &gpuTarget() {
  static const DeviceTarget target;
  return target;
}

} // namespace attune
