// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// --explain: every remark of the rewrites as a sentence, grouped by the place in the model that it is
// about. Costs are polynomials in the sizes; they are printed with their value for a graph of
// N = 10000 nodes with ten edges each, which is easier to read.

#include "Explain.h"

#include "Diagnostics.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/MLIRContext.h"

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

/// The name that the model gives to a place, and where it stands.
static std::string placeOf(Location location) {
  std::string name, file = locationText(location);
  location->walk([&](Location part) {
    NameLoc named = dyn_cast<NameLoc>(part);
    if (!named || !name.empty())
      return WalkResult::advance();
    name = named.getName().str();
    return WalkResult::interrupt();
  });
  if (name.empty())
    return file;
  return "`" + name + "`" + (file.empty() ? "" : " (" + file + ")");
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
  categories.all = "attune.*";
  // This cannot fail: the streamer has nothing to open.
  (void)remark::enableOptimizationRemarks(context, std::make_unique<Collector>(remarks),
                                          std::make_unique<remark::RemarkEmittingPolicyAll>(),
                                          categories);
}

/// The size that stands for a symbol in the examples.
static double exampleSize(StringRef symbol) {
  if (symbol == "E" || symbol == "NNZ")
    return 100000;
  if (symbol == "G" || symbol == "B" || symbol == "H")
    return 8;
  return 10000;
}

std::string evaluateCost(StringRef text, std::vector<std::pair<std::string, double>> &sizes) {
  // "256*N^2 - 3*N": a sign belongs to the term after it.
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
        return "";
      double value;
      if (llvm::isDigit(base[0])) {
        if (base.getAsDouble(value))
          return "";
      } else {
        value = exampleSize(base);
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
  static const std::pair<double, const char *> units[] = {
      {1e12, "TFLOP"}, {1e9, "GFLOP"}, {1e6, "MFLOP"}, {1e3, "kFLOP"}, {1, "FLOP"}};
  for (const auto &[unit, name] : units)
    if (total >= unit || unit == 1) {
      std::string result;
      llvm::raw_string_ostream(result) << llvm::format("%.3g ", total / unit) << name;
      return result;
    }
  return "";
}

static std::string sizesText(ArrayRef<std::pair<std::string, double>> sizes) {
  std::string text;
  for (const auto &[name, value] : sizes)
    text += (text.empty() ? " at " : ", ") + name + " = " + llvm::utostr(uint64_t(value));
  return text;
}

/// "25.6 GFLOP -> 0.16 GFLOP at N = 10000 (256*N^2 -> 16384*N)", or empty.
static std::string costText(const ExplainedRemark &remark) {
  std::string before = remark.detail("cost_before"), after = remark.detail("cost_after");
  if (before.empty() && after.empty())
    return "";
  std::vector<std::pair<std::string, double>> sizes;
  std::string valueBefore = evaluateCost(before, sizes), valueAfter = evaluateCost(after, sizes);
  if (before.empty() || after.empty()) {
    std::string only = before.empty() ? after : before;
    std::string value = before.empty() ? valueAfter : valueBefore;
    return value.empty() ? only : value + sizesText(sizes) + " (" + only + ")";
  }
  if (valueBefore.empty() || valueAfter.empty())
    return before + " -> " + after;
  return valueBefore + " -> " + valueAfter + sizesText(sizes) + " (" + before + " -> " + after + ")";
}

static void printRemark(const ExplainedRemark &remark, raw_ostream &os) {
  bool declined = remark.kind == remark::RemarkKind::RemarkMissed ||
                  remark.kind == remark::RemarkKind::RemarkFailure;
  os << (declined ? "  - not " : "  - ") << remark.rewrite << ": ";
  std::string reason = remark.detail("reason");
  std::string form = remark.detail("form");
  if (!remark.message.empty())
    os << remark.message;
  else if (!form.empty())
    os << "computed as " << form;
  else
    os << (reason.empty() ? "no reason given" : reason);
  if (!remark.message.empty() && !form.empty() && !StringRef(remark.message).contains(form))
    os << "; form: " << form;
  if (!remark.message.empty() && !reason.empty() && !StringRef(remark.message).contains(reason))
    os << " (" << reason << ")";
  os << "\n";
  if (std::string cost = costText(remark); !cost.empty())
    os << "    cost: " << cost << "\n";
  if (std::string advice = remark.detail("suggestion"); !advice.empty())
    os << "    advice: " << advice << "\n";
}

void Explanation::print(raw_ostream &os) const {
  if (remarks->empty()) {
    os << "nothing to rewrite: the model has no implicit matrix\n";
    return;
  }
  auto isSamePlace = [](const ExplainedRemark &a, const ExplainedRemark &b) {
    return a.function == b.function && a.place == b.place;
  };
  for (auto first = remarks->begin(); first != remarks->end(); ++first) {
    if (std::any_of(remarks->begin(), first,
                    [&](const ExplainedRemark &other) { return isSamePlace(other, *first); }))
      continue;
    os << (first->place.empty() ? "somewhere" : first->place) << " in `" << first->function
       << "`:\n";
    for (const ExplainedRemark &remark : *remarks)
      if (isSamePlace(remark, *first))
        printRemark(remark, os);
  }
}

} // namespace attune
