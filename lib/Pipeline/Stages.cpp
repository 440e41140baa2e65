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
  const Stage *found =
      llvm::find_if(kStages, [&](const Stage &stage) { return stage.name == name; });
  return found == std::end(kStages) ? nullptr : found;
}

/// Value of one placeholder; the table is ours, so an unknown one is empty.
static std::string placeholder(StringRef text, const StageOptions &options) {
  auto [name, body] = text.split(':');
  if (name == "openmp")
    return options.openmp ? body.str() : "";
  if (name == "lanes")
    return std::to_string(options.lanes);
  if (name == "registers")
    return std::to_string(options.registers);
  return llvm::StringSwitch<std::string>(name)
      .Case("disable", options.disable)
      .Case("allow", options.allow)
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

  StageOptions get() const {
    StageOptions options;
    options.disable = disable;
    return options;
  }
};

struct CpuOptions : PassPipelineOptions<CpuOptions> {
  Option<unsigned> lanes{*this, "lanes", llvm::cl::desc("f32 lanes of the target's vectors"),
                         llvm::cl::init(16)};
  Option<unsigned> registers{
      *this, "registers",
      llvm::cl::desc("The target's vector registers; 0 for as many as x86 has with these lanes"),
      llvm::cl::init(0)};
  Option<std::string> allow{
      *this, "allow", llvm::cl::desc("Sizes that may occur with degree 2, separated by commas")};
  Option<bool> openmp{*this, "openmp", llvm::cl::desc("Run loops over rows on OpenMP threads"),
                      llvm::cl::init(true)};

  StageOptions get() const {
    StageOptions options;
    options.lanes = lanes;
    options.registers = registers;
    options.openmp = openmp;
    options.allow = allow;
    return options;
  }
};
} // namespace

/// A pipeline from stage `from` to stage `to` with options of type `Options`.
template <typename Options>
static void registerStages(StringRef name, StringRef description, StringRef from, StringRef to) {
  registerPassPipeline(
      name, description,
      [from, to](OpPassManager &pm, StringRef text,
                 function_ref<LogicalResult(const Twine &)> emitError) -> LogicalResult {
        Options given;
        if (failed(given.parseFromString(text)))
          return failure();
        std::string error;
        if (failed(buildPipeline(pm, from, to, given.get(), error)))
          return emitError(error);
        return success();
      },
      [](function_ref<void(const detail::PassOptions &)> handler) { handler(Options()); });
}

void attune::registerPipelines() {
  registerStages<LinearizeOptions>("attune-linearize",
                                   "A model to linear forms and streams: stages entry to linearize",
                                   "entry", "linearize");
  registerStages<CpuOptions>(
      "attune-cpu", "Linear forms and streams to the LLVM dialect: stages verify-growth to lower",
      "verify-growth", "lower");
}
