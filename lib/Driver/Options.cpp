// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The command line of attune-compile as a table: flag, name of its value, meaning, effect. Values
// may stand after `=` or in the next argument.

#include "Diagnostics.h"
#include "attune/Driver/Compile.h"
#include "attune/Pipeline/Stages.h"
#include "attune/Runtime/Error.h"
#include "attune/Runtime/Signature.h"
#include "attune/Runtime/SizeSum.h"
#include "attune/Runtime/Targets.h"
#include "attune/Target/CPU/TargetProcessor.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

namespace attune {

namespace {
struct Flag {
  llvm::StringLiteral name;
  /// Empty: a switch.
  llvm::StringLiteral value;
  llvm::StringLiteral help;
  void (*apply)(CompileOptions &options, llvm::StringRef value);
  bool repeatable = false;
  /// The one value that a switch may have.
  llvm::StringLiteral choice = "";
};
} // namespace

static void appendNames(std::vector<std::string> &names, llvm::StringRef list) {
  for (llvm::StringRef name : llvm::split(list, ','))
    if (!name.empty())
      names.push_back(name.str());
}

static const Flag flags[] = {
    {"-o", "file",
     "write this file; its ending says what: .so (with a C header beside it), .o, .s, "
     ".ll or .mlir",
     [](CompileOptions &o, llvm::StringRef v) { o.output = v.str(); }},
    {"--target", "name", "{targets} (default {target})",
     [](CompileOptions &o, llvm::StringRef v) { o.target = v.str(); }},
    {"--cpu", "name",
     "processor: native, x86-64-v3, x86-64-v4, znver5, .. (default native, or the least of "
     "--triple)",
     [](CompileOptions &o, llvm::StringRef v) { o.cpu = v.str(); }},
    {"--triple", "name",
     "machine that the code is for, such as aarch64-linux-gnu (default this one); needs -o "
     "<name>.o, "
     ".s or .ll where it is another",
     [](CompileOptions &o, llvm::StringRef v) { o.triple = v.str(); }},
    {"--chip", "names", "graphics processors for --target=gpu, as in sm_80,sm_90 (default sm_80)",
     [](CompileOptions &o, llvm::StringRef v) { appendNames(o.chips, v); }, true},
    {"--precision", "name",
     "factors of matrix products on graphics processors: f32, tf32x3, tf32 or bf16; sums are f32 "
     "(default f32)",
     [](CompileOptions &o, llvm::StringRef v) { o.precision = v.str(); }},
    {"--stop-after", "stage", "print the module after this stage, to -o or standard output",
     [](CompileOptions &o, llvm::StringRef v) { o.stopAfter = v.str(); }},
    {"--start-after", "stage", "the input is a module printed after this stage; run what follows",
     [](CompileOptions &o, llvm::StringRef v) { o.startAfter = v.str(); }},
    {"--explain", "",
     "say what was rewritten, what was not, and why; works without -o; --explain=json for tools",
     [](CompileOptions &o, llvm::StringRef v) {
       o.explain = true;
       o.explainAsJson = !v.empty();
     },
     false, "json"},
    {"--disable", "rewrite", "do without these rewrites (separated by commas, repeatable)",
     [](CompileOptions &o, llvm::StringRef v) { appendNames(o.disable, v); }, true},
    {"--allow", "size", "let stored values grow with the square of these named sizes",
     [](CompileOptions &o, llvm::StringRef v) { appendNames(o.allow, v); }, true},
    {"--dump-stages", "folder", "write the module after each stage into this folder",
     [](CompileOptions &o, llvm::StringRef v) { o.dumpStages = v.str(); }},
    {"--reproducers", "folder",
     "write the module of an internal error into this folder (default that of -o)",
     [](CompileOptions &o, llvm::StringRef v) { o.reproducers = v.str(); }},
    {"--deterministic", "",
     "results bitwise equal for any number of threads (always so on the CPU)",
     [](CompileOptions &o, llvm::StringRef) { o.deterministic = true; }},
    {"--compiler-files", "file", "list the files that the compiler consists of in this file",
     [](CompileOptions &o, llvm::StringRef v) { o.compilerFiles = v.str(); }},
    {"--time-stages", "", "print the time of each stage",
     [](CompileOptions &o, llvm::StringRef) { o.timeStages = true; }},
    {"--verbose", "", "print processor, linker and what was written",
     [](CompileOptions &o, llvm::StringRef) { o.verbose = true; }},
};

/// The names of those targets, as in "gpu and gpu-emulator".
static std::string targetsWhere(llvm::function_ref<bool(const Target &)> holds) {
  llvm::SmallVector<llvm::StringRef> names;
  for (const Target *target : allTargets())
    if (holds(*target))
      names.push_back(target->name());
  return llvm::join(names, " and ");
}

static void printHelp() {
  llvm::raw_ostream &os = llvm::outs();
  os << "usage: attune-compile <m.mlir> -o <m.so> [options]\n\n"
        "Compiles a model to a shared object that describes itself; - reads standard input.\n\n";
  for (const Flag &flag : flags) {
    std::string name = flag.name.str() + (flag.value.empty() ? "" : " <" + flag.value.str() + ">");
    os << llvm::formatv("  {0,-22}{1}\n", name, runtime::fillTargets(flag.help.str()));
  }
  os << llvm::formatv("  {0,-22}{1}\n  {2,-22}{3}\n", "--help", "print this", "--version",
                      "print the version");
  os << "\nStages:\n";
  // Those of all targets, then those of some.
  llvm::SmallVector<const Stage *> printed;
  for (const Target *target : allTargets())
    for (const Stage *stage : stagesOf(*target)) {
      if (llvm::is_contained(printed, stage))
        continue;
      printed.push_back(stage);
      auto has = [&](const Target &other) { return llvm::is_contained(stagesOf(other), stage); };
      bool isShared = llvm::all_of(allTargets(), [&](const Target *other) { return has(*other); });
      os << llvm::formatv("  {0,-22}{1}{2}\n", stage->name, stage->summary,
                          isShared ? "" : " (" + targetsWhere(has) + ")");
    }
  os << "\n--target=reference runs the model in float64 by the plain definitions instead, with "
        "the\n"
        "options of attune-run (--bind, -o, --expect, ..), or with\n"
        "  --print               call functions without arguments and print their results\n"
        "  --before-after <passes> [--seed n] [--rtol x]\n"
        "                        compare every function before and after these passes\n"
        "\nExit code: 0 done, 1 wrong input, 2 not supported, 70 internal error.\n";
}

static int fail(const llvm::Twine &message, int code = runtime::exitWrongInput) {
  llvm::errs() << "attune-compile: error: " << message << "\n";
  return code;
}

static const Flag *findFlag(llvm::StringRef name) {
  return llvm::find_if(flags, [&](const Flag &flag) { return flag.name == name; });
}

/// Whether code can be made for the triple, and into a file like -o; 0 if all is well.
static int checkTriple(const CompileOptions &options) {
  if (options.triple.empty())
    return 0;
  llvm::Triple triple(llvm::Triple::normalize(options.triple));
  const char *expected = "expected one such as aarch64-linux-gnu or x86_64-linux-gnu";
  // The text goes into that of a pipeline.
  bool isPlain = llvm::all_of(options.triple, [](char c) {
    return llvm::isAlnum(c) || llvm::StringRef("-_.").contains(c);
  });
  if (!isPlain || triple.getArch() == llvm::Triple::UnknownArch ||
      triple.getOS() == llvm::Triple::UnknownOS)
    return fail("--triple is `" + options.triple + "`, " + expected);
  bool supported = triple.getArch() == llvm::Triple::aarch64 || // little endian
                   triple.getArch() == llvm::Triple::x86_64;
  if (!supported || !triple.isOSLinux())
    return fail("--triple is `" + options.triple + "`, which is not supported, " + expected,
                runtime::exitUnsupported);
  if (cpu::isForeign(triple) && llvm::StringRef(options.output).ends_with(".so"))
    return fail("-o is `" + options.output + "`: no shared object is linked for `" +
                    options.triple + "` on this machine, expected .o, .s or .ll",
                runtime::exitUnsupported);
  return 0;
}

/// Names go into the text of a pipeline; 0 if each is one.
static int checkNames(llvm::StringRef flag, const std::vector<std::string> &names,
                      llvm::function_ref<bool(llvm::StringRef)> isName, llvm::StringRef expected) {
  for (const std::string &name : names)
    if (!isName(name))
      return fail(flag + " is `" + name + "`, expected " + expected);
  return 0;
}

/// Letters, digits and `-` as in "row-normalizer". Which rewrites there are, the pass knows.
static bool isRewriteName(llvm::StringRef name) {
  return llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || c == '-'; });
}

static bool isSizeName(llvm::StringRef name) { return runtime::isSizeName(name); }

/// What no single flag can see to be wrong; 0 if all is well.
static int checkOptions(const CompileOptions &options) {
  const Target *target = findTarget(options.target);
  if (!target)
    return fail("--target is `" + options.target + "`, expected " +
                runtime::targetNames("reference"));
  auto refuse = [&](llvm::StringRef flag, std::string takers) {
    return fail(flag + " is for --target=" + takers + ", and the target is `" + options.target +
                "`");
  };
  if (!options.chips.empty() && !target->takesChips())
    return refuse("--chip", targetsWhere([](const Target &t) { return t.takesChips(); }));
  if (!options.precision.empty() && !target->takesPrecision())
    return refuse("--precision", targetsWhere([](const Target &t) { return t.takesPrecision(); }));
  if (llvm::Error error =
          target->check({options.chips, options.precision, options.stopAfter, options.output})) {
    int code = exitCodeOf(error);
    return fail(llvm::toString(std::move(error)), code);
  }
  if (int code = checkTriple(options))
    return code;
  if (int code = checkNames("--disable", options.disable, isRewriteName,
                            "names of rewrites such as row-normalizer, separated by commas"))
    return code;
  if (int code = checkNames("--allow", options.allow, isSizeName,
                            "names of sizes such as N, separated by commas"))
    return code;
  if (options.input.empty())
    return fail("no input, expected a .mlir file, see --help");
  llvm::SmallVector<llvm::StringRef> names = stageNames(*target);
  for (auto [flag, stage] : {std::pair("--stop-after", &options.stopAfter),
                             std::pair("--start-after", &options.startAfter)})
    if (!stage->empty() && !llvm::is_contained(names, *stage))
      return fail(flag + llvm::Twine(" is `") + *stage + "`, expected one of " +
                  llvm::join(names, ", "));
  if (!options.startAfter.empty() && !options.stopAfter.empty() &&
      stageNumber(*target, options.startAfter) >= stageNumber(*target, options.stopAfter))
    return fail("--start-after is `" + options.startAfter + "`, expected a stage before `" +
                options.stopAfter + "`");
  if (options.output.empty() && options.stopAfter.empty() && options.dumpStages.empty() &&
      !options.explain)
    return fail("no output, expected -o <file>, --explain or --stop-after");
  if (options.output.empty() || options.output == "-" || !options.stopAfter.empty())
    return 0;
  llvm::StringRef output = options.output;
  auto writes = [&](const Target &t) {
    return llvm::any_of(t.imageEndings(),
                        [&](llvm::StringRef ending) { return output.ends_with(ending); });
  };
  if (writes(*target))
    return 0;
  if (std::string others = targetsWhere(writes); !others.empty())
    return fail("-o is `" + output + "`, which is for --target=" + others +
                ", and the target is `" + options.target + "`");
  if (llvm::none_of(llvm::ArrayRef<llvm::StringRef>{".so", ".o", ".s", ".ll", ".mlir"},
                    [&](llvm::StringRef ending) { return output.ends_with(ending); }))
    return fail("-o is `" + output +
                "`, expected a name that ends in .so, .o, .s, .ll or .mlir, or for --target=gpu in "
                ".ptx or .cubin");
  return 0;
}

std::optional<CompileOptions> parseCompileOptions(const std::vector<std::string> &arguments,
                                                  int &exitCode) {
  CompileOptions options;
  llvm::StringSet<> seen;
  auto stop = [&](int code) {
    exitCode = code;
    return std::nullopt;
  };
  for (size_t i = 0; i < arguments.size(); ++i) {
    llvm::StringRef argument = arguments[i];
    if (argument == "--help" || argument == "-h")
      return printHelp(), stop(0);
    if (argument == "--version") {
      llvm::outs() << "attune-compile " << ATTUNE_VERSION << "\n";
      return stop(0);
    }
    if (argument.empty() || argument[0] != '-' || argument == "-") {
      if (!options.input.empty() || argument.empty())
        return stop(
            fail("unexpected argument `" + argument + "`, the input is `" + options.input + "`"));
      options.input = argument.str();
      continue;
    }
    auto [name, value] = argument.split('=');
    bool hasValue = argument.contains('=');
    const Flag *flag = findFlag(name);
    if (flag == std::end(flags))
      return stop(fail("unknown option `" + name + "`, see --help"));
    if (!seen.insert(name).second && !flag->repeatable)
      return stop(fail("option " + name + " is given twice"));
    if (flag->value.empty() && hasValue && flag->choice.empty())
      return stop(fail("option " + name + " takes no value"));
    if (flag->value.empty() && hasValue && value != flag->choice)
      return stop(fail("option " + name + " is `" + value + "`, expected " + flag->choice +
                       " or no value"));
    if (!flag->value.empty() && !hasValue && i + 1 < arguments.size())
      value = arguments[++i];
    if (!flag->value.empty() && value.empty())
      return stop(fail("option " + name + " needs a value <" + flag->value + ">"));
    flag->apply(options, value);
  }
  if (int code = checkOptions(options))
    return stop(code);
  return options;
}

} // namespace attune
