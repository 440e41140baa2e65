// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A run from bound files to a report. Time is wall time of the call alone; peak memory is counted
// above what is resident once arguments and results are there and touched.

#include "attune/Runtime/Run.h"

#include "Cache.h"
#include "CompilerProcess.h"
#include "Failure.h"
#include "Files.h"
#include "Json.h"
#include "MachineSpeed.h"
#include "MemoryMeter.h"
#include "attune/Runtime/Compare.h"
#include "attune/Runtime/Program.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <sched.h>

namespace attune::runtime {

namespace {
struct Measurement {
  double minimum = 0, median = 0, peakMiB = 0;
  /// Of the fastest run on a device; none for programs for the CPU.
  std::optional<attune_device_report> device;
};

struct NamedComparison {
  std::string name;
  Comparison comparison;
};

using Json = nlohmann::ordered_json;
} // namespace

static double totalMiB(const std::vector<Tensor> &tensors) {
  double bytes = 0;
  for (const Tensor &tensor : tensors)
    bytes += double(tensor.bytes());
  return bytes / 1048576;
}

/// Reads one byte of each page, so that mapped files count as resident before the run.
static void touch(const std::vector<Tensor> &tensors) {
  for (const Tensor &tensor : tensors)
    for (int64_t i = 0; i < tensor.bytes(); i += 4096)
      (void)static_cast<const volatile char *>(tensor.data())[i];
}

static Measurement measure(const BoundCall &call, const RunOptions &options,
                           const Executor &executor) {
  using Clock = std::chrono::steady_clock;
  touch(call.args);
  MemoryMeter meter;
  std::vector<double> times;
  std::optional<attune_device_report> device;
  for (int64_t run = options.repeat > 1 ? -1 : 0; run < options.repeat; ++run) {
    std::string message;
    Clock::time_point start = Clock::now();
    int code = executor.call(call, message);
    double ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    if (code != exitOk)
      throw Error(code, message);
    if (run < 0)
      continue;
    times.push_back(ms);
    attune_device_report report;
    if (executor.lastDeviceReport && executor.lastDeviceReport(report) &&
        (!device || report.milliseconds < device->milliseconds))
      device = report;
  }
  std::sort(times.begin(), times.end());
  size_t half = times.size() / 2;
  double median = times.size() % 2 ? times[half] : (times[half - 1] + times[half]) / 2;
  return {times.front(), median, meter.peakMiBAboveStart(), device};
}

static std::vector<NamedComparison> compareResults(const BoundCall &call, const RunOptions &options,
                                                   const SafetensorsFile &expected) {
  const std::vector<TensorSpec> &values = call.entry->results;
  std::vector<NamedComparison> comparisons;
  for (size_t i = 0; i < values.size(); ++i) {
    const Tensor *wanted = expected.find(values[i].name);
    if (!wanted)
      continue;
    if (wanted->shape() != call.results[i].shape())
      fail("`{}`: `{}` has shape {}, but the result has {}", expected.path(), values[i].name,
           shapeText(wanted->shape()), shapeText(call.results[i].shape()));
    comparisons.push_back(
        {values[i].name, compareTensors(call.results[i], *wanted, options.rtol, options.atol)});
  }
  return comparisons;
}

/// Wrong names in the expected file, found before anything runs.
static void checkExpectedNames(const Entry &entry, const SafetensorsFile &expected, bool strict) {
  bool any = false;
  std::vector<std::string> names;
  for (const TensorSpec &value : entry.results) {
    any |= expected.find(value.name) != nullptr;
    names.push_back(fmt::format("`{}`", value.name));
  }
  if (!any)
    fail("`{}` has no tensor with the name of a result, expected {}", expected.path(),
         fmt::join(names, ", "));
  for (const NamedTensor &tensor : expected.tensors())
    if (strict && std::none_of(entry.results.begin(), entry.results.end(),
                               [&](const TensorSpec &value) { return value.name == tensor.name; }))
      fail("`{}`: tensor `{}` is no result of `{}`", expected.path(), tensor.name, entry.name);
}

static void printJson(const BoundCall &call, const Measurement &measured, const Executor &executor,
                      const std::vector<NamedComparison> &comparisons) {
  Json json{{"entry", call.entry->name},         {"ms", measured.minimum},
            {"ms_median", measured.median},      {"peak_mib", measured.peakMiB},
            {"inputs_mib", totalMiB(call.args)}, {"outputs_mib", totalMiB(call.results)},
            {"threads", executor.threads}};
  if (executor.compilation) {
    json["compile_ms"] = executor.compilation->ms;
    json["cached"] = executor.compilation->cached;
  }
  if (measured.device)
    json["device"] = {{"name", measured.device->name},
                      {"ms", measured.device->milliseconds},
                      {"peak_mib", double(measured.device->peak_bytes) / 1048576},
                      {"launches", measured.device->launches}};
  json["sizes"] = Json::object();
  json["errors"] = Json::object();
  for (size_t i = 0; i < call.sizes.size(); ++i)
    json["sizes"][call.entry->sizes[i]] = call.sizes[i];
  // NaN and infinity become null.
  for (const NamedComparison &named : comparisons)
    json["errors"][named.name] = {{"abs", named.comparison.maxAbs},
                                  {"rel", named.comparison.maxRel}};
  fmt::print("{}\n", json.dump());
}

static void printText(const BoundCall &call, const Measurement &measured, const Executor &executor,
                      int64_t repeat, const std::vector<NamedComparison> &comparisons) {
  fmt::print("{}", call.entry->name);
  for (size_t i = 0; i < call.sizes.size(); ++i)
    fmt::print("{}{} = {}", i ? ", " : ": ", call.entry->sizes[i], call.sizes[i]);
  if (const std::optional<Executor::Compilation> &compilation = executor.compilation)
    fmt::print("\n  compile {:.3f} ms{}", compilation->ms,
               compilation->cached ? " (compiled by an earlier run)" : "");
  fmt::print("\n  time    {:.3f} ms", measured.minimum);
  if (repeat > 1)
    fmt::print(" at best, {:.3f} ms median of {} runs", measured.median, repeat);
  fmt::print(", {} thread{}\n", executor.threads, executor.threads == 1 ? "" : "s");
  fmt::print("  memory  {:.1f} MiB peak above inputs ({:.1f} MiB) and outputs ({:.1f} MiB)\n",
             measured.peakMiB, totalMiB(call.args), totalMiB(call.results));
  if (const std::optional<attune_device_report> &device = measured.device)
    fmt::print("  device  {:.3f} ms on {}, {} launches, {:.1f} MiB peak\n", device->milliseconds,
               device->name, device->launches, double(device->peak_bytes) / 1048576);
  for (const NamedComparison &named : comparisons)
    fmt::print("  `{}`: largest error {:.3g} (allowed {:.3g}), {:.3g} of the largest entry: {}\n",
               named.name, named.comparison.maxAbs, named.comparison.allowed,
               named.comparison.maxRel, named.comparison.holds ? "ok" : "too large");
}

static int printError(const RunOptions &options, int code, const std::string &message) {
  fmt::print(stderr, "{}: error: {}\n", options.tool, message);
  return code;
}

/// Reports each tensor that is too far off; 0 if there is none.
static int judge(const BoundCall &call, const RunOptions &options, const SafetensorsFile &expected,
                 const std::vector<NamedComparison> &comparisons) {
  int code = exitOk;
  for (const auto &[name, comparison] : comparisons) {
    if (comparison.holds)
      continue;
    size_t index = 0;
    while (call.entry->results[index].name != name)
      ++index;
    const Tensor &result = call.results[index];
    code = printError(
        options, exitWrongInput,
        fmt::format("`{}` is {} at {}, expected {} by `{}`: off by {:.3g}, allowed {:.3g}", name,
                    result.toDouble(comparison.worst),
                    positionText(result.shape(), comparison.worst),
                    expected.find(name)->toDouble(comparison.worst), expected.path(),
                    comparison.maxAbs, comparison.allowed));
  }
  return code;
}

static int run(const Signature &signature, const RunOptions &options, const Executor &executor) {
  if (options.describe) {
    fmt::print("{}", options.json ? signature.toJson() + "\n" : signature.describe());
    return exitOk;
  }
  std::string error;
  const Entry *entry = signature.findEntry(options.entry, error);
  if (!entry)
    fail("{}", error);
  std::vector<SafetensorsFile> files;
  for (const std::string &path : options.bind)
    files.push_back(SafetensorsFile::open(path));
  std::optional<SafetensorsFile> expected;
  if (!options.expect.empty()) {
    expected = SafetensorsFile::open(options.expect);
    checkExpectedNames(*entry, *expected, options.binding.strict);
  }

  BoundCall call = bindArguments(*entry, files, options.binding);
  if (executor.checkIndices)
    checkIndexData(call);
  allocateResults(call, executor.floatsAsDouble);
  Measurement measured = measure(call, options, executor);

  std::vector<NamedTensor> results;
  for (size_t i = 0; i < call.results.size(); ++i)
    results.push_back({entry->results[i].name, call.results[i]});
  if (!options.output.empty())
    writeSafetensors(options.output, results);
  std::vector<NamedComparison> comparisons;
  if (expected)
    comparisons = compareResults(call, options, *expected);
  if (options.json)
    printJson(call, measured, executor, comparisons);
  else
    printText(call, measured, executor, options.repeat, comparisons);
  return expected ? judge(call, options, *expected, comparisons) : int(exitOk);
}

/// Runs the function and turns everything it throws into an exit code and one line on stderr.
template <typename Function> static int guarded(const RunOptions &options, Function function) {
  try {
    int code = function();
    if (std::fflush(stdout) != 0 || std::ferror(stdout))
      return printError(options, exitWrongInput, "cannot write the report to standard output");
    return code;
  } catch (const Error &error) {
    return printError(options, error.exitCode(), error.what());
  } catch (const std::bad_alloc &) {
    return printError(options, exitWrongInput, "not enough memory");
  } catch (const std::exception &error) {
    return printError(options, exitInternal, error.what());
  }
}

int runAndReport(const Signature &signature, const RunOptions &options, const Executor &executor) {
  return guarded(options, [&] { return run(signature, options, executor); });
}

/// Sets the environment of the OpenMP runtime, which reads it when it is loaded; returns the number
/// of threads. Waiting threads sleep unless the user wants otherwise: they would take the cores
/// away from the next program. Before that they look for work for a moment, since the next parallel
/// loop comes soon and waking them takes longer than a small loop (ten times the time of a small
/// model on 2 cores).
static int64_t prepareThreads(int64_t wanted) {
  if (wanted == 0)
    if (const char *given = std::getenv("OMP_NUM_THREADS"))
      wanted = std::max(0l, std::strtol(given, nullptr, 10));
  if (wanted == 0) {
    cpu_set_t cores;
    wanted = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
  }
  setenv("OMP_NUM_THREADS", std::to_string(wanted).c_str(), 1);
  setenv("OMP_WAIT_POLICY", "PASSIVE", 0);
  setenv("KMP_BLOCKTIME", "200us", 0);
  return wanted;
}

static int runProgram(const RunOptions &options, const Program &module, Executor executor) {
  executor.call = [&](const BoundCall &call, std::string &message) {
    return module.call(call, message);
  };
  executor.lastDeviceReport = [&](attune_device_report &report) {
    return module.lastDeviceReport(report);
  };
  return run(module.signature(), options, executor);
}

/// What an earlier run has compiled, where it is there and loads.
static std::optional<Program> loadCached(const CompileCache &cache) {
  std::optional<CachedObject> object = cache.find();
  if (!object)
    return std::nullopt;
  try {
    return Program::load(object->path());
  } catch (const Error &) {
    return std::nullopt;
  }
}

static int runSource(const RunOptions &options, Executor executor) {
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now();
  timespec started;
  clock_gettime(CLOCK_REALTIME, &started);
  std::string compiler = compilerPath();
  std::optional<CompileCache> cache =
      CompileCache::open(options, compiler, compileSettings(options));
  std::optional<Program> module = cache ? loadCached(*cache) : std::nullopt;
  bool cached = module.has_value();
  std::optional<CompiledInput> compiled;
  if (!cached) {
    compiled.emplace(options, compiler);
    if (int code = compiled->exitCode())
      return code;
    module = Program::load(compiled->path());
    if (cache)
      cache->store(compiled->path(), compiled->compilerFiles(), started);
  }
  double ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  executor.compilation = {ms, cached};
  return runProgram(options, *module, executor);
}

static int reportMachine(const RunOptions &options) {
  int64_t threads = prepareThreads(options.threads);
  MachineSpeed speed = measureMachine(threads);
  if (options.json) {
    Json json{{"threads", threads},
              {"fma_gflops", speed.fmaGflops},
              {"read_gb_per_s", speed.readGBPerSecond}};
    fmt::print("{}\n", json.dump());
    return exitOk;
  }
  fmt::print("{} thread{}: {:.1f} GFLOP/s of float32 multiply-adds, {:.1f} GB/s read from memory\n",
             threads, threads == 1 ? "" : "s", speed.fmaGflops, speed.readGBPerSecond);
  return exitOk;
}

static int runInput(const RunOptions &options) {
  if (options.machine)
    return reportMachine(options);
  regularFileBytes(options.input);
  if (options.target == "reference") {
    if (!isSource(options.input))
      fail("target `reference` needs a .mlir file, and `{}` is none", options.input);
    becomeReference(options);
  }
  Executor executor;
  executor.threads = prepareThreads(options.threads);
  if (isSource(options.input))
    return runSource(options, executor);
  Program module = Program::load(options.input);
  const std::string &target = module.signature().target;
  if (!options.target.empty() && options.target != target)
    fail("--target is `{}`, but `{}` is compiled for target `{}`", options.target, options.input,
         target);
  return runProgram(options, module, executor);
}

int runMain(int argc, const char *const *argv) {
  int exitCode = exitOk;
  std::optional<RunOptions> options = parseRunOptions("attune-run", argc, argv, exitCode);
  if (!options)
    return exitCode;
  return guarded(*options, [&] { return runInput(*options); });
}

} // namespace attune::runtime
