// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The emulator of graphics processors as a target: kernels become functions that run on the CPU.
#include "attune/Target/Emulator/Passes.h"
#include "attune/Target/GPU/GpuTarget.h"

using namespace mlir;
using namespace attune;

namespace {
class EmulatorTarget : public GpuTarget {
public:
  StringRef name() const override { return "gpu-emulator"; }

  std::optional<std::string> fill(StringRef name, StringRef text,
                                  const StageOptions &options) const override {
    if (name == "host-passes")
      return "attune-gpu-emulate,func.func(attune-expand-math),";
    if (name == "device-passes")
      return "";
    return GpuTarget::fill(name, text, options);
  }

  void registerPasses() const override {
    GpuTarget::registerPasses();
    registerAttuneTargetEmulatorPasses();
  }
};
} // namespace

namespace attune {
const Target &gpuEmulatorTarget() {
  static const EmulatorTarget target;
  return target;
}
} // namespace attune
