// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Decides by time: FLOP of each form weighed by how fast its loops run (Speeds.h), at sizes over
// the whole region that the entry allows, each size independent of the others. A form that takes no
// more time at all of them is chosen; otherwise both are kept, and the program compares the same
// polynomials at its sizes.
#include "Planner.h"
#include "Speeds.h"

#include "attune/Dialect/Attn/Algebra.h"
#include "attune/Dialect/Attn/RowLayout.h"
#include "attune/Sizes/Assumptions.h"
#include "attune/Sizes/EntryAttrs.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/LinalgBuilders.h"

#include <random>

using namespace mlir;
using namespace attune::attn;
using namespace attune::attn::detail;

namespace attune::rewrite {

StringRef stringifyPlanForm(PlanForm form) {
  switch (form) {
  case PlanForm::Factored:
    return "factored";
  case PlanForm::Sparse:
    return "sparse";
  case PlanForm::Stored:
    return "stored";
  case PlanForm::Stream:
    return "stream";
  case PlanForm::Choose:
    return "choose";
  }
  return "";
}

static bool hasForm(const PlanNode &root, PlanForm form) {
  llvm::DenseSet<const PlanNode *> seen;
  SmallVector<const PlanNode *> pending{&root};
  while (!pending.empty()) {
    const PlanNode *node = pending.pop_back_val();
    if (!seen.insert(node).second)
      continue;
    if (node->form == form)
      return true;
    for (const PlanChild &child : node->children)
      if (child.isBuilt())
        pending.push_back(child.node);
  }
  return false;
}

bool PlanNode::visitsPairs() const { return hasForm(*this, PlanForm::Stream); }

bool PlanNode::choosesAtRunTime() const { return hasForm(*this, PlanForm::Choose); }

const PlanNode *Plan::of(Operation *sink) const {
  for (const PlannedSinks &root : roots)
    if (llvm::is_contained(root.sinks, sink))
      return root.node;
  return nullptr;
}

/// A form that was built to see what it needs.
struct Planner::Candidate : RehearsedForm {
  PlanForm form = PlanForm::Factored;
  FlopCount own;
  ChainCuts cuts;
  SmallVector<SmallVector<unsigned>> groups;
  EdgeDirection direction = EdgeDirection::Stored;
  bool tabulated = false, succeeded = false;
  /// Why it failed.
  std::string reason;
  Operation *culprit = nullptr;

  /// Erases what does not lead to the results, and marks children that are asked in vain. Matrices
  /// stay: nodes are known by them.
  void dropUnused();
};

void Planner::Candidate::dropUnused() {
  // Several that add into one destination; of those that ask for shared values, the first.
  llvm::DenseMap<Value, SmallVector<size_t, 1>> answeredBy;
  for (auto [i, of] : llvm::enumerate(values))
    for (Value value : of)
      if (SmallVector<size_t, 1> &by = answeredBy[value]; by.empty() || !children[i].node->isShared)
        by.push_back(i);
  for (PlanChild &child : children)
    child.isUsed = false;
  SmallVector<Value> pending(results);
  auto pushOperands = [&](Operation *op) { llvm::append_range(pending, op->getOperands()); };
  auto isMatrixOp = [](Operation &op) {
    return llvm::any_of(op.getResultTypes(), [](Type type) { return isa<MatrixType>(type); });
  };
  for (Operation &op : *block)
    if (isMatrixOp(op))
      op.walk(pushOperands);
  llvm::DenseSet<Value> seen;
  llvm::DenseSet<Operation *> needed;
  while (!pending.empty()) {
    Value value = pending.pop_back_val();
    if (!value || !seen.insert(value).second)
      continue;
    if (auto found = answeredBy.find(value); found != answeredBy.end()) {
      for (size_t i : found->second) {
        children[i].isUsed = true;
        llvm::append_range(pending, operands[i]);
      }
    }
    Operation *op = value.getDefiningOp();
    op = op ? block->findAncestorOpInBlock(*op) : nullptr;
    if (op && needed.insert(op).second)
      op->walk(pushOperands);
  }
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*block)))
    if (!needed.contains(&op) && !isMatrixOp(op) && isOpTriviallyDead(&op))
      op.erase();
}

/// Records what a form asks for, and answers with tensors that have the right sizes.
class Rehearsal : public PlannedSinkBuilder {
public:
  Rehearsal(Planner &planner, OpBuilder &b, Location loc, Block &scratch, Freedom freedom,
            Planner::Candidate &candidate)
      : PlannedSinkBuilder(b, loc), planner(planner), scratch(scratch), freedom(freedom),
        candidate(candidate) {}

  FailureOr<SmallVector<Value>> ask(Value matrix, ArrayRef<StreamSink> asked,
                                    bool visits) override {
    SmallVector<scf::ForOp> loops;
    for (Block *block = b.getInsertionBlock(); block != &scratch;
         block = block->getParentOp()->getBlock())
      if (auto loop = dyn_cast<scf::ForOp>(block->getParentOp()))
        loops.push_back(loop);
    Freedom inLoops = freedom == Freedom::Free && !loops.empty() ? Freedom::Settled : freedom;
    PlanNode *node = planner.plan(matrix, asked, loc, inLoops, visits);
    candidate.matrices.push_back(matrix);
    candidate.operands.push_back(inputsOf(asked));
    PlanChild child{node, {}, {}, !loops.empty()};
    if (!node) {
      candidate.children.push_back(child);
      candidate.values.emplace_back();
      return failure();
    }
    child.flop = node->flop;
    child.otherFlop = node->otherFlop;
    for (scf::ForOp loop : loops) {
      auto repeated = [&](const SizePoly &flop) { return acrossIterations(flop, loop); };
      child.flop = child.flop.map(repeated);
      child.otherFlop = child.otherFlop.map(repeated);
    }
    candidate.children.push_back(child);
    return candidate.values.emplace_back(planner.valuesOf(*node, matrix, asked, b, loc));
  }

  ChainCuts chainCuts(ArrayRef<Factor> factors, const SinkRequest &request) override {
    return candidate.cuts = planner.orderChain(b, loc, factors, request);
  }

  Value supportOf(Value matrix) override { return planner.supports.support(matrix); }

  void decline(StringRef reason, Operation *culprit) override {
    candidate.reason = reason.str();
    candidate.culprit = culprit;
  }

private:
  Planner &planner;
  Block &scratch;
  Freedom freedom;
  Planner::Candidate &candidate;
};

// Values of forms

static SmallVector<OpFoldResult> sizesOf(OpBuilder &b, Location loc, Value matrix,
                                         const StreamSink &sink) {
  switch (sink.kind) {
  case SinkKind::Apply:
  case SinkKind::Softmax:
    return applySizes(b, loc, matrix, sink.request.v, sink.request.transposed);
  case SinkKind::RowSum:
  case SinkKind::RowMax:
    return rowSumSizes(b, loc, matrix, sink.request.transposed);
  case SinkKind::Materialize:
    return mixedSizes(b, loc, matrix);
  }
  return {};
}

SmallVector<Value> Planner::valuesOf(const PlanNode &node, Value matrix, ArrayRef<StreamSink> asked,
                                     OpBuilder &b, Location loc) {
  auto make = [&](OpBuilder &at) {
    return llvm::map_to_vector(asked, [&](const StreamSink &sink) {
      SmallVector<OpFoldResult> sizes = sink.request.init ? mixedSizes(at, loc, sink.request.init)
                                                          : sizesOf(at, loc, matrix, sink);
      Value value = buildEmpty(at, loc, sizes, at.getF32Type());
      answers.insert(value);
      return value;
    });
  };
  if (!node.isShared)
    return make(b);
  auto found = sharedValues.find(&node);
  if (found == sharedValues.end())
    found = sharedValues.insert({&node, make(common)}).first;
  return found->second;
}

Value Planner::representative(Value value) {
  if (auto found = representatives.find(value); found != representatives.end())
    return found->second;
  Operation *op = value.getDefiningOp();
  if (!op || function->isProperAncestor(op) || answers.contains(value) ||
      isa<scf::SCFDialect>(op->getDialect()) || !isMemoryEffectFree(op))
    return value;
  for (Value used : valuesUsedBy(op))
    representative(used);
  Operation *first = equalOps.first(
      op, [&](Value operand) { return hash_value(representative(operand)); },
      [&](Value a, Value b) { return representative(a) == representative(b); });
  for (auto [own, of] : llvm::zip(op->getResults(), first->getResults()))
    representatives[own] = of;
  return representatives[value];
}

// Sizes

std::optional<SizeSource> sourceOf(func::FuncOp function, StringRef symbol) {
  for (BlockArgument argument : function.getArguments()) {
    auto dims = function.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(), kDimsAttr);
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!dims || !type)
      continue;
    for (int64_t dim = 0; dim < type.getRank(); ++dim) {
      SizePoly size = sizeOf(argument, dim);
      std::optional<int64_t> offset = (size - SizePoly::symbol(symbol)).getConstant();
      if (offset)
        return SizeSource{argument, dim, *offset};
    }
  }
  return std::nullopt;
}

/// Names of all sizes of the entry, and those that counting adds.
static std::vector<std::string> symbolsOf(func::FuncOp function) {
  std::set<std::string> names{"P", "?"};
  for (BlockArgument argument : function.getArguments())
    if (auto type = dyn_cast<RankedTensorType>(argument.getType()))
      for (int64_t dim = 0; dim < type.getRank(); ++dim)
        for (const auto &[monomial, coefficient] : sizeOf(argument, dim).terms)
          names.insert(monomial.begin(), monomial.end());
  return {names.begin(), names.end()};
}

Planner::Planner(func::FuncOp function, const llvm::StringSet<> &disabled, Plan &plan)
    : function(function), disabled(disabled), planned(plan), common(function.getContext()),
      supports(common, function.getLoc()) {
  common.setInsertionPointToEnd(scratch.emplace_back(std::make_unique<Block>()).get());
  std::vector<std::string> names = symbolsOf(function);
  auto isCount = [&](StringRef name) { // of graphs, heads or batch entries, rather than of rows
    auto sizes = function->getAttrOfType<DictionaryAttr>(kSizesAttr);
    auto kind = sizes ? dyn_cast_if_present<StringAttr>(sizes.get(name)) : StringAttr();
    return kind ? kind.getValue() == "batch" : assumedSize(name) < kSmallestAssumedSize;
  };
  auto largest = [&](StringRef name) { return isCount(name) ? 1024 : kLargestAssumedSize; };
  auto smallest = [&](StringRef name) { return isCount(name) ? 1 : kSmallestAssumedSize; };
  llvm::StringMap<double> assumed;
  for (const std::string &name : names)
    assumed[name] = assumedSize(name);
  samples.push_back(assumed);
  if (names.size() == 2)
    return; // every size is a number
  // All sizes alike, each alone at an end, and some points between.
  auto at = [&](StringRef name, double place) {
    return std::round(smallest(name) * std::pow(largest(name) / smallest(name), place));
  };
  auto add = [&](llvm::function_ref<double(size_t)> place) {
    llvm::StringMap<double> sizes;
    for (auto [i, name] : llvm::enumerate(names))
      sizes[name] = at(name, place(i));
    samples.push_back(sizes);
  };
  for (int i = 0; i <= 16; ++i)
    add([&](size_t) { return i / 16.0; });
  for (size_t own = 0; own < names.size(); ++own)
    for (double end : {0.0, 1.0})
      add([&](size_t i) { return i == own ? end : 1 - end; });
  std::minstd_rand random(1);
  for (int i = 0; i < 16; ++i)
    add([&](size_t) { return static_cast<double>(random()) / std::minstd_rand::max(); });
}

Planner::~Planner() {
  // Forms use values of those that asked for them.
  for (std::unique_ptr<Block> &block : scratch)
    block->dropAllReferences();
  while (!scratch.empty())
    scratch.pop_back();
}

double Planner::timeAt(size_t sample, const SizePoly &poly) const {
  return poly.evaluate([&](StringRef symbol) {
    auto found = samples[sample].find(symbol);
    return found == samples[sample].end() ? assumedSize(symbol) : found->second;
  });
}

// Nodes

std::string Planner::words(Value matrix) {
  if (auto found = wordsOf.find(matrix); found != wordsOf.end())
    return found->second;
  auto op = matrix.getDefiningOp<MatrixOpInterface>();
  if (!op)
    return "a matrix of unknown form";
  std::vector<std::string> operands;
  for (Value operand : op->getOperands())
    if (isa<MatrixType>(operand.getType()))
      operands.push_back(words(operand));
  return wordsOf[matrix] = op.describeElement(operands);
}

std::string Planner::keyOf(Value matrix, ArrayRef<StreamSink> asked, Freedom freedom, bool visits) {
  std::string key;
  llvm::raw_string_ostream os(key);
  os << matrix.getAsOpaquePointer() << static_cast<int>(freedom) << visits;
  for (const StreamSink &sink : asked) {
    const SinkRequest &request = sink.request;
    os << " " << stringifySinkKind(sink.kind) << request.transposed << !!request.init
       << !!request.scalar;
    if (request.v) {
      // Equal values are equal in what is built, too.
      os << llvm::find_if(asked, [&](const StreamSink &other) {
              return other.request.v == request.v;
            }) - asked.begin();
      os << request.v.getType();
      for (int64_t dim = 0; dim < rankOf(request.v); ++dim)
        os << "," << sizeOf(request.v, dim).str();
    }
    if (request.init)
      os << request.init.getType();
  }
  return key;
}

static std::string requestText(ArrayRef<StreamSink> asked) {
  return llvm::join(llvm::map_range(asked,
                                    [](const StreamSink &sink) {
                                      std::string text = stringifySinkKind(sink.kind).str();
                                      return sink.request.transposed ? text + " transposed" : text;
                                    }),
                    ", ");
}

template <typename Build>
Planner::Candidate *Planner::rehearse(ArrayRef<StreamSink> asked, Location loc, Freedom freedom,
                                      Build build) {
  Block &block = *scratch.emplace_back(std::make_unique<Block>());
  OpBuilder b(function.getContext());
  b.setInsertionPointToEnd(&block);
  Candidate *candidate = candidates.emplace_back(std::make_unique<Candidate>()).get();
  candidate->block = &block;
  candidate->inputs = inputsOf(asked);
  Rehearsal sinks(*this, b, loc, block, freedom, *candidate);
  FailureOr<SmallVector<Value>> results = build(sinks, *candidate);
  candidate->succeeded = succeeded(results);
  if (candidate->succeeded) {
    candidate->results = *results;
    candidate->dropUnused();
    candidate->own = countFlop(block);
  }
  return candidate;
}

static SmallVector<SinkRequest> requestsOf(ArrayRef<StreamSink> asked) {
  return llvm::map_to_vector(asked, [](const StreamSink &sink) { return sink.request; });
}

Planner::Candidate *Planner::rehearseLinear(Value matrix, ArrayRef<StreamSink> asked, Location loc,
                                            Freedom freedom) {
  auto op = matrix.getDefiningOp<MatrixOpInterface>();
  Freedom inner = op.isStructural() ? freedom : Freedom::Committed;
  return rehearse(asked, loc, inner, [&](Rehearsal &sinks, Candidate &) {
    return op.buildSinks(sinks, requestsOf(asked));
  });
}

Planner::Candidate *Planner::rehearseStream(Value matrix, ArrayRef<StreamSink> asked, Location loc,
                                            Freedom freedom) {
  Candidate *candidate = nullptr;
  bool tabulates = !disabled.contains("class-table");
  std::string reason;
  for (EdgeDirection direction : edgeDirections(matrix, asked)) {
    StreamNotes notes;
    candidate = rehearse(asked, loc, freedom, [&](Rehearsal &sinks, Candidate &form) {
      form.form = factsOf(matrix).support == Support::Sparse ? PlanForm::Sparse : PlanForm::Stream;
      form.direction = direction;
      return buildStream(sinks, matrix, asked, direction, tabulates, notes);
    });
    candidate->tabulated = notes.tabulated;
    if (candidate->succeeded)
      break;
    // The reason of what this stream needs comes first.
    if (reason.empty())
      reason = why.empty() ? notes.why : why;
    why.clear();
  }
  if (!candidate->succeeded)
    candidate->reason = reason;
  return candidate;
}

SmallVector<SmallVector<unsigned>> Planner::groupTerms(ArrayRef<Term> terms,
                                                       ArrayRef<StreamSink> asked, Location loc,
                                                       Freedom freedom) {
  SmallVector<SmallVector<unsigned>> groups;
  SmallVector<unsigned> visited;
  for (auto [i, term] : llvm::enumerate(terms)) {
    PlanNode *node = plan(term.matrix, asked, loc, freedom, false);
    PlanNode *stream = plan(term.matrix, asked, loc, freedom, true);
    MatrixFacts facts = factsOf(term.matrix);
    bool joins = node && stream && stream->form == PlanForm::Stream && stream->children.empty() &&
                 node->form != PlanForm::Choose && node->visitsPairs() &&
                 facts.support == Support::Full && !facts.left && !facts.right;
    if (joins)
      visited.push_back(i);
    else
      groups.push_back({static_cast<unsigned>(i)});
  }
  if (!visited.empty())
    groups.push_back(visited);
  return groups;
}

Planner::Candidate *Planner::rehearseSum(Value matrix, ArrayRef<StreamSink> asked, Location loc,
                                         Freedom freedom) {
  SmallVector<Term> terms = termsOf(matrix);
  SmallVector<SmallVector<unsigned>> groups = groupTerms(terms, asked, loc, freedom);
  if (groups.size() == 1 && terms.size() > 1) {
    Candidate *none = candidates.emplace_back(std::make_unique<Candidate>()).get();
    none->reason = "every-term-is-visited";
    return none;
  }
  Candidate *candidate = rehearse(asked, loc, freedom, [&](Rehearsal &sinks, Candidate &) {
    return buildSum(sinks, matrix, groups, requestsOf(asked));
  });
  candidate->groups = groups;
  return candidate;
}

const RehearsedForm *Planner::formOf(const PlanNode &node) const { return forms.lookup(&node); }

void Planner::accept(PlanNode &node, Candidate &candidate) {
  node.form = candidate.form;
  node.own = candidate.own;
  node.children = candidate.children;
  node.cuts = candidate.cuts;
  node.groups = candidate.groups;
  node.against = candidate.direction == EdgeDirection::Against;
  node.tabulated = candidate.tabulated;
  price(node);
}

void Planner::price(PlanNode &node) {
  node.times.assign(samples.size(), 0);
  if (node.form == PlanForm::Choose) {
    PlanNode &first = *node.children[0].node, &second = *node.children[1].node;
    node.flop = first.flop;
    node.otherFlop = second.otherFlop;
    for (size_t i = 0; i < samples.size(); ++i)
      node.times[i] = std::min(first.times[i], second.times[i]);
    return;
  }
  node.flop = node.otherFlop = node.own;
  SizePoly time = timeOf(node.own);
  for (const PlanChild &child : node.children) {
    if (!child.isBuilt())
      continue;
    node.flop += child.flop;
    node.otherFlop += child.otherFlop;
    if (child.inLoop)
      time += timeOf(child.flop);
    else
      for (size_t i = 0; i < samples.size(); ++i)
        node.times[i] += child.node->times[i];
  }
  for (size_t i = 0; i < samples.size(); ++i)
    node.times[i] += timeAt(i, time);
}

PlanNode *Planner::plan(Value matrix, ArrayRef<StreamSink> asked, Location loc, Freedom freedom,
                        bool visits) {
  matrix = representative(matrix);
  std::string key = keyOf(matrix, asked, freedom, visits);
  auto found = known.find(key);
  if (found == known.end()) {
    std::string before = std::exchange(why, "");
    PlanNode *node = makeNode(matrix, asked, loc, freedom, visits);
    found = known.insert({key, {node, std::exchange(why, before)}}).first;
  }
  auto &[node, reason] = found->second;
  if (!node)
    why = reason;
  return node;
}

SmallVector<StreamSink> Planner::withInits(Value matrix, ArrayRef<StreamSink> asked, Location loc) {
  SmallVector<StreamSink> into(asked);
  rehearse(asked, loc, Freedom::Committed, [&](Rehearsal &sinks, Candidate &) {
    SmallVector<Value> inits;
    for (StreamSink &sink : into)
      inits.push_back(sink.request.init = initFor(sinks, matrix, sink.request));
    return inits;
  });
  return into;
}

bool Planner::canGuard(const PlanNode &node) const {
  SizePoly time = timeOf(node.flop) + timeOf(node.otherFlop);
  if (time.hasOverflow())
    return false;
  for (const auto &[monomial, coefficient] : time.terms)
    for (const std::string &symbol : monomial)
      if (!sourceOf(function, symbol))
        return false;
  return true;
}

PlanNode *Planner::makeNode(Value matrix, ArrayRef<StreamSink> asked, Location loc, Freedom freedom,
                            bool visits) {
  auto op = matrix.getDefiningOp<MatrixOpInterface>();
  if (!op) {
    why = "a matrix must be the result of an op of the algebra";
    return nullptr;
  }
  PlanNode node(op->getLoc());
  node.op = op->getName().getStringRef().str();
  node.matrix = words(matrix);
  node.request = requestText(asked);
  node.isShared = llvm::all_of(asked, [](const StreamSink &sink) {
    const SinkRequest &request = sink.request;
    return !request.v && !request.init && !request.scalar && sink.kind != SinkKind::Materialize;
  });
  auto keep = [&](PlanNode &made, const RehearsedForm *form) {
    PlanNode *kept = &planned.nodes.emplace_back(std::move(made));
    if (form)
      forms[kept] = form;
    return kept;
  };
  if (op.getStoredTable() && asked.front().kind == SinkKind::Materialize) {
    node.form = PlanForm::Stored;
    node.text = op.describeForm({});
    price(node);
    return keep(node, nullptr);
  }

  StringRef rewrite = op.getRewrite();
  Candidate *linear = nullptr;
  if (!visits && isDisabled(rewrite))
    node.declines.push_back({rewrite.str(), "disabled", "", std::nullopt});
  else if (!visits)
    // A sum's terms are taken apart here, since which of them are visited decides.
    linear = isa<AddOp>(op) ? rehearseSum(matrix, asked, loc, freedom)
                            : rehearseLinear(matrix, asked, loc, freedom);
  std::string linearWhy = std::exchange(why, "");
  Candidate *stream = rehearseStream(matrix, asked, loc, freedom);
  bool hasLinear = linear && linear->succeeded;
  if (!hasLinear && !stream->succeeded) {
    why = stream->reason.empty() ? linearWhy : stream->reason;
    return nullptr;
  }

  PlanNode visited = node, factored = node;
  std::optional<SizePoly> allPairs;
  auto everyPair = [&](const PlanNode &from, bool own) {
    SizePoly sum = own ? from.own.total() - from.own.pairs - from.own.edges + from.own.everyPair
                       : from.own.total();
    for (const PlanChild &child : from.children)
      if (child.isBuilt())
        sum += child.inLoop ? child.flop.total()
                            : child.node->allPairs.value_or(child.node->flop.total());
    return sum;
  };
  if (stream->succeeded) {
    accept(visited, *stream);
    visited.text = inWords(visited.form == PlanForm::Sparse ? "sparse" : "streamed", {node.matrix});
    allPairs = visited.allPairs = everyPair(visited, true);
  }
  if (hasLinear) {
    accept(factored, *linear);
    factored.rewrite = findRewrite(rewrite);
    SmallVector<std::string> parts;
    for (const PlanChild &child : factored.children)
      if (child.isBuilt() && !llvm::is_contained(parts, child.node->text))
        parts.push_back(child.node->text);
    // A softmax is the visit that it asks for.
    const PlanNode *visit = factored.children.size() == 1 ? factored.children[0].node : nullptr;
    bool isVisit =
        visit && StringRef(visit->request).starts_with(stringifySinkKind(SinkKind::Softmax));
    factored.text =
        isVisit ? inWords(visit->form == PlanForm::Sparse ? "sparse" : "streamed", {node.matrix})
                : op.describeForm(parts);
    bool passesOn = !factored.children.empty() && llvm::all_of(factored.children, [](auto &child) {
      return child.isBuilt() && !child.inLoop;
    });
    if (passesOn) {
      SizePoly passed = everyPair(factored, false);
      if (!allPairs || assumedValue(passed) < assumedValue(*allPairs))
        allPairs = passed;
    }
  }
  visited.allPairs = factored.allPairs = allPairs;

  if (!hasLinear) {
    if (asked.front().kind == SinkKind::Softmax)
      visited.declines.push_back({"", "softmax-not-separable", "", std::nullopt});
    if (linear)
      visited.declines.push_back(
          {rewrite.str(), linear->reason.empty() ? op.getDeclineReason().str() : linear->reason, "",
           std::nullopt});
    if (linear && linear->culprit) {
      visited.declines.back().culprit = linear->culprit->getName().getStringRef().str();
      visited.declines.back().where = linear->culprit->getLoc();
    }
    return keep(visited, stream);
  }
  if (!stream->succeeded || op.isStructural() || freedom == Freedom::Committed)
    return keep(factored, linear);
  bool linearWins = true, streamWins = true, matters = false;
  auto compareAt = [&](size_t i, double worth) {
    linearWins &= factored.times[i] <= worth * visited.times[i];
    streamWins &= visited.times[i] <= worth * factored.times[i];
    matters = true;
  };
  for (size_t i = 1; i < samples.size(); ++i)
    if (std::max(factored.times[i], visited.times[i]) >= kNegligibleTime)
      compareAt(i, kWorthAChoice);
  if (!matters)
    compareAt(0, 1);
  bool depends = !linearWins && !streamWins;
  if (depends && freedom == Freedom::Free && !disabled.contains("guard") && canGuard(factored) &&
      canGuard(visited)) {
    // Both branches write into one destination.
    SmallVector<StreamSink> into = withInits(matrix, asked, loc);
    PlanNode *first = plan(matrix, into, loc, Freedom::Committed, false),
             *second = plan(matrix, into, loc, Freedom::Committed, true);
    if (!first || !second)
      return nullptr;
    PlanNode choice = node;
    choice.form = PlanForm::Choose;
    choice.rewrite = findRewrite("guard");
    choice.text = inWords("choose", {first->text, second->text});
    choice.allPairs = allPairs;
    choice.children = {{first, first->flop, first->otherFlop, false},
                       {second, second->flop, second->otherFlop, false}};
    price(choice);
    return keep(choice, nullptr);
  }
  // Where nothing tells the sizes at run time, that which does not grow with the pairs is taken.
  bool saferVisited =
      depends && factored.visitsPairs() && visited.times.front() < factored.times.front();
  if (!linearWins && (streamWins || saferVisited)) {
    visited.declines.push_back(
        {rewrite.empty() ? "linear" : rewrite.str(), "dearer", "", std::nullopt});
    return keep(visited, stream);
  }
  return keep(factored, linear);
}

} // namespace attune::rewrite
