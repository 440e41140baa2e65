// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads `--key=value` arguments against a model's table. Values are kept as text that was found to
// be right, so that the getters cannot fail; a key that is not in the table is a bug of the caller.

#include "attune/Models/Options.h"
#include "attune/Models/Models.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ErrorHandling.h"

using namespace attune::models;
using llvm::StringRef;

/// Largest value of a whole number: products of two widths stay within 64 bits, and a module with
/// all its layers within what can be read.
static int64_t largest(OptionKind kind) { return kind == OptionKind::Layers ? 1024 : 1 << 20; }

/// Pixels along one side of an image.
static constexpr int64_t kLargestImage = 4096;

std::string attune::models::describeValues(const Option &option) {
  switch (option.kind) {
  case OptionKind::Count:
  case OptionKind::Layers:
    return "a whole number from 1 to " + std::to_string(largest(option.kind));
  case OptionKind::Share:
    return "a number from 0 to 1";
  case OptionKind::Weight:
    return "-1, or a number above 0 and up to 1";
  case OptionKind::Number:
    return "a number from 0 to 1e30";
  case OptionKind::Image:
    return "height x width in pixels, as in 224x224, each up to " + std::to_string(kLargestImage);
  case OptionKind::Depths:
    return "`size`, or four whole numbers from 1 to 1024 as in 1,2,3,2";
  case OptionKind::Flag:
    return "true or false";
  case OptionKind::Choice: {
    llvm::SmallVector<StringRef> words;
    StringRef(option.choices).split(words, '|');
    return llvm::join(words, " or ");
  }
  }
  llvm_unreachable("unknown kind of option");
}

/// Whole numbers from 1 to `most` with `separator` in between; none where it is something else.
static std::optional<llvm::SmallVector<int64_t>> readCounts(StringRef value, char separator,
                                                            size_t count, int64_t most) {
  llvm::SmallVector<StringRef> words;
  value.split(words, separator);
  llvm::SmallVector<int64_t> counts;
  for (StringRef word : words) {
    int64_t number;
    if (word.getAsInteger(10, number) || number < 1 || number > most)
      return std::nullopt;
    counts.push_back(number);
  }
  if (counts.size() != count)
    return std::nullopt;
  return counts;
}

/// Comparisons are written so that NaN is refused.
static bool accepts(const Option &option, StringRef value) {
  int64_t count;
  double number;
  switch (option.kind) {
  case OptionKind::Count:
  case OptionKind::Layers:
    return !value.getAsInteger(10, count) && count >= 1 && count <= largest(option.kind);
  case OptionKind::Share:
    return !value.getAsDouble(number) && number >= 0 && number <= 1;
  case OptionKind::Weight:
    return !value.getAsDouble(number) && (number == -1 || (number > 0 && number <= 1));
  case OptionKind::Number:
    return !value.getAsDouble(number) && number >= 0 && number <= 1e30;
  case OptionKind::Image:
    return readCounts(value, 'x', 2, kLargestImage).has_value();
  case OptionKind::Depths:
    return value == "size" || readCounts(value, ',', 4, 1024).has_value();
  case OptionKind::Flag:
    return value == "true" || value == "false";
  case OptionKind::Choice: {
    llvm::SmallVector<StringRef> words;
    StringRef(option.choices).split(words, '|');
    return llvm::is_contained(words, value);
  }
  }
  llvm_unreachable("unknown kind of option");
}

/// "did you mean" for a near miss, and all keys.
static std::string unknownKey(const Model &model, StringRef key) {
  std::string error = "unknown key `" + key.str() + "`";
  unsigned nearest = 3;
  StringRef suggestion;
  for (const Option &option : model.options) {
    unsigned distance = key.edit_distance(option.key, /*AllowReplacements=*/true, nearest);
    if (distance < nearest) {
      nearest = distance;
      suggestion = option.key;
    }
  }
  if (!suggestion.empty())
    error += ", did you mean `" + suggestion.str() + "`?";
  error += (suggestion.empty() ? ", `" : " `") + model.name.str() + "` has ";
  error += llvm::join(
      llvm::map_range(model.options, [](const Option &option) { return option.key.str(); }), ", ");
  return error;
}

std::optional<Options> Options::parse(const Model &model, llvm::ArrayRef<StringRef> arguments,
                                      std::string &error) {
  Options result;
  for (StringRef argument : arguments) {
    StringRef rest = argument;
    if (!rest.consume_front("--") || rest.empty() || rest.front() == '=') {
      error = "unexpected argument `" + argument.str() + "`, expected --key=value";
      return std::nullopt;
    }
    StringRef key = rest.split('=').first, value = rest.split('=').second;
    const Option *option =
        llvm::find_if(model.options, [&](const Option &option) { return option.key == key; });
    if (option == model.options.end()) {
      error = unknownKey(model, key);
      return std::nullopt;
    }
    if (!rest.contains('=')) {
      error = "`" + key.str() + "` has no value, expected --" + key.str() + "=<value> with " +
              describeValues(*option);
      return std::nullopt;
    }
    if (!accepts(*option, value)) {
      error = "`" + key.str() + "` is `" + value.str() + "`, expected " + describeValues(*option);
      return std::nullopt;
    }
    if (!result.values.try_emplace(key, value.str()).second) {
      error = "`" + key.str() + "` is given twice";
      return std::nullopt;
    }
  }
  for (const Option &option : model.options) {
    if (result.values.count(option.key))
      continue;
    if (option.fallback.empty()) {
      error = "`" + option.key.str() + "` is missing, expected --" + option.key.str() + "=" +
              "<value> with " + describeValues(option);
      return std::nullopt;
    }
    result.values[option.key] = option.fallback.str();
  }
  if (model.check) {
    error = model.check(result);
    if (!error.empty())
      return std::nullopt;
  }
  return result;
}

StringRef Options::text(StringRef key) const {
  auto found = values.find(key);
  if (found == values.end())
    llvm::report_fatal_error(llvm::Twine("option `") + key + "` is in no table");
  return found->second;
}

int64_t Options::count(StringRef key) const {
  int64_t result = 0;
  (void)text(key).getAsInteger(10, result);
  return result;
}

llvm::SmallVector<int64_t> Options::counts(StringRef key) const {
  StringRef value = text(key);
  llvm::SmallVector<int64_t> result;
  if (value == "size")
    return result;
  bool isImage = value.contains('x');
  if (auto counts = readCounts(value, isImage ? 'x' : ',', isImage ? 2 : 4, kLargestImage))
    result = *counts;
  return result;
}

double Options::number(StringRef key) const {
  double result = 0;
  (void)text(key).getAsDouble(result);
  return result;
}
