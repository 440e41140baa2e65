// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What is planned for a sink: the form, why others were declined, what it costs; the function stays
// as it is, and a plan grows with the number of its ops.

#include "attune/Rewrite/Plan.h"
#include "test/Unit/Sizes/ParsedModule.h"

using namespace mlir;
using namespace attune;
using namespace attune::rewrite;

namespace {

class Planned {
public:
  explicit Planned(const std::string &body, const llvm::StringSet<> &disabled = {})
      : module(R"(
func.func @f(%q: tensor<?x64xf32> {attune.dims = ["N", ""]}, %k: tensor<?x64xf32> {attune.dims = ["N", ""]},
             %v: tensor<?x64xf32> {attune.dims = ["N", ""]}, %small: tensor<20x64xf32>,
             %vectors: tensor<20x64xf32>) {
  %dot = attn.dot %q, %k : tensor<?x64xf32>, tensor<?x64xf32>
  %few = attn.dot %small, %small : tensor<20x64xf32>, tensor<20x64xf32>
)" + body + "\n  return\n}\n") {
    if (!module.isValid())
      return;
    auto function = *module.get().getOps<func::FuncOp>().begin();
    std::string before = print();
    plan = planFunction(function, disabled);
    EXPECT_EQ(before, print()) << "planning changes the function";
  }

  std::string print() {
    std::string text;
    llvm::raw_string_ostream(text) << module.get();
    return text;
  }

  const PlanNode &of(StringRef sink) {
    static const PlanNode none{UnknownLoc::get(module.get().getContext())};
    const PlanNode *node = succeeded(plan) ? plan->of(module.value(sink).getDefiningOp()) : nullptr;
    EXPECT_NE(node, nullptr) << "nothing is planned for `" << sink.str() << "`";
    return node ? *node : none;
  }

  ParsedModule module;
  FailureOr<Plan> plan = failure();
};

std::string apply(const std::string &matrix) {
  return "  %out = attn.apply " + matrix +
         ", %v : !attn.matrix<?x?xf32>, tensor<?x64xf32> loc(\"out\")\n";
}

const std::string kSquare = R"(
  %square = attn.map %dot : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %y = arith.mulf %x, %x : f32
    attn.yield %y : f32
  }
)";

TEST(Plan, TakesTheLinearForm) {
  Planned planned(apply("%dot"));
  const PlanNode &node = planned.of("out");
  EXPECT_EQ(node.form, PlanForm::Factored);
  EXPECT_EQ(node.text, "factored(rank 64)");
  ASSERT_NE(node.rewrite, nullptr);
  EXPECT_EQ(node.rewrite->name, "associativity");
  EXPECT_EQ(node.flop.total().str(), "16384*N");
  EXPECT_EQ(node.allPairs->str(), "256*N^2");
  EXPECT_FALSE(node.visitsPairs());
  EXPECT_FALSE(node.choosesAtRunTime());
}

TEST(Plan, VisitsWhatIsDearerOtherwise) {
  Planned planned("  %out = attn.apply %few, %vectors : !attn.matrix<20x20xf32>, tensor<20x64xf32> "
                  "loc(\"out\")\n");
  const PlanNode &node = planned.of("out");
  EXPECT_EQ(node.form, PlanForm::Stream);
  EXPECT_EQ(node.flop.total().str(), "102400");
  ASSERT_EQ(node.declines.size(), 1u);
  EXPECT_EQ(node.declines[0].name, "associativity");
  EXPECT_EQ(node.declines[0].reason, "dearer");
}

TEST(Plan, SaysWhatWasDisabled) {
  llvm::StringSet<> disabled;
  disabled.insert("associativity");
  Planned planned(apply("%dot"), disabled);
  const PlanNode &node = planned.of("out");
  EXPECT_EQ(node.form, PlanForm::Stream);
  EXPECT_TRUE(node.visitsPairs());
  ASSERT_EQ(node.declines.size(), 1u);
  EXPECT_EQ(node.declines[0].reason, "disabled");
}

TEST(Plan, NamesTheOpThatIsNoPolynomial) {
  Planned planned(R"(
  %f = attn.map %dot : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %y = math.tanh %x : f32
    attn.yield %y : f32
  }
)" + apply("%f"));
  const PlanNode &node = planned.of("out");
  EXPECT_EQ(node.form, PlanForm::Stream);
  ASSERT_EQ(node.declines.size(), 1u);
  EXPECT_EQ(node.declines[0].name, "polynomial");
  EXPECT_EQ(node.declines[0].culprit, "math.tanh");
  EXPECT_TRUE(node.declines[0].where.has_value());
}

TEST(Plan, ChoosesAtRunTimeWhereSizesDecide) {
  Planned planned(kSquare + apply("%square"));
  const PlanNode &node = planned.of("out");
  EXPECT_EQ(node.form, PlanForm::Choose);
  ASSERT_EQ(node.children.size(), 2u);
  EXPECT_EQ(node.children[0].node->form, PlanForm::Factored);
  EXPECT_EQ(node.children[1].node->form, PlanForm::Stream);
  EXPECT_TRUE(node.choosesAtRunTime());
  // Both branches are priced.
  EXPECT_EQ(node.flop.total().str(), node.children[0].node->flop.total().str());
  EXPECT_EQ(node.otherFlop.total().str(), "257*N^2");
}

TEST(Plan, AsksForProductAndRowSumsAtOnce) {
  Planned planned("  %p = attn.normalize_rows %few : !attn.matrix<20x20xf32>\n"
                  "  %out = attn.apply %p, %vectors : !attn.matrix<20x20xf32>, tensor<20x64xf32> "
                  "loc(\"out\")\n");
  const PlanNode &node = planned.of("out");
  EXPECT_EQ(node.form, PlanForm::Factored);
  ASSERT_EQ(node.children.size(), 1u);
  EXPECT_EQ(node.children[0].node->request, "apply, row_sum");
  EXPECT_EQ(node.children[0].node->form, PlanForm::Stream);
}

TEST(Plan, SinksOfOneMatrixAreOneRequest) {
  Planned planned(R"(
  %c = attn.restrict %dot causal : !attn.matrix<?x?xf32>
  %sums = attn.row_sums %c : !attn.matrix<?x?xf32> loc("sums")
)" + apply("%c"));
  ASSERT_TRUE(succeeded(planned.plan));
  ASSERT_EQ(planned.plan->roots.size(), 1u);
  EXPECT_EQ(&planned.of("sums"), &planned.of("out"));
  EXPECT_EQ(planned.of("out").flop.total().str(), "257/2*N^2 + 257/2*N");
}

TEST(Plan, WhatTwoSinksShareCountsOnce) {
  Planned planned(R"(
  %one = attn.apply %dot, %v : !attn.matrix<?x?xf32>, tensor<?x64xf32> loc("one")
  %other = attn.dot %v, %k : tensor<?x64xf32>, tensor<?x64xf32>
)" + apply("%other"));
  ASSERT_TRUE(succeeded(planned.plan));
  ASSERT_EQ(planned.plan->roots.size(), 2u);
  // Each is 16384 N by itself; K^T V is half of it.
  EXPECT_EQ(planned.plan->roots[0].flop.total().str(), "16384*N");
  EXPECT_EQ(planned.plan->roots[1].flop.total().str(), "8192*N");
  EXPECT_EQ(planned.plan->roots[1].node->flop.total().str(), "16384*N");
}

TEST(Plan, GrowsWithTheNumberOfOps) {
  auto nodes = [](int doublings) {
    std::string body, last = "%dot";
    for (int i = 0; i < doublings; ++i) {
      std::string next = "%m" + std::to_string(i);
      body += "  " + next + " = attn.add " + last + ", " + last +
              " : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>\n";
      last = next;
    }
    Planned planned(body + apply(last));
    return succeeded(planned.plan) ? planned.plan->nodes.size() : 0;
  };
  EXPECT_GT(nodes(8), 0u);
  EXPECT_LE(nodes(32), 4 * nodes(8));
}

TEST(Plan, IsQuietlyAbsentWhereNothingCanBeDone) {
  ParsedModule module(R"(
func.func @f(%m: !attn.matrix<4x4xf32>, %v: tensor<4x2xf32>) {
  %out = attn.apply %m, %v : !attn.matrix<4x4xf32>, tensor<4x2xf32>
  return
})");
  ASSERT_TRUE(module.isValid());
  auto function = *module.get().getOps<func::FuncOp>().begin();
  int errors = 0;
  ScopedDiagnosticHandler handler(module.get().getContext(), [&](Diagnostic &) {
    ++errors;
    return success();
  });
  EXPECT_TRUE(failed(planFunction(function, {}, /*isQuiet=*/true)));
  EXPECT_EQ(errors, 0);
  EXPECT_TRUE(failed(planFunction(function)));
  EXPECT_EQ(errors, 1);
}

TEST(Plan, RecordsHaveAllTexts) {
  for (const RewriteRecord &record : rewriteRecords()) {
    EXPECT_EQ(findRewrite(record.name), &record);
    for (StringRef text :
         {record.sentence, record.condition, record.equation, record.page, record.error})
      EXPECT_FALSE(text.empty()) << record.name.str();
  }
  EXPECT_EQ(findRewrite("none"), nullptr);
}

} // namespace
