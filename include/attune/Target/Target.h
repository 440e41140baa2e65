// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a target is to the compiler: stages of its own behind those that all share, code for the
// device, and the archive that its programs contain. A target is a folder in lib/Target and a line
// in lib/Pipeline/Targets.def; the runtime knows it by a line in lib/Runtime/Targets.def. Whatever
// the target, the host's code is made by lib/Target/CPU.
#ifndef ATTUNE_TARGET_TARGET_H
#define ATTUNE_TARGET_TARGET_H

#include "attune/Support/Errors.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>
#include <vector>

namespace attune {

/// One row of the stage table.
struct Stage {
  llvm::StringLiteral name;
  /// One line for documentation and help.
  llvm::StringLiteral summary;
  /// Textual pass pipeline inside builtin.module, with placeholders ${name} and ${name:text} that
  /// the target fills in.
  llvm::StringLiteral passes;
  /// Dialects ("scf") and single ops ("attn.stream") that may be left afterwards.
  llvm::StringLiteral legal;
};

/// What the stages can be told. Numbers and texts go into the pass texts of the table.
struct StageOptions {
  /// Rewrites that `linearize` must not use, by name, separated by commas.
  std::string disable;
  /// Sizes that may occur with degree 2, by name, separated by commas.
  std::string allow;
  /// f32 lanes of the processor's vectors.
  unsigned lanes = 16;
  /// Its vector registers; 0 for as many as x86 has with these lanes.
  unsigned registers = 0;
  /// Loops over rows run on OpenMP threads.
  bool openmp = true;
  /// Written into the compiled program's manifest by the last stage.
  std::string cpu, features, triple;
  /// Graphics processors to make code for, separated by commas; the first decides on tile sizes.
  /// Empty for the target's default.
  std::string chips;
  /// Factors of products of matrices there: f32, tf32x3, tf32 or bf16.
  std::string precision = "f32";
};

/// What the command line says that not every target understands.
struct TargetFlags {
  std::vector<std::string> chips;
  std::string precision;
  std::string stopAfter;
  /// File to write.
  std::string output;
};

class Target {
public:
  virtual ~Target() = default;

  /// As --target and the manifest have it.
  virtual llvm::StringRef name() const = 0;
  /// The stages that follow those of all targets.
  virtual llvm::ArrayRef<Stage> stages() const = 0;
  /// What the placeholder `name` of a pass text stands for, with the text behind its colon; none
  /// where the target does not know it. Those of shared stages: `elementwise-options` (of
  /// attune-fuse-elementwise) and `buffer-passes` (passes on buffers, each with a comma in front).
  virtual std::optional<std::string> fill(llvm::StringRef name, llvm::StringRef text,
                                          const StageOptions &options) const = 0;
  /// Passes, and dialects with their interfaces, that the own stages need.
  virtual void registerPasses() const = 0;
  virtual void registerDialects(mlir::DialectRegistry &registry) const {}

  /// Whether it understands --chip and --precision.
  virtual bool takesChips() const { return false; }
  virtual bool takesPrecision() const { return false; }
  /// Checks flags that it takes.
  virtual llvm::Error check(const TargetFlags &flags) const { return llvm::Error::success(); }
  /// Brings the chips into the order in which the stages expect them.
  virtual std::string orderChips(std::vector<std::string> chips) const { return {}; }

  /// Endings of files that hold the device's code alone, as ".ptx".
  virtual llvm::ArrayRef<llvm::StringLiteral> imageEndings() const { return {}; }
  /// The device's code for such a file, taken from the module after the last stage.
  virtual llvm::Expected<std::string> image(mlir::ModuleOp module, llvm::StringRef ending) const;
  /// Removes what only `image` needs.
  virtual void dropImages(mlir::ModuleOp module) const {}

  /// Full name of the archive that its programs are linked with, which stands beside libAttune;
  /// empty where there is none. From the runtime's table.
  llvm::Expected<std::string> runtimeArchive() const;
};

} // namespace attune

#endif
