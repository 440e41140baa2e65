// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The stage table: every stage of every target is a pipeline that parses, its placeholders are
// known, and what it lists as legal exists.

#include "attune/Pipeline/Stages.h"
#include "attune/InitAll.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/ADT/StringExtras.h"

#include <gtest/gtest.h>

#include <set>

using namespace mlir;
using namespace attune;

namespace {

class StagesTest : public testing::Test {
protected:
  StagesTest() {
    DialectRegistry registry;
    registerAllDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    registerAllPasses();
  }

  MLIRContext context;
};

/// Options that differ from the defaults, with the punctuation that their texts can have.
StageOptions manyOptions() {
  StageOptions options;
  options.disable = "guard,associativity";
  options.allow = "N,M";
  options.lanes = 4;
  options.registers = 32;
  options.openmp = false;
  options.cpu = "znver4";
  options.features = "+avx2,-sse4.2";
  options.triple = "x86_64-pc-linux-gnu";
  options.chips = "sm_90,sm_80";
  options.precision = "tf32x3";
  return options;
}

std::string messageOf(llvm::Expected<std::string> text) {
  return text ? "no error: " + *text : llvm::toString(text.takeError());
}

TEST_F(StagesTest, EveryStageParses) {
  for (const Target *target : allTargets())
    for (const Stage *stage : stagesOf(*target))
      for (const StageOptions &options : {StageOptions(), manyOptions()}) {
        std::string where = target->name().str() + ", " + stage->name.str();
        llvm::Expected<std::string> passes = stagePasses(*stage, *target, options);
        ASSERT_TRUE(static_cast<bool>(passes))
            << where << ": " << llvm::toString(passes.takeError());
        EXPECT_EQ(passes->find("${"), std::string::npos) << where << ": " << *passes;
        PassManager pm(&context);
        std::string error;
        llvm::raw_string_ostream stream(error);
        EXPECT_TRUE(succeeded(parsePassPipeline(*passes, pm, stream))) << where << ": " << error;
        EXPECT_FALSE(pm.empty()) << where;
        // A misspelled option would leave its pass with the default.
        std::string again;
        llvm::raw_string_ostream printed(again);
        pm.printAsTextualPipeline(printed);
        if (StringRef(stage->passes).contains("${features}"))
          EXPECT_NE(again.find("features=" + options.features), std::string::npos) << again;
      }
}

TEST_F(StagesTest, OptionsReachTheirStage) {
  auto passes = [](StringRef target, StringRef stage, const StageOptions &options) {
    return messageOf(stagePasses(*findStage(stage), *findTarget(target), options));
  };
  EXPECT_NE(passes("cpu", "tile", manyOptions()).find("attune-tile-stream{lanes=4 registers=32}"),
            std::string::npos);
  EXPECT_EQ(passes("cpu", "lower", manyOptions()).find("openmp"), std::string::npos);
  EXPECT_NE(passes("cpu", "lower", {}).find("convert-scf-to-openmp,func.func(attune-skip-fork),"),
            std::string::npos);
  EXPECT_NE(passes("cpu", "verify-growth", manyOptions()).find("{allow=N,M}"), std::string::npos);
  // The first chip decides on tile sizes, code is made for all.
  EXPECT_NE(passes("gpu", "kernels", manyOptions()).find("{chip=sm_90 precision=tf32x3}"),
            std::string::npos);
  EXPECT_NE(passes("gpu", "device-code", manyOptions()).find("{chips=sm_90,sm_80}"),
            std::string::npos);
  EXPECT_EQ(passes("gpu-emulator", "device-code", {}).find("serialize"), std::string::npos);
}

TEST_F(StagesTest, UnknownPlaceholdersAreNamed) {
  Stage plain{"polish", "", "canonicalize{x=${nonsense}},cse", "func"};
  Stage withText{"polish", "", "cse${nonsense:{a}}", "func"};
  Stage open{"polish", "", "cse${nonsense", "func"};
  Stage inside{"polish", "", "cse${openmp:,${nonsense}}", "func"};
  for (const Target *target : allTargets())
    for (const Stage *stage : {&plain, &withText, &open}) {
      std::string message = messageOf(stagePasses(*stage, *target, {}));
      for (StringRef part : {StringRef("stage `polish`"), StringRef("${nonsense"),
                             StringRef("is unknown"), target->name()})
        EXPECT_TRUE(StringRef(message).contains(part)) << message;
    }
  const Target &cpu = *findTarget("cpu");
  EXPECT_TRUE(
      StringRef(messageOf(stagePasses(inside, cpu, {}))).contains("`${nonsense}` is unknown"));
  // Text that is left out is not looked at.
  llvm::Expected<std::string> text = stagePasses(inside, cpu, manyOptions());
  ASSERT_TRUE(static_cast<bool>(text));
  EXPECT_EQ(*text, "cse");
  // One target's placeholders are not another's.
  Stage lanes{"polish", "", "cse{lanes=${lanes}}", "func"};
  EXPECT_TRUE(StringRef(messageOf(stagePasses(lanes, *findTarget("gpu"), {})))
                  .contains("`${lanes}` is unknown"));
}

TEST_F(StagesTest, Targets) {
  ASSERT_FALSE(allTargets().empty());
  EXPECT_EQ(allTargets().front()->name(), "cpu") << "the default";
  std::set<StringRef> names;
  for (const Target *target : allTargets()) {
    EXPECT_TRUE(names.insert(target->name()).second) << target->name().str();
    EXPECT_EQ(findTarget(target->name()), target);
  }
  for (StringRef name : {"", "CPU", "cp", "cpu ", "reference"})
    EXPECT_EQ(findTarget(name), nullptr) << name.str();
}

TEST_F(StagesTest, NumbersAndNames) {
  for (const Target *target : allTargets()) {
    SmallVector<StringRef> names = stageNames(*target);
    EXPECT_EQ(names.front(), "entry");
    EXPECT_EQ(names.size(), stagesOf(*target).size());
    for (auto [i, stage] : llvm::enumerate(stagesOf(*target))) {
      // Also says that no name stands twice.
      EXPECT_EQ(stageNumber(*target, stage->name), i) << stage->name.str();
      // The check behind a stage finds it by its name alone.
      EXPECT_EQ(findStage(stage->name), stage) << stage->name.str();
    }
    EXPECT_FALSE(stageNumber(*target, ""));
    EXPECT_FALSE(stageNumber(*target, "Entry"));
  }
  EXPECT_TRUE(stageNumber(*findTarget("cpu"), "tile"));
  EXPECT_FALSE(stageNumber(*findTarget("cpu"), "kernels"));
  EXPECT_FALSE(stageNumber(*findTarget("gpu"), "tile"));
  EXPECT_EQ(findStage("polish"), nullptr);
}

TEST_F(StagesTest, LegalAfter) {
  auto legal = [&](StringRef stage, StringRef op) {
    return isLegalAfter(*findStage(stage), OperationName(op, &context));
  };
  EXPECT_TRUE(legal("entry", "attn.dot"));
  EXPECT_FALSE(legal("linearize", "attn.dot"));
  EXPECT_TRUE(legal("linearize", "attn.stream"));
  EXPECT_TRUE(legal("lower-nn", "nn.csr"));
  EXPECT_FALSE(legal("lower-nn", "nn.relu"));
  EXPECT_FALSE(legal("lower-nn", "nn.csr_of_another_kind"));
  EXPECT_FALSE(legal("entry", "attn2.dot"));
  EXPECT_FALSE(legal("entry", "affine.apply"));
  for (const Stage *stage : stagesOf(*findTarget("cpu")))
    EXPECT_TRUE(legal(stage->name, "builtin.module")) << stage->name.str();
  Stage nothing{"polish", "", "cse", ""};
  EXPECT_FALSE(isLegalAfter(nothing, OperationName("func.func", &context)));
  EXPECT_TRUE(isLegalAfter(nothing, OperationName("builtin.module", &context)));
}

TEST_F(StagesTest, WhatIsLegalExists) {
  for (const Target *target : allTargets())
    for (const Stage *stage : stagesOf(*target))
      for (StringRef word : llvm::split(stage->legal, ' '))
        EXPECT_TRUE(context.getLoadedDialect(word) || OperationName(word, &context).isRegistered())
            << stage->name.str() << ": " << word.str();
}

TEST_F(StagesTest, RangesOfStages) {
  auto build = [&](StringRef from, StringRef to, StringRef target) {
    PassManager pm(&context);
    std::string error;
    bool done = succeeded(buildPipeline(pm, from, to, *findTarget(target), {}, error));
    if (!done)
      return error;
    std::string text;
    llvm::raw_string_ostream os(text);
    pm.printAsTextualPipeline(os);
    return text;
  };
  std::string one = build("simplify", "simplify", "cpu");
  EXPECT_NE(one.find("attune-decompose"), std::string::npos);
  EXPECT_NE(one.find("attune-verify-stage{stage=simplify}"), std::string::npos);
  EXPECT_EQ(one.find("stage=linearize"), std::string::npos);
  EXPECT_EQ(build("linearize", "entry", "cpu"), "stage `linearize` comes after `entry`");
  EXPECT_TRUE(
      StringRef(build("polish", "entry", "cpu")).starts_with("no stage is called `polish`"));
  EXPECT_TRUE(
      StringRef(build("entry", "kernels", "cpu")).starts_with("no stage is called `kernels`"));
}

} // namespace
