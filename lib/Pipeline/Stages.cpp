// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Turns the table in Stages.def into pass managers.

#include "attune/Pipeline/Stages.h"

#include "attune/Pipeline/Passes.h"

#include "mlir/Pass/PassRegistry.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace attune;

#define ATTUNE_STAGE(name, summary, passes, legal) {name, summary, passes, legal},
static constexpr Stage kStages[] = {
#include "Stages.def"
};
#undef ATTUNE_STAGE

ArrayRef<Stage> attune::allStages() { return kStages; }

SmallVector<StringRef> attune::stageNames() {
  return llvm::map_to_vector(kStages, [](const Stage &stage) -> StringRef { return stage.name; });
}

const Stage *attune::findStage(StringRef name) {
  const Stage *found = llvm::find_if(kStages, [&](const Stage &stage) { return stage.name == name; });
  return found == std::end(kStages) ? nullptr : found;
}

/// Value of one placeholder; the table is ours, so an unknown one is empty.
static std::string placeholder(StringRef text, const StageOptions &options) {
  auto [name, body] = text.split(':');
  if (name == "openmp")
    return options.openmp ? body.str() : "";
  if (name == "lanes")
    return std::to_string(options.lanes);
  return llvm::StringSwitch<std::string>(name)
      .Case("disable", options.disable)
      .Case("target", options.target)
      .Case("cpu", options.cpu)
      .Case("features", options.features)
      .Case("triple", options.triple)
      .Default("");
}

std::string attune::stagePasses(const Stage &stage, const StageOptions &options) {
  std::string text;
  StringRef rest = stage.passes;
  while (true) {
    auto [before, after] = rest.split("${");
    text += before;
    if (after.empty())
      return text;
    auto [name, remainder] = after.split('}');
    text += placeholder(name, options);
    rest = remainder;
  }
}

LogicalResult attune::buildPipeline(OpPassManager &pm, StringRef from, StringRef to,
                                    const StageOptions &options, std::string &error) {
  const Stage *first = findStage(from), *last = findStage(to);
  if (!first || !last) {
    error = "no stage is called `" + (first ? to : from).str() + "`, expected one of " +
            llvm::join(stageNames(), ", ");
    return failure();
  }
  if (first > last) {
    error = "stage `" + from.str() + "` comes after `" + to.str() + "`";
    return failure();
  }
  llvm::raw_string_ostream stream(error);
  for (const Stage *stage = first; stage <= last; ++stage) {
    if (failed(parsePassPipeline(stagePasses(*stage, options), pm, stream)))
      return failure();
    VerifyStagePassOptions verify;
    verify.stage = stage->name.str();
    pm.addPass(createVerifyStagePass(verify));
  }
  return success();
}

namespace {
struct LinearizeOptions : PassPipelineOptions<LinearizeOptions> {
  Option<std::string> disable{*this, "disable",
                              llvm::cl::desc("Rewrites not to use, separated by commas")};
};

struct CpuOptions : PassPipelineOptions<CpuOptions> {
  Option<unsigned> lanes{*this, "lanes", llvm::cl::desc("f32 lanes of the target's vectors"),
                         llvm::cl::init(16)};
  Option<bool> openmp{*this, "openmp", llvm::cl::desc("Run loops over rows on OpenMP threads"),
                      llvm::cl::init(true)};
};
} // namespace

/// The table's passes are registered together with these pipelines, so parsing cannot fail.
static void build(OpPassManager &pm, StringRef from, StringRef to, const StageOptions &options) {
  std::string error;
  if (failed(buildPipeline(pm, from, to, options, error)))
    llvm::report_fatal_error(StringRef("internal error: " + error));
}

void attune::registerPipelines() {
  PassPipelineRegistration<LinearizeOptions>(
      "attune-linearize", "A model to linear forms and streams: stages entry .. linearize",
      [](OpPassManager &pm, const LinearizeOptions &given) {
        StageOptions options;
        options.disable = given.disable;
        build(pm, "entry", "linearize", options);
      });
  PassPipelineRegistration<CpuOptions>(
      "attune-cpu", "Linear forms and streams to the LLVM dialect: stages verify-growth .. lower",
      [](OpPassManager &pm, const CpuOptions &given) {
        StageOptions options;
        options.lanes = given.lanes;
        options.openmp = given.openmp;
        build(pm, "verify-growth", "lower", options);
      });
}
