// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a plan says: as remarks, which --explain prints as sentences, and as JSON.
#include "Remarks.h"
#include "attune/Rewrite/Plan.h"

#include "mlir/IR/Remarks.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace attune::rewrite {

/// The nodes of a tree, each once, children first.
static SmallVector<const PlanNode *> nodesOf(const PlanNode &root) {
  SmallVector<const PlanNode *> order;
  llvm::DenseSet<const PlanNode *> seen;
  auto visit = [&](auto &&self, const PlanNode &node) -> void {
    if (!seen.insert(&node).second)
      return;
    for (const PlanChild &child : node.children)
      if (child.isBuilt())
        self(self, *child.node);
    order.push_back(&node);
  };
  visit(visit, root);
  return order;
}

static std::string placeText(Location loc) {
  std::string text;
  loc->walk([&](Location part) {
    auto place = dyn_cast<FileLineColLoc>(part);
    if (!place || place.getLine() == 0)
      return WalkResult::advance();
    text = llvm::formatv("{0}:{1}:{2}", place.getFilename().getValue(), place.getLine(),
                         place.getColumn())
               .str();
    return WalkResult::interrupt();
  });
  return text;
}

/// "entrywise-function: `math.exp` at m.mlir:4:10".
static std::string reasonText(const PlanDecline &decline) {
  std::string text = decline.reason;
  if (decline.culprit.empty())
    return text;
  text += ": `" + decline.culprit + "`";
  if (std::string place = decline.where ? placeText(*decline.where) : ""; !place.empty())
    text += " at " + place;
  return text;
}

static CostChange costOf(const PlanNode &node, const attn::FlopCount &flop,
                         const attn::FlopCount &otherFlop) {
  CostChange cost{node.allPairs.value_or(flop.total()), flop.total()};
  if (node.choosesAtRunTime())
    cost.otherAfter = otherFlop.total();
  return cost;
}

static void remarkNode(const PlanNode &node, Location loc, StringRef function) {
  CostChange cost = costOf(node, node.flop, node.otherFlop);
  for (const PlanDecline &decline : node.declines)
    if (!decline.name.empty() && decline.name != "linear")
      remarkMissed(loc, function, decline.name, reasonText(decline), cost);
  if (node.tabulated)
    remarkPassed(loc, function, "class-table", findRewrite("class-table")->sentence.str(), cost,
                 node.text);
  if (node.form == PlanForm::Sparse) {
    remarkPassed(loc, function, "sparse", "only the edges are visited", cost, node.text);
  } else if (node.form == PlanForm::Stream) {
    std::string text = "the pairs of " + node.matrix + " are visited";
    for (const PlanDecline &decline : node.declines)
      text += decline.reason == "dearer" ? ", which is cheaper at these sizes"
                                         : " (" + reasonText(decline) + ")";
    remarkPassed(loc, function, "stream", text, cost, node.text);
  } else if (node.rewrite) {
    remarkPassed(loc, function, node.rewrite->name, node.rewrite->sentence.str(), cost, node.text);
  }
}

static std::string sinkNames(const PlannedSinks &root) {
  std::vector<std::string> names;
  for (Operation *sink : root.sinks)
    names.push_back(sink->getName().getStringRef().str());
  return llvm::join(names, " and ") + (names.size() == 1 ? " is" : " are");
}

void remarkPlan(const Plan &plan, func::FuncOp function) {
  for (const PlannedSinks &root : plan.roots) {
    Location loc = root.sinks.front()->getLoc();
    for (const PlanNode *node : nodesOf(*root.node))
      remarkNode(*node, loc, function.getName());
    CostChange cost = costOf(*root.node, root.flop, root.otherFlop);
    remarkPassed(loc, function.getName(), "plan",
                 sinkNames(root) + " computed as " + root.node->text, cost, root.node->text);
    remark::detail::InFlightRemark tree = remark::analysis(
        loc, remark::RemarkOpts::name("tree").category(kTreeCategory).function(function.getName()));
    if (tree)
      tree << remark::metric("tree",
                             llvm::formatv("{0}", llvm::json::Value(planAsJson(root))).str());
  }
}

llvm::json::Object planAsJson(const PlannedSinks &root) {
  SmallVector<const PlanNode *> order = nodesOf(*root.node);
  llvm::DenseMap<const PlanNode *, int64_t> numbers;
  llvm::json::Array nodes;
  for (const PlanNode *node : order) {
    int64_t number = static_cast<int64_t>(numbers.size());
    numbers[node] = number;
    llvm::json::Object object{{"form", stringifyPlanForm(node->form)},
                              {"text", node->text},
                              {"op", node->op},
                              {"request", node->request},
                              {"flop", node->flop.total().str()},
                              {"own_flop", node->own.total().str()}};
    if (std::string place = placeText(node->loc); !place.empty())
      object["at"] = place;
    if (node->rewrite)
      object["rewrite"] = node->rewrite->name;
    if (node->tabulated)
      object["tabulated"] = true;
    if (node->allPairs)
      object["all_pairs_flop"] = node->allPairs->str();
    if (node->choosesAtRunTime())
      object["other_flop"] = node->otherFlop.total().str();
    llvm::json::Array declines, children;
    for (const PlanDecline &decline : node->declines) {
      llvm::json::Object declined{{"rewrite", decline.name}, {"reason", decline.reason}};
      if (!decline.culprit.empty())
        declined["op"] = decline.culprit;
      if (std::string place = decline.where ? placeText(*decline.where) : ""; !place.empty())
        declined["at"] = place;
      declines.push_back(std::move(declined));
    }
    for (const PlanChild &child : node->children)
      if (child.isBuilt())
        children.push_back(llvm::json::Object{{"node", numbers.lookup(child.node)},
                                              {"flop", child.flop.total().str()}});
    if (!declines.empty())
      object["declined"] = std::move(declines);
    if (!children.empty())
      object["children"] = std::move(children);
    nodes.push_back(std::move(object));
  }
  llvm::json::Array sinks;
  for (Operation *sink : root.sinks)
    sinks.push_back(sink->getName().getStringRef());
  return llvm::json::Object{{"sinks", std::move(sinks)},
                            {"at", placeText(root.sinks.front()->getLoc())},
                            {"form", root.node->text},
                            {"flop", root.flop.total().str()},
                            {"other_flop", root.otherFlop.total().str()},
                            {"nodes", std::move(nodes)}};
}

} // namespace attune::rewrite
