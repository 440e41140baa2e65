// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// --explain: every remark of the rewrites as a sentence, grouped by the place in the model that it
// is about. Costs are polynomials in the sizes; they are printed with their value for a graph of N
// = 10000 nodes with ten edges each, which is easier to read.

#include "Explain.h"

#include "attune/Sizes/Assumptions.h"

#include "Diagnostics.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace mlir;

namespace attune {

std::string ExplainedRemark::detail(StringRef key) const {
  for (const auto &[name, value] : details)
    if (key.equals_insensitive(name))
      return value;
  return "";
}

namespace {
/// Turns remarks into records. The context owns it, so it shares the list.
struct Collector : remark::detail::MLIRRemarkStreamerBase {
  explicit Collector(std::shared_ptr<std::vector<ExplainedRemark>> remarks)
      : remarks(std::move(remarks)) {}

  void streamOptimizationRemark(const remark::detail::Remark &remark) override;

  std::shared_ptr<std::vector<ExplainedRemark>> remarks;
};
} // namespace

static remark::RemarkKind kindOf(const remark::detail::Remark &remark) {
  switch (remark.getRemarkType()) {
  case llvm::remarks::Type::Passed:
    return remark::RemarkKind::RemarkPassed;
  case llvm::remarks::Type::Missed:
    return remark::RemarkKind::RemarkMissed;
  case llvm::remarks::Type::Failure:
    return remark::RemarkKind::RemarkFailure;
  default:
    return remark::RemarkKind::RemarkAnalysis;
  }
}

/// The name that the model gives to a place, or where it stands.
static std::string placeOf(Location location) {
  std::string name = locationName(location);
  return name.empty() ? locationText(location) : name;
}

void Collector::streamOptimizationRemark(const remark::detail::Remark &remark) {
  ExplainedRemark record;
  record.kind = kindOf(remark);
  record.rewrite = remark.getRemarkName().str();
  record.function = remark.getFunction().str();
  record.place = placeOf(remark.getLocation());
  for (const remark::detail::Remark::Arg &argument : remark.getArgs()) {
    if (argument.key == "Remark")
      record.message += argument.val;
    else
      record.details.emplace_back(argument.key, argument.val);
  }
  remarks->push_back(std::move(record));
}

void Explanation::attach(MLIRContext &context) {
  remark::RemarkCategories categories;
  categories.passed = categories.missed = categories.failed = categories.analysis =
      "attune.*|plan-tree";
  // This cannot fail: the streamer has nothing to open.
  (void)remark::enableOptimizationRemarks(context, std::make_unique<Collector>(remarks),
                                          std::make_unique<remark::RemarkEmittingPolicyAll>(),
                                          categories);
}

/// The value of "256*N^2 - 1/2*N", where a sign belongs to the term after it.
static std::optional<double> evaluate(StringRef text,
                                      std::vector<std::pair<std::string, double>> &sizes) {
  if (text.starts_with("more than"))
    return std::nullopt; // it has overflown
  std::string spaced = text.str();
  double total = 0;
  double sign = 1;
  SmallVector<StringRef> words;
  StringRef(spaced).split(words, ' ', -1, false);
  for (StringRef word : words) {
    if (word == "+" || word == "-") {
      sign = word == "-" ? -1 : 1;
      continue;
    }
    double term = sign;
    if (word.consume_front("-"))
      term = -term;
    for (StringRef factor : llvm::split(word, '*')) {
      auto [base, exponent] = factor.split('^');
      unsigned power = 1;
      if (base.empty() || (factor.contains('^') && exponent.getAsInteger(10, power)))
        return std::nullopt;
      double value;
      if (llvm::isDigit(base[0])) {
        auto [numerator, denominator] = base.split('/');
        double divisor = 1;
        if (numerator.getAsDouble(value) ||
            (!denominator.empty() && denominator.getAsDouble(divisor)))
          return std::nullopt;
        value /= divisor;
      } else {
        value = assumedSize(base);
        std::pair<std::string, double> used{base.str(), value};
        if (!llvm::is_contained(sizes, used))
          sizes.push_back(used);
      }
      for (unsigned i = 0; i < power; ++i)
        term *= value;
    }
    total += term;
    sign = 1;
  }
  return total;
}

using Unit = std::pair<double, const char *>;

/// In the first of the units that the value reaches, or in the last.
static std::string inUnits(double value, ArrayRef<Unit> units) {
  const Unit *unit = llvm::find_if(units, [&](const Unit &u) { return value >= u.first; });
  if (unit == units.end())
    --unit;
  std::string result;
  llvm::raw_string_ostream(result) << llvm::format("%.3g ", value / unit->first) << unit->second;
  return result;
}

std::string evaluateCost(StringRef text, std::vector<std::pair<std::string, double>> &sizes) {
  std::optional<double> value = evaluate(text, sizes);
  if (!value)
    return "";
  return inUnits(*value,
                 {{1e12, "TFLOP"}, {1e9, "GFLOP"}, {1e6, "MFLOP"}, {1e3, "kFLOP"}, {1, "FLOP"}});
}

static std::string sizesText(ArrayRef<std::pair<std::string, double>> sizes) {
  std::string text;
  for (const auto &[name, value] : sizes)
    text += (text.empty() ? " at " : ", ") + name + " = " + llvm::utostr(uint64_t(value));
  return text;
}

/// ": 164 MFLOP instead of 25.6 GFLOP at N = 10000 (16384*N instead of 256*N^2)", or empty. Where
/// the program chooses, "10.6 GFLOP or 25.7 GFLOP instead of ..".
static std::string costText(const ExplainedRemark &remark) {
  std::string before = remark.detail("cost_before"), after = remark.detail("cost_after");
  if (before.empty() || after.empty())
    return "";
  std::vector<std::pair<std::string, double>> sizes;
  std::string valueBefore = evaluateCost(before, sizes), valueAfter = evaluateCost(after, sizes);
  bool isKnown = !valueBefore.empty() && !valueAfter.empty();
  if (std::string other = remark.detail("cost_other"); !other.empty() && other != after) {
    std::string valueOther = evaluateCost(other, sizes);
    isKnown &= !valueOther.empty();
    valueAfter += " or " + valueOther;
    after += " or " + other;
  }
  if (!isKnown)
    return ": " + after + " instead of " + before + " FLOP";
  if (before == after)
    return ": " + valueAfter + " as before" + sizesText(sizes) + " (" + after + ")";
  return ": " + valueAfter + " instead of " + valueBefore + sizesText(sizes) + " (" + after +
         " instead of " + before + ")";
}

/// What a remark says, without its cost.
static std::string sentence(const ExplainedRemark &remark) {
  std::string reason = remark.detail("reason"), form = remark.detail("form");
  std::string text = remark.message;
  if (text.empty() && !form.empty())
    text = "computed as " + form;
  if (!reason.empty())
    text += text.empty() ? reason : " (" + reason + ")";
  if (std::string advice = remark.detail("suggestion"); !advice.empty())
    text += "; " + advice;
  return text.empty() ? "no reason given" : text;
}

static std::string bullet(const ExplainedRemark &remark) {
  bool declined = remark.kind == remark::RemarkKind::RemarkMissed ||
                  remark.kind == remark::RemarkKind::RemarkFailure;
  return (declined ? "  - declined " : "  - ") + remark.rewrite + ", " + sentence(remark) +
         costText(remark) + "\n";
}

namespace {
/// One sink of the model, or several that are treated alike.
struct Paragraph {
  std::string function;
  std::vector<std::string> places;
  std::string headline;
  std::string bullets;
};
} // namespace

/// Remarks come in the order of planning: those of the parts first, then `plan` with the whole.
static std::vector<Paragraph> makeParagraphs(ArrayRef<ExplainedRemark> remarks) {
  std::vector<Paragraph> paragraphs;
  auto finish = [&](Paragraph &paragraph) {
    auto same = llvm::find_if(paragraphs, [&](const Paragraph &other) {
      return other.function == paragraph.function && other.headline == paragraph.headline &&
             other.bullets == paragraph.bullets;
    });
    if (same == paragraphs.end())
      paragraphs.push_back(paragraph);
    else if (!llvm::is_contained(same->places, paragraph.places[0]))
      same->places.push_back(paragraph.places[0]);
    paragraph = Paragraph();
  };
  Paragraph current;
  for (const ExplainedRemark &remark : remarks) {
    if (!current.places.empty() &&
        (current.places[0] != remark.place || current.function != remark.function))
      finish(current);
    current.function = remark.function;
    current.places = {remark.place};
    if (remark.rewrite != "plan") {
      current.bullets += bullet(remark);
      continue;
    }
    current.headline = sentence(remark) + costText(remark);
    finish(current);
  }
  if (!current.places.empty())
    finish(current);
  return paragraphs;
}

static std::string placesText(const Paragraph &paragraph) {
  std::string text = paragraph.places.front();
  if (text.empty())
    text = "`" + paragraph.function + "`";
  if (size_t more = paragraph.places.size() - 1)
    text += more == 1 ? " and " + paragraph.places.back()
                      : " .. " + paragraph.places.back() + " (" + llvm::utostr(more + 1) +
                            " places alike)";
  return text;
}

/// The value of a formula like "max(256*N, 12*E) + 512*N".
static std::optional<double> evaluateMaximum(StringRef text,
                                             std::vector<std::pair<std::string, double>> &sizes) {
  if (!text.consume_front("max("))
    return evaluate(text, sizes);
  auto [alternatives, rest] = text.split(')');
  double largest = 0;
  for (StringRef alternative : llvm::split(alternatives, ','))
    if (std::optional<double> value = evaluate(alternative, sizes))
      largest = std::max(largest, *value);
    else
      return std::nullopt;
  std::optional<double> fixed = evaluate(rest, sizes);
  return fixed ? std::optional(largest + *fixed) : std::nullopt;
}

static void printMemory(const ExplainedRemark &remark, raw_ostream &os) {
  std::string bytes = remark.detail("bytes");
  std::vector<std::pair<std::string, double>> sizes;
  std::optional<double> value = evaluateMaximum(bytes, sizes);
  os << "memory: " << bytes
     << " bytes at most, above arguments, results and the panels of each thread";
  if (value && !sizes.empty())
    os << ": "
       << inUnits(
              *value,
              {{0x1p40, "TiB"}, {0x1p30, "GiB"}, {0x1p20, "MiB"}, {0x1p10, "KiB"}, {1, "bytes"}})
       << sizesText(sizes);
  if (!sizes.empty() && !remark.place.empty())
    os << ", when " << remark.place << " runs";
  os << "\n";
}

std::vector<ExplainedRemark> Explanation::sentences() const {
  std::vector<ExplainedRemark> kept;
  llvm::copy_if(*remarks, std::back_inserter(kept),
                [](const ExplainedRemark &remark) { return remark.rewrite != "tree"; });
  return kept;
}

void Explanation::printJson(raw_ostream &os) const {
  llvm::json::Object functions;
  for (const ExplainedRemark &remark : *remarks) {
    auto [entry, isNew] =
        functions.try_emplace(remark.function, llvm::json::Object{{"sinks", llvm::json::Array()}});
    llvm::json::Object &function = *entry->second.getAsObject();
    if (remark.rewrite == "memory")
      function["memory_bytes"] = remark.detail("bytes");
    if (remark.rewrite != "tree")
      continue;
    llvm::Expected<llvm::json::Value> tree = llvm::json::parse(remark.detail("tree"));
    if (!tree) {
      llvm::consumeError(tree.takeError());
      continue;
    }
    if (std::string name = remark.place; !name.empty())
      tree->getAsObject()->insert({"place", name});
    function.getArray("sinks")->push_back(std::move(*tree));
  }
  os << llvm::formatv("{0:2}\n",
                      llvm::json::Value(llvm::json::Object{{"functions", std::move(functions)}}));
}

void Explanation::print(raw_ostream &os) const {
  std::vector<ExplainedRemark> rewrites, memory;
  for (const ExplainedRemark &remark : sentences())
    (remark.rewrite == "memory" ? memory : rewrites).push_back(remark);
  if (rewrites.empty())
    os << "nothing to rewrite: the model has no implicit matrix\n";
  std::string function;
  auto startFunction = [&](const std::string &next) {
    if (next != function)
      os << "function " << next << "\n";
    function = next;
  };
  auto printMemoryOf = [&](const std::string &name) {
    for (const ExplainedRemark &remark : memory)
      if (remark.function == name)
        printMemory(remark, os);
    llvm::erase_if(memory, [&](const ExplainedRemark &remark) { return remark.function == name; });
  };
  for (const Paragraph &paragraph : makeParagraphs(rewrites)) {
    if (paragraph.function != function)
      printMemoryOf(function);
    startFunction(paragraph.function);
    // What is moved in front of the plan has no sinks to speak of.
    os << placesText(paragraph) << (paragraph.headline.empty() ? ":" : ": ") << paragraph.headline
       << "\n"
       << paragraph.bullets;
  }
  printMemoryOf(function);
  while (!memory.empty()) {
    startFunction(memory.front().function);
    printMemoryOf(function);
  }
}

} // namespace attune
