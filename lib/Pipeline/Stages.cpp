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
static constexpr Stage kSharedStages[] = {
#include "Stages.def"
};
#undef ATTUNE_STAGE

namespace attune {
#define ATTUNE_TARGET(name) const Target &name##Target();
#include "Targets.def"
#undef ATTUNE_TARGET
} // namespace attune

ArrayRef<const Target *> attune::allTargets() {
#define ATTUNE_TARGET(name) &name##Target(),
  static const Target *const table[] = {
#include "Targets.def"
  };
#undef ATTUNE_TARGET
  return table;
}

const Target *attune::findTarget(StringRef name) {
  auto named = [&](const Target *target) { return target->name() == name; };
  const auto *found = llvm::find_if(allTargets(), named);
  return found == allTargets().end() ? nullptr : *found;
}

SmallVector<const Stage *> attune::stagesOf(const Target &target) {
  SmallVector<const Stage *> stages;
  for (ArrayRef<Stage> table : {ArrayRef<Stage>(kSharedStages), target.stages()})
    for (const Stage &stage : table)
      stages.push_back(&stage);
  return stages;
}

SmallVector<StringRef> attune::stageNames(const Target &target) {
  return llvm::map_to_vector(stagesOf(target),
                             [](const Stage *stage) -> StringRef { return stage->name; });
}

const Stage *attune::findStage(StringRef name) {
  for (const Target *target : allTargets())
    for (const Stage *stage : stagesOf(*target))
      if (stage->name == name)
        return stage;
  return nullptr;
}

std::optional<size_t> attune::stageNumber(const Target &target, StringRef name) {
  SmallVector<StringRef> names = stageNames(target);
  auto *found = llvm::find(names, name);
  return found == names.end() ? std::nullopt : std::optional<size_t>(found - names.begin());
}

bool attune::isLegalAfter(const Stage &stage, OperationName op) {
  if (op.getDialectNamespace() == "builtin")
    return true;
  return llvm::any_of(llvm::split(stage.legal, ' '), [&](StringRef legal) {
    return legal == op.getDialectNamespace() || legal == op.getStringRef();
  });
}

/// Value of one placeholder with the text behind its colon; none for an unknown one.
static std::optional<std::string> placeholder(StringRef inside, const Target &target,
                                              const StageOptions &options) {
  auto [name, text] = inside.split(':');
  if (std::optional<std::string> value = target.fill(name, text, options))
    return value;
  return llvm::StringSwitch<std::optional<std::string>>(name)
      .Case("disable", options.disable)
      .Case("allow", options.allow)
      .Case("target", target.name().str())
      .Case("cpu", options.cpu)
      .Case("features", options.features)
      .Case("triple", options.triple)
      .Default(std::nullopt);
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

static llvm::Error fillIn(StringRef rest, const Target &target, const StageOptions &options,
                          std::string &text) {
  while (true) {
    size_t at = rest.find("${");
    text += rest.take_front(at);
    if (at == StringRef::npos)
      return llvm::Error::success();
    StringRef inside = untilBrace(rest.drop_front(at + 2));
    std::optional<std::string> value = placeholder(inside, target, options);
    if (!value)
      return llvm::createStringError("`${" + inside + "}` is unknown to target `" + target.name() +
                                     "`");
    // A text may hold placeholders of its own.
    if (llvm::Error error = fillIn(*value, target, options, text))
      return error;
    rest = rest.drop_front(at + inside.size() + 3);
  }
}

llvm::Expected<std::string> attune::stagePasses(const Stage &stage, const Target &target,
                                                const StageOptions &options) {
  std::string text;
  if (llvm::Error error = fillIn(stage.passes, target, options, text))
    return llvm::createStringError("stage `" + stage.name +
                                   "`: " + llvm::toString(std::move(error)));
  return text;
}

LogicalResult attune::buildPipeline(OpPassManager &pm, StringRef from, StringRef to,
                                    const Target &target, const StageOptions &options,
                                    std::string &error) {
  std::optional<size_t> first = stageNumber(target, from), last = stageNumber(target, to);
  if (!first || !last) {
    error = "no stage is called `" + (first ? to : from).str() + "`, expected one of " +
            llvm::join(stageNames(target), ", ");
    return failure();
  }
  if (*first > *last) {
    error = "stage `" + from.str() + "` comes after `" + to.str() + "`";
    return failure();
  }
  llvm::raw_string_ostream stream(error);
  SmallVector<const Stage *> stages = stagesOf(target);
  for (const Stage *stage : ArrayRef(stages).slice(*first, *last - *first + 1)) {
    llvm::Expected<std::string> passes = stagePasses(*stage, target, options);
    if (!passes) {
      error = llvm::toString(passes.takeError());
      return failure();
    }
    if (failed(parsePassPipeline(*passes, pm, stream)))
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

/// The options of all targets; a target looks at those that its stages name.
struct TargetPipelineOptions : PassPipelineOptions<TargetPipelineOptions> {
  Option<unsigned> lanes{*this, "lanes", llvm::cl::desc("f32 lanes of the processor's vectors"),
                         llvm::cl::init(16)};
  Option<unsigned> registers{
      *this, "registers",
      llvm::cl::desc("Its vector registers; 0 for as many as x86 has with these lanes"),
      llvm::cl::init(0)};
  Option<std::string> allow{
      *this, "allow", llvm::cl::desc("Sizes that may occur with degree 2, separated by commas")};
  Option<bool> openmp{*this, "openmp", llvm::cl::desc("Run loops over rows on OpenMP threads"),
                      llvm::cl::init(true)};
  ListOption<std::string> chips{*this, "chips",
                                llvm::cl::desc("Graphics processors to make code for")};
  Option<bool> emulate{*this, "emulate", llvm::cl::desc("Run kernels in the emulator on the CPU"),
                       llvm::cl::init(false)};
  Option<std::string> precision{
      *this, "precision",
      llvm::cl::desc("Factors of products of matrices: f32, tf32x3, tf32 or bf16"),
      llvm::cl::init("f32")};

  StageOptions get() const {
    StageOptions options;
    options.lanes = lanes;
    options.registers = registers;
    options.openmp = openmp;
    options.allow = allow;
    options.chips = llvm::join(chips, ",");
    options.precision = precision;
    return options;
  }
};
} // namespace

using ErrorHandler = function_ref<LogicalResult(const Twine &)>;

static void registerLinearize() {
  registerPassPipeline(
      "attune-linearize", "A model to linear forms and streams: stages entry to linearize",
      [](OpPassManager &pm, StringRef text, ErrorHandler emitError) -> LogicalResult {
        LinearizeOptions given;
        if (failed(given.parseFromString(text)))
          return failure();
        StageOptions options;
        options.disable = given.disable;
        std::string error;
        if (failed(buildPipeline(pm, "entry", "linearize", *allTargets().front(), options, error)))
          return emitError(error);
        return success();
      },
      [](function_ref<void(const detail::PassOptions &)> handler) { handler(LinearizeOptions()); });
}

/// attune-<target>: the stages behind linearize.
static void registerRest(const Target &target) {
  StringRef last = stageNames(target).back();
  registerPassPipeline(
      ("attune-" + target.name()).str(),
      ("Linear forms and streams to a program for target " + target.name() +
       ": stages verify-growth to " + last)
          .str(),
      [&target](OpPassManager &pm, StringRef text, ErrorHandler emitError) -> LogicalResult {
        TargetPipelineOptions given;
        if (failed(given.parseFromString(text)))
          return failure();
        const Target *chosen =
            given.emulate ? findTarget((target.name() + "-emulator").str()) : &target;
        if (!chosen)
          return emitError("target `" + target.name() + "` has no emulator");
        std::string error;
        if (failed(buildPipeline(pm, "verify-growth", stageNames(*chosen).back(), *chosen,
                                 given.get(), error)))
          return emitError(error);
        return success();
      },
      [](function_ref<void(const detail::PassOptions &)> handler) {
        handler(TargetPipelineOptions());
      });
}

void attune::registerPipelines() {
  registerLinearize();
  for (const Target *target : allTargets())
    registerRest(*target);
}
