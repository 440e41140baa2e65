// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What graphics processors and their emulator share as targets.
#ifndef ATTUNE_TARGET_GPU_GPUTARGET_H
#define ATTUNE_TARGET_GPU_GPUTARGET_H

#include "attune/Target/Target.h"

namespace attune {

class GpuTarget : public Target {
public:
  llvm::ArrayRef<Stage> stages() const override;
  std::optional<std::string> fill(llvm::StringRef name, llvm::StringRef text,
                                  const StageOptions &options) const override;
  void registerPasses() const override;
  void registerDialects(mlir::DialectRegistry &registry) const override;
  bool takesPrecision() const override { return true; }
  llvm::Error check(const TargetFlags &flags) const override;
  void dropImages(mlir::ModuleOp module) const override;
};

} // namespace attune

#endif
