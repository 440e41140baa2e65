// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The manifest of a compiled program: struct <-> JSON, and the rules that make it callable. A size
// must stand in the shape of some argument, for nothing else could give it a value at run time.

#include "attune/Runtime/Signature.h"

#include "Failure.h"
#include "Json.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace attune::runtime {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

const char *const versionText = ATTUNE_VERSION;

std::string TensorSpec::shapeText() const {
  std::vector<std::string> dims;
  for (const SizeSum &dim : shape)
    dims.push_back(dim.text());
  return fmt::format("[{}]", fmt::join(dims, ", "));
}

int64_t Entry::sizeIndex(const std::string &symbol) const {
  std::vector<std::string>::const_iterator found = std::find(sizes.begin(), sizes.end(), symbol);
  return found == sizes.end() ? -1 : found - sizes.begin();
}

SizeSum::Values Entry::lookup(const std::vector<int64_t> &values) const {
  return [this, &values](const std::string &name) {
    int64_t index = sizeIndex(name);
    return index < 0 ? std::nullopt : std::optional<int64_t>(values[index]);
  };
}

const TensorSpec *Entry::findArgument(const std::string &argument) const {
  for (const TensorSpec &value : args)
    if (value.name == argument)
      return &value;
  return nullptr;
}

int64_t Entry::limitOf(const TensorSpec &value, const std::vector<int64_t> &values) const {
  if (std::optional<int64_t> number = parseNumber(value.below))
    return *number;
  return values[sizeIndex(value.below)];
}

std::optional<int64_t> parseNumber(const std::string &text) {
  bool isNumber =
      !text.empty() && text.size() <= 18 &&
      std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c); });
  return isNumber ? std::optional<int64_t>(std::stoll(text)) : std::nullopt;
}

static OrderedJson valueToJson(const TensorSpec &value) {
  OrderedJson json{{"name", value.name}, {"dtype", dtypeName(value.dtype)}};
  json["shape"] = OrderedJson::array();
  for (const SizeSum &dim : value.shape)
    json["shape"].push_back(dim.isConstant() ? OrderedJson(dim.constant) : OrderedJson(dim.text()));
  if (!value.below.empty())
    json["below"] = value.below;
  if (!value.offsetsOf.empty())
    json["offsets_of"] = value.offsetsOf;
  if (!value.pairsOf.empty())
    json["pairs_of"] = value.pairsOf;
  return json;
}

std::string Signature::toJson() const {
  OrderedJson json{{"attune", version}, {"abi", abi},           {"target", target},
                   {"cpu", cpu},        {"features", features}, {"triple", triple}};
  json["entries"] = OrderedJson::array();
  for (const Entry &entry : entries) {
    OrderedJson args = OrderedJson::array(), results = OrderedJson::array();
    for (const TensorSpec &value : entry.args)
      args.push_back(valueToJson(value));
    for (const TensorSpec &value : entry.results)
      results.push_back(valueToJson(value));
    json["entries"].push_back(
        {{"name", entry.name}, {"sizes", entry.sizes}, {"args", args}, {"results", results}});
  }
  // Names that are no UTF-8 get replacement characters: dump would throw.
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

/// Empty, or what is wrong with one argument or result.
static std::string validateValue(const Entry &entry, const TensorSpec &value) {
  for (const SizeSum &dim : value.shape) {
    if (dim.isConstant() && dim.constant < 0)
      return fmt::format("has the negative dimension {}", dim.constant);
    for (const std::string &name : dim.names())
      if (entry.sizeIndex(name) < 0)
        return fmt::format("uses the unknown size `{}`", name);
  }
  for (const std::string &size : {value.below, value.offsetsOf})
    if (!size.empty() && !(size == value.below && parseNumber(size)) && entry.sizeIndex(size) < 0)
      return fmt::format("uses the unknown size `{}`", size);
  if ((!value.below.empty() || !value.offsetsOf.empty()) && !isIndex(value.dtype))
    return fmt::format("is index data of dtype {}, expected I64 or I32", dtypeName(value.dtype));
  if (!value.offsetsOf.empty() && value.shape.size() != 1)
    return fmt::format("holds offsets and has rank {}, expected 1", value.shape.size());
  if (value.pairsOf.empty())
    return "";
  const TensorSpec *offsets = entry.findArgument(value.pairsOf);
  if (!offsets || offsets->offsetsOf.empty())
    return fmt::format("has pairs of `{}`, expected an argument that holds offsets", value.pairsOf);
  if (value.shape.size() != 1)
    return fmt::format("holds pairs and has rank {}, expected 1", value.shape.size());
  return "";
}

static std::string validateEntry(const Entry &entry) {
  std::set<std::string> names;
  for (const std::string &size : entry.sizes)
    if (!names.insert(size).second)
      return fmt::format("size `{}` is there twice", size);
  for (const std::vector<TensorSpec> *values : {&entry.args, &entry.results}) {
    const char *kind = values == &entry.args ? "argument" : "result";
    names.clear();
    for (const TensorSpec &value : *values) {
      if (!names.insert(value.name).second)
        return fmt::format("{} `{}` is there twice", kind, value.name);
      if (std::string problem = validateValue(entry, value); !problem.empty())
        return fmt::format("{} `{}` {}", kind, value.name, problem);
    }
  }
  std::vector<SizeSum> sums;
  for (const TensorSpec &value : entry.args)
    sums.insert(sums.end(), value.shape.begin(), value.shape.end());
  return checkFixed(entry.sizes, sums);
}

std::string Signature::validate() const {
  std::set<std::string> names;
  for (const Entry &entry : entries) {
    if (entry.name.empty())
      return "an entry has no name";
    if (!names.insert(entry.name).second)
      return fmt::format("entry `{}` is there twice", entry.name);
    if (std::string problem = validateEntry(entry); !problem.empty())
      return fmt::format("entry `{}`: {}", entry.name, problem);
  }
  return "";
}

static TensorSpec valueFromJson(const Json &json) {
  TensorSpec value;
  value.name = json.at("name").get<std::string>();
  std::string dtype = json.at("dtype");
  std::optional<DType> parsed = parseDType(dtype);
  if (!parsed)
    fail("`{}` has the unknown dtype `{}`", value.name, dtype);
  value.dtype = *parsed;
  for (const Json &dim : json.at("shape")) {
    ParsedSize parsed;
    if (dim.is_string())
      parsed = SizeSum::parse(dim.get<std::string>());
    else if (std::optional<int64_t> number = jsonInteger(dim))
      parsed.size = SizeSum::number(*number);
    if (!parsed.error.empty())
      fail("`{}` has no valid size for dimension {}: {}", value.name, value.shape.size(),
           parsed.error);
    if (!parsed.size)
      fail("`{}` has the unknown dimension {}, expected a number or the text of a size", value.name,
           dim.dump());
    value.shape.push_back(*parsed.size);
  }
  value.below = json.value("below", "");
  value.offsetsOf = json.value("offsets_of", "");
  value.pairsOf = json.value("pairs_of", "");
  return value;
}

std::optional<Signature> Signature::fromJson(std::string_view text, std::string &error) {
  try {
    Json json = parseJson(text, "manifest");
    Signature signature;
    signature.abi = json.at("abi").get<int64_t>();
    if (signature.abi != abiVersion)
      fail("manifest has ABI version {}, expected {}", signature.abi, abiVersion);
    signature.version = json.at("attune").get<std::string>();
    signature.target = json.value("target", "cpu");
    signature.cpu = json.value("cpu", "");
    signature.features = json.value("features", "");
    signature.triple = json.value("triple", "");
    for (const Json &item : json.at("entries")) {
      Entry entry;
      entry.name = item.at("name").get<std::string>();
      entry.sizes = item.at("sizes").get<std::vector<std::string>>();
      for (const Json &value : item.at("args"))
        entry.args.push_back(valueFromJson(value));
      for (const Json &value : item.at("results"))
        entry.results.push_back(valueFromJson(value));
      signature.entries.push_back(std::move(entry));
    }
    if (std::string problem = signature.validate(); !problem.empty())
      fail("manifest: {}", problem);
    return signature;
  } catch (const Json::exception &problem) {
    error = fmt::format("manifest is not understood ({})", problem.what());
  } catch (const Error &problem) {
    error = problem.what();
  }
  return std::nullopt;
}

const Entry *Signature::findEntry(const std::string &name, std::string &error) const {
  std::vector<std::string> names;
  for (const Entry &entry : entries) {
    if (entry.name == name || (name.empty() && entries.size() == 1))
      return &entry;
    names.push_back(fmt::format("`{}`", entry.name));
  }
  if (names.empty())
    error = "the program has no entry";
  else if (name.empty())
    error = fmt::format("several entries, choose one of {} with --entry", fmt::join(names, ", "));
  else
    error = fmt::format("no entry `{}`, expected {}", name, fmt::join(names, ", "));
  return nullptr;
}

std::string Signature::describe() const {
  std::string text =
      fmt::format("attune {}, target {}{}{}\n", version, target, cpu.empty() ? "" : ", cpu ", cpu);
  for (const Entry &entry : entries) {
    text += fmt::format("entry {}\n", entry.name);
    if (!entry.sizes.empty())
      text += fmt::format("  sizes    {}\n", fmt::join(entry.sizes, ", "));
    size_t width = 0;
    for (const std::vector<TensorSpec> *values : {&entry.args, &entry.results})
      for (const TensorSpec &value : *values)
        width = std::max(width, value.name.size());
    for (const std::vector<TensorSpec> *values : {&entry.args, &entry.results})
      for (const TensorSpec &value : *values) {
        text += fmt::format("  {:8} {:{}} {:4} {}", values == &entry.args ? "argument" : "result",
                            value.name, width, dtypeName(value.dtype), value.shapeText());
        if (!value.below.empty())
          text += fmt::format(", each in [0, {})", value.below);
        if (!value.offsetsOf.empty())
          text += fmt::format(", offsets from 0 to {}", value.offsetsOf);
        if (!value.pairsOf.empty())
          text += fmt::format(", one for each pair inside a segment of {}", value.pairsOf);
        text += '\n';
      }
  }
  return text;
}

} // namespace attune::runtime
