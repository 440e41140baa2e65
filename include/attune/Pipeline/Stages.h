// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The way from a model to LLVM as a table of stages. Pipelines, stop points, checks between stages
// and the documentation all read it.
#ifndef ATTUNE_PIPELINE_STAGES_H
#define ATTUNE_PIPELINE_STAGES_H

#include "attune/Target/Target.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <string>

namespace attune {

/// The targets of lib/Pipeline/Targets.def; the first is the default.
llvm::ArrayRef<const Target *> allTargets();
/// Null where no target has the name.
const Target *findTarget(llvm::StringRef name);

/// The stages of a target in order: those of all targets, then its own.
llvm::SmallVector<const Stage *> stagesOf(const Target &target);
/// Their names in order.
llvm::SmallVector<llvm::StringRef> stageNames(const Target &target);
/// The stage of any target; null where there is none of that name.
const Stage *findStage(llvm::StringRef name);
/// Place of a stage in the target's order; none where it is not one of its stages.
std::optional<size_t> stageNumber(const Target &target, llvm::StringRef name);
/// Whether the op may be left after the stage.
bool isLegalAfter(const Stage &stage, mlir::OperationName op);

/// The stage's passes as text for mlir::parsePassPipeline, placeholders filled in. A placeholder
/// that neither the table nor the target knows is an error.
llvm::Expected<std::string> stagePasses(const Stage &stage, const Target &target,
                                        const StageOptions &options);

/// Adds the target's stages `from` .. `to`, both included, each followed by a check of what it
/// left. Fails with a message in `error` for an unknown name or a reversed range.
llvm::LogicalResult buildPipeline(mlir::OpPassManager &pm, llvm::StringRef from, llvm::StringRef to,
                                  const Target &target, const StageOptions &options,
                                  std::string &error);

/// The pipelines `attune-linearize` (from `entry` to `linearize`), and `attune-<target>` for each
/// target (the rest).
void registerPipelines();

} // namespace attune

#endif
