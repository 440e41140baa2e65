// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The CPU as a target.
#include "attune/Target/CPU/CpuTarget.h"

#include "attune/Target/CPU/Passes.h"
#include "attune/Tile/CPU/Passes.h"

using namespace mlir;
using namespace attune;

#define ATTUNE_STAGE(name, summary, passes, legal) {name, summary, passes, legal},
static constexpr Stage kStages[] = {
#include "Stages.def"
};
#undef ATTUNE_STAGE

namespace {
class CpuTarget : public Target {
public:
  StringRef name() const override { return "cpu"; }
  ArrayRef<Stage> stages() const override { return kStages; }

  std::optional<std::string> fill(StringRef name, StringRef text,
                                  const StageOptions &options) const override {
    if (name == "lanes")
      return std::to_string(options.lanes);
    if (name == "registers")
      return std::to_string(options.registers);
    if (name == "openmp")
      return options.openmp ? text.str() : "";
    if (name == "elementwise-options")
      return "";
    if (name == "buffer-passes")
      return ",attune-fuse-rows";
    return std::nullopt;
  }

  void registerPasses() const override {
    registerAttuneTargetCPUPasses();
    registerAttuneTileCPUPasses();
  }
};
} // namespace

namespace attune {
const Target &cpuTarget() {
  static const CpuTarget target;
  return target;
}
} // namespace attune
