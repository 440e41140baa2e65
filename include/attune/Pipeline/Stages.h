// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The way from a model to LLVM as a table of stages. Pipelines, stop points, checks between stages
// and the documentation all read it.
#ifndef ATTUNE_PIPELINE_STAGES_H
#define ATTUNE_PIPELINE_STAGES_H

#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <string>

namespace attune {

/// What the stages can be told. Numbers and texts go into the pass texts of the table.
struct StageOptions {
  /// Rewrites that `linearize` must not use, by name, separated by commas.
  std::string disable;
  /// Sizes that may occur with degree 2, by name, separated by commas.
  std::string allow;
  /// f32 lanes of the target's vectors.
  unsigned lanes = 16;
  /// Its vector registers; 0 for as many as x86 has with these lanes.
  unsigned registers = 0;
  /// Loops over rows run on OpenMP threads.
  bool openmp = true;
  /// Written into the compiled program's manifest by the last stage. `target` also chooses between
  /// the stages of cpu and gpu.
  std::string target = "cpu", cpu, features, triple;
  /// Graphics processors to make code for, separated by commas; the first decides on tile sizes.
  std::string chips = "sm_80";
  /// Factors of products of matrices there: f32, tf32x3, tf32 or bf16.
  std::string precision = "f32";
};

struct Stage {
  llvm::StringLiteral name;
  /// "all", "cpu" or "gpu".
  llvm::StringLiteral targets;
  /// One line for documentation and help.
  llvm::StringLiteral summary;
  /// Textual pass pipeline inside builtin.module, with placeholders: see stagePasses.
  llvm::StringLiteral passes;
  /// Dialects ("scf") and single ops ("attn.stream") that may be left afterwards.
  llvm::StringLiteral legal;
};

/// The stages of a target (cpu, gpu, gpu-emulator), in order.
llvm::SmallVector<const Stage *> stagesOf(llvm::StringRef target);
/// Their names in order.
llvm::SmallVector<llvm::StringRef> stageNames(llvm::StringRef target);
/// The stage of any target; null where there is none of that name.
const Stage *findStage(llvm::StringRef name);

/// The stage's passes as text for mlir::parsePassPipeline, placeholders filled in.
std::string stagePasses(const Stage &stage, const StageOptions &options);

/// Adds the target's stages `from` .. `to`, both included, each followed by a check of what it
/// left. Fails with a message in `error` for an unknown name or a reversed range.
llvm::LogicalResult buildPipeline(mlir::OpPassManager &pm, llvm::StringRef from, llvm::StringRef to,
                                  const StageOptions &options, std::string &error);

/// The pipelines `attune-linearize` (from `entry` to `linearize`), and `attune-cpu` and
/// `attune-gpu` (the rest).
void registerPipelines();

} // namespace attune

#endif
