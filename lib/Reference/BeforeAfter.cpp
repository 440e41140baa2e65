// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Does a pass pipeline keep the meaning? Every public function is evaluated before and after on the
// same made-up arguments, with its named sizes drawn from {0, 1, 2, 5, 9}: all equal, then mixed.

#include "attune/Reference/Interpreter.h"

#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace mlir;

namespace attune::reference {

static constexpr int64_t kSizes[] = {0, 1, 2, 5, 9};
static constexpr size_t kCount = std::size(kSizes);

static SmallVector<NamedSizes> sizesToTry(func::FuncOp func) {
  SmallVector<std::string> names = sizeNames(func);
  SmallVector<NamedSizes> combinations;
  for (size_t turn = 0; turn < (names.empty() ? 1 : 2 * kCount); ++turn) {
    NamedSizes sizes;
    for (auto [number, name] : llvm::enumerate(names))
      sizes[name] = kSizes[turn < kCount ? turn : (turn + 2 * number + number / kCount) % kCount];
    combinations.push_back(std::move(sizes));
  }
  return combinations;
}

static std::string describe(func::FuncOp func, const NamedSizes &sizes) {
  std::string text;
  for (const std::string &name : sizeNames(func))
    text += (text.empty() ? " with " : ", ") + name + " = " + std::to_string(sizes.lookup(name));
  return text;
}

namespace {
enum class Outcome { Agrees, Fails, Limit };
} // namespace

/// One line for one function.
static Outcome compareFunction(func::FuncOp before, func::FuncOp after, uint64_t seed, double rtol,
                               llvm::raw_ostream &os) {
  StringRef name = before.getName();
  auto fail = [&](StringRef when, const NamedSizes &sizes, llvm::Error error) {
    bool isLimit = error.isA<NotSupported>();
    os << "failed @" << name << when << describe(before, sizes) << ": "
       << llvm::toString(std::move(error)) << '\n';
    return isLimit ? Outcome::Limit : Outcome::Fails;
  };
  double largest = 0;
  unsigned runs = 0;
  std::string error;
  for (const NamedSizes &sizes : sizesToTry(before)) {
    FailureOr<SmallVector<Tensor>> arguments = randomArguments(before, sizes, seed, &error);
    // Sizes that contradict each other are not an input.
    if (failed(arguments))
      continue;
    llvm::Expected<SmallVector<Tensor>> expected = evaluate(before, *arguments);
    if (!expected)
      return fail(" before", sizes, expected.takeError());
    llvm::Expected<SmallVector<Tensor>> actual = evaluate(after, *arguments);
    if (!actual)
      return fail(" after", sizes, actual.takeError());
    if (expected->size() != actual->size()) {
      os << "differs @" << name << ": " << expected->size() << " results before, " << actual->size()
         << " after\n";
      return Outcome::Fails;
    }
    ++runs;
    for (size_t number = 0; number < expected->size(); ++number) {
      double difference = largestDifference((*expected)[number], (*actual)[number]);
      largest = std::max(largest, difference);
      if (difference <= rtol)
        continue;
      os << "differs @" << name << ": result " << number << " by "
         << llvm::format("%.1e", difference) << describe(before, sizes) << '\n';
      return Outcome::Fails;
    }
  }
  if (runs == 0) {
    os << "failed @" << name << ": no sizes give an input: " << error << '\n';
    return Outcome::Fails;
  }
  os << "ok @" << name << ": largest difference " << llvm::format("%.1e", largest) << '\n';
  return Outcome::Agrees;
}

LogicalResult beforeAfter(ModuleOp module, StringRef passPipeline, uint64_t seed, double rtol,
                          llvm::raw_ostream &os, bool &isLimit) {
  OwningOpRef<ModuleOp> changed = module.clone();
  PassManager passes(module.getContext(), module.getOperationName());
  // Both "builtin.module(a,b)" and "a,b".
  LogicalResult parsed =
      passPipeline.starts_with("builtin.module(") && passPipeline.ends_with(")")
          ? parsePassPipeline(passPipeline.drop_front(15).drop_back(), passes, os)
          : parsePassPipeline(passPipeline, passes, os);
  if (failed(parsed))
    return failure();
  if (failed(passes.run(*changed))) {
    os << "failed: the pass pipeline\n";
    return failure();
  }
  bool agree = true;
  auto note = [&](Outcome outcome) {
    isLimit |= agree && outcome == Outcome::Limit;
    agree &= outcome == Outcome::Agrees;
  };
  for (func::FuncOp before : module.getOps<func::FuncOp>()) {
    if (!before.isPublic() || before.isExternal())
      continue;
    func::FuncOp after = changed->lookupSymbol<func::FuncOp>(before.getName());
    if (after) {
      note(compareFunction(before, after, seed, rtol, os));
      continue;
    }
    os << "failed @" << before.getName() << ": gone after the pass pipeline\n";
    note(Outcome::Fails);
  }
  return success(agree);
}

} // namespace attune::reference
