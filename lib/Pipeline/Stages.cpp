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

#define ATTUNE_STAGE(name, targets, summary, passes, legal) {name, targets, summary, passes, legal},
static constexpr Stage kStages[] = {
#include "Stages.def"
};
#undef ATTUNE_STAGE

SmallVector<const Stage *> attune::stagesOf(StringRef target) {
  StringRef own = target.starts_with("gpu") ? "gpu" : "cpu";
  SmallVector<const Stage *> stages;
  for (const Stage &stage : kStages)
    if (stage.targets == "all" || stage.targets == own)
      stages.push_back(&stage);
  return stages;
}

SmallVector<StringRef> attune::stageNames(StringRef target) {
  return llvm::map_to_vector(stagesOf(target),
                             [](const Stage *stage) -> StringRef { return stage->name; });
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
  if (name == "on-cpu")
    return options.target == "cpu" ? body.str() : "";
  if (name == "on-gpu")
    return StringRef(options.target).starts_with("gpu") ? body.str() : "";
  if (name == "nvidia")
    return StringRef(options.chips).starts_with("sm_") ? body.str() : "";
  if (name == "emulated")
    return options.target == "gpu-emulator" ? body.str() : "";
  if (name == "device")
    return options.target == "gpu" ? body.str() : "";
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
      .Case("chips", options.chips)
      .Case("precision", options.precision)
      .Case("chip", StringRef(options.chips).split(',').first.str())
      .Default("");
}

/// The text up to the brace that closes the one in front of it.
static StringRef untilBrace(StringRef text) {
  int depth = 1;
  for (size_t i = 0; i < text.size(); ++i) {
    depth += text[i] == '{' ? 1 : text[i] == '}' ? -1 : 0;
    if (depth == 0)
      return text.take_front(i);
  }
  return text;
}

static std::string fillIn(StringRef rest, const StageOptions &options) {
  std::string text;
  while (true) {
    size_t at = rest.find("${");
    text += rest.take_front(at);
    if (at == StringRef::npos)
      return text;
    StringRef inside = untilBrace(rest.drop_front(at + 2));
    // A text may hold placeholders of its own.
    text += fillIn(placeholder(inside, options), options);
    rest = rest.drop_front(at + inside.size() + 3);
  }
}

std::string attune::stagePasses(const Stage &stage, const StageOptions &options) {
  return fillIn(stage.passes, options);
}

LogicalResult attune::buildPipeline(OpPassManager &pm, StringRef from, StringRef to,
                                    const StageOptions &options, std::string &error) {
  SmallVector<const Stage *> stages = stagesOf(options.target);
  auto *first = llvm::find(stages, findStage(from)), *last = llvm::find(stages, findStage(to));
  if (first == stages.end() || last == stages.end()) {
    error = "no stage is called `" + (first == stages.end() ? from : to).str() +
            "`, expected one of " + llvm::join(stageNames(options.target), ", ");
    return failure();
  }
  if (first > last) {
    error = "stage `" + from.str() + "` comes after `" + to.str() + "`";
    return failure();
  }
  llvm::raw_string_ostream stream(error);
  for (const Stage *stage : llvm::make_range(first, last + 1)) {
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

namespace {
struct GpuOptions : PassPipelineOptions<GpuOptions> {
  ListOption<std::string> chips{*this, "chips",
                                llvm::cl::desc("Graphics processors to make code for")};
  Option<bool> emulate{*this, "emulate", llvm::cl::desc("Run kernels in the emulator on the CPU"),
                       llvm::cl::init(false)};
  Option<std::string> precision{
      *this, "precision",
      llvm::cl::desc("Factors of products of matrices: f32, tf32x3, tf32 or bf16"),
      llvm::cl::init("f32")};
  Option<std::string> allow{
      *this, "allow", llvm::cl::desc("Sizes that may occur with degree 2, separated by commas")};

  StageOptions get() const {
    StageOptions options;
    options.precision = precision;
    options.target = emulate ? "gpu-emulator" : "gpu";
    if (!chips.empty())
      options.chips = llvm::join(chips, ",");
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
  registerStages<GpuOptions>("attune-gpu",
                             "Linear forms and streams to kernels and calls of the driver: stages "
                             "verify-growth to device-code",
                             "verify-growth", "device-code");
}
