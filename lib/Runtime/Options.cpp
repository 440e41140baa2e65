// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The command line of attune-run as one table: a flag, what its value is called, what it means, and
// what it does to RunOptions. --help, parsing and the way back (toArguments) follow it.

#include "Failure.h"
#include "Files.h"
#include "attune/Runtime/Run.h"
#include "attune/Runtime/Targets.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <set>

namespace attune::runtime {

namespace {
struct Flag {
  const char *name;
  const char *value; // null: a switch
  const char *help;
  void (*apply)(RunOptions &options, const std::string &value);
  bool repeatable = false;
};
} // namespace

template <typename T>
static T number(const std::string &flag, const std::string &text, T low, T high) {
  T value{};
  std::from_chars_result parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  bool complete = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
  if (!complete || !(value >= low && value <= high))
    fail("{} is `{}`, expected a number from {} to {}", flag, text, low, high);
  return value;
}

static void addRandom(RunOptions &options, const std::string &text) {
  size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    fail("--random is `{}`, expected <size>=<number>", text);
  std::string symbol = text.substr(0, equals);
  int64_t value =
      number<int64_t>("--random " + symbol, text.substr(equals + 1), 0, int64_t(1) << 48);
  if (!options.binding.random.emplace(symbol, value).second)
    fail("--random gives `{}` twice", symbol);
}

static void setTarget(RunOptions &options, const std::string &text) {
  if (!findTarget(text) && text != "reference")
    fail("--target is `{}`, expected {}", text, targetNames("reference"));
  options.target = text;
}

static const Flag flags[] = {
    {"--bind", "file", "take arguments by name from this safetensors file (repeatable)",
     [](RunOptions &o, const std::string &v) { o.bind.push_back(v); }, true},
    {"-o", "file", "write the results to this safetensors file",
     [](RunOptions &o, const std::string &v) { o.output = v; }},
    {"--expect", "file", "compare the results with the tensors of the same names in this file",
     [](RunOptions &o, const std::string &v) { o.expect = v; }},
    {"--rtol", "x", "allowed error relative to the largest expected entry (default 0)",
     [](RunOptions &o, const std::string &v) { o.rtol = number("--rtol", v, 0.0, 1e300); }},
    {"--atol", "x", "allowed absolute error, added to that of --rtol (default 1e-05)",
     [](RunOptions &o, const std::string &v) { o.atol = number("--atol", v, 0.0, 1e300); }},
    {"--entry", "name", "the entry to run (default: the only one)",
     [](RunOptions &o, const std::string &v) { o.entry = v; }},
    {"--target", "name", "{targets} (default {target})", setTarget},
    {"--chip", "names", "compile a .mlir file for these graphics processors, as in sm_80,sm_90",
     [](RunOptions &o, const std::string &v) { o.chip = v; }},
    {"--precision", "name",
     "compile a .mlir file for a graphics processor with factors of matrix products in f32, "
     "tf32x3, tf32 or bf16 (default f32)",
     [](RunOptions &o, const std::string &v) { o.precision = v; }},
    {"--threads", "n", "number of threads (default: OMP_NUM_THREADS, else the machine's cores)",
     [](RunOptions &o, const std::string &v) {
       o.threads = number<int64_t>("--threads", v, 1, 4096);
     }},
    {"--repeat", "n", "time n runs after one to warm up (default 1, no warm-up)",
     [](RunOptions &o, const std::string &v) {
       o.repeat = number<int64_t>("--repeat", v, 1, 1000000);
     }},
    {"--random", "size=n", "give a size; arguments in no file get seeded random data (repeatable)",
     addRandom, true},
    {"--seed", "n", "seed of --random (default 0)",
     [](RunOptions &o, const std::string &v) {
       o.binding.seed = number<uint64_t>("--seed", v, 0, UINT64_MAX);
     }},
    {"--strict", nullptr, "a tensor in a file that is no argument (or result) is an error",
     [](RunOptions &o, const std::string &) { o.binding.strict = true; }},
    {"--check-finite", nullptr, "a NaN or infinity in an argument is an error",
     [](RunOptions &o, const std::string &) { o.binding.checkFinite = true; }},
    {"--deterministic", nullptr,
     "results bitwise equal for any number of threads (always so on the CPU)",
     [](RunOptions &o, const std::string &) { o.deterministic = true; }},
    {"--json", nullptr, "report as one line of JSON",
     [](RunOptions &o, const std::string &) { o.json = true; }},
    {"--no-cache", nullptr, "compile a .mlir file even if an earlier run has",
     [](RunOptions &o, const std::string &) { o.noCache = true; }},
    {"--describe", nullptr, "print sizes, arguments and results, and run nothing",
     [](RunOptions &o, const std::string &) { o.describe = true; }},
    {"--machine", nullptr, "measure the machine's FMA peak and memory speed, without an input",
     [](RunOptions &o, const std::string &) { o.machine = true; }},
};

static void printHelp(const std::string &tool) {
  fmt::print("usage: {} <m.so|m.mlir> --bind <file> [options]\n\n"
             "Runs a compiled program (a .mlir file is compiled first) on safetensors files.\n\n",
             tool);
  for (const Flag &flag : flags) {
    std::string name = flag.value ? fmt::format("{} <{}>", flag.name, flag.value) : flag.name;
    fmt::print("  {:<20} {}\n", name, fillTargets(flag.help));
  }
  fmt::print("  {:<20} {}\n  {:<20} {}\n", "--help", "print this", "--version",
             "print the version");
  fmt::print(
      "\n"
      "Random data: floats 0.35 * normal(0, 1), indices uniform below their size, offsets\n"
      "evenly spaced, other integers 0. Relative errors refer to the largest expected entry\n"
      "of the tensor; NaN matches NaN and an infinity matches itself.\n"
      "Compiled .mlir files are kept in $ATTUNE_CACHE_DIR, else $XDG_CACHE_HOME/attune, else\n"
      "~/.cache/attune, up to $ATTUNE_CACHE_MIB (default 1024); ATTUNE_CACHE=off keeps none.\n"
      "Exit code: 0 all expectations hold, 1 wrong input or expectation, 2 not supported,\n"
      "70 internal error.\n");
}

static const Flag *findFlag(const std::string &name) {
  for (const Flag &flag : flags)
    if (name == flag.name)
      return &flag;
  return nullptr;
}

/// Handles --help and --version; true if there was one.
static bool printInformation(const std::string &tool, int argc, const char *const *argv) {
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    if (argument == "--help" || argument == "-h")
      return printHelp(tool), true;
    if (argument == "--version")
      return fmt::print("{} {}\n", tool, versionText), true;
    // The value of the flag before is not looked at.
    if (const Flag *flag = findFlag(argument); flag && flag->value)
      ++i;
  }
  return false;
}

static RunOptions parse(const std::string &tool, int argc, const char *const *argv) {
  RunOptions options;
  options.tool = tool;
  std::set<std::string> seen;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    if (argument.empty() || argument[0] != '-') {
      if (argument.empty() || !options.input.empty())
        fail("unexpected argument `{}`, the input is `{}`", argument, options.input);
      options.input = argument;
      continue;
    }
    size_t equals = argument.find('=');
    std::string name = argument.substr(0, equals);
    const Flag *flag = findFlag(name);
    if (!flag)
      fail("unknown option `{}`, see --help", name);
    if (!seen.insert(name).second && !flag->repeatable)
      fail("option {} is given twice", name);
    if (!flag->value && equals != std::string::npos)
      fail("option {} takes no value", name);
    std::string value;
    if (equals != std::string::npos)
      value = argument.substr(equals + 1);
    else if (flag->value && ++i < argc)
      value = argv[i];
    if (flag->value && value.empty())
      fail("option {} needs a value <{}>", name, flag->value);
    flag->apply(options, value);
  }
  if (options.machine && !options.input.empty())
    fail("--machine takes no input, got `{}`", options.input);
  if (options.input.empty() && !options.machine)
    fail("no input, expected a .so or .mlir file, see --help");
  for (auto [flag, value] :
       {std::pair("--chip", &options.chip), std::pair("--precision", &options.precision)})
    if (!value->empty() && !isSource(options.input))
      fail("{} is for compiling a .mlir file, got `{}`", flag, options.input);
  return options;
}

std::optional<RunOptions> parseRunOptions(const std::string &tool, int argc,
                                          const char *const *argv, int &exitCode) {
  exitCode = exitOk;
  if (printInformation(tool, argc, argv))
    return std::nullopt;
  try {
    return parse(tool, argc, argv);
  } catch (const Error &error) {
    fmt::print(stderr, "{}: error: {}\n", tool, error.what());
    exitCode = error.exitCode();
    return std::nullopt;
  }
}

std::vector<std::string> toArguments(const RunOptions &options) {
  RunOptions defaults;
  std::vector<std::string> arguments;
  if (!options.input.empty())
    arguments.push_back(options.input);
  auto add = [&](const char *flag, const std::string &value, bool given) {
    if (given)
      arguments.push_back(fmt::format("{}={}", flag, value));
  };
  add("--target", options.target, !options.target.empty());
  add("--chip", options.chip, !options.chip.empty());
  add("--precision", options.precision, !options.precision.empty());
  for (const std::string &file : options.bind)
    add("--bind", file, true);
  if (!options.output.empty())
    arguments.insert(arguments.end(), {"-o", options.output});
  add("--expect", options.expect, !options.expect.empty());
  add("--rtol", fmt::format("{}", options.rtol), options.rtol != defaults.rtol);
  add("--atol", fmt::format("{}", options.atol), options.atol != defaults.atol);
  add("--entry", options.entry, !options.entry.empty());
  add("--threads", fmt::format("{}", options.threads), options.threads != 0);
  add("--repeat", fmt::format("{}", options.repeat), options.repeat != 1);
  for (const auto &[symbol, value] : options.binding.random)
    add("--random", fmt::format("{}={}", symbol, value), true);
  add("--seed", fmt::format("{}", options.binding.seed), options.binding.seed != 0);
  const std::pair<const char *, bool> switches[] = {
      {"--strict", options.binding.strict},       {"--check-finite", options.binding.checkFinite},
      {"--deterministic", options.deterministic}, {"--json", options.json},
      {"--describe", options.describe},           {"--machine", options.machine}};
  for (const auto &[flag, given] : switches)
    if (given)
      arguments.push_back(flag);
  return arguments;
}

} // namespace attune::runtime
