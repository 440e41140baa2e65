// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loading a compiled shared object. Everything that could go wrong later is checked first:
// manifest, ABI version, target, entry symbols, and CPU features, so that code for another machine
// is an error message and not an illegal instruction.

#include "attune/Runtime/Program.h"

#include "Failure.h"
#include "Files.h"
#include "attune/Runtime/Targets.h"

#include <cctype>
#include <dlfcn.h>

namespace attune::runtime {

#if defined(__x86_64__)
// The builtin wants a literal; these are LLVM's feature names that GCC and Clang both can test.
// clang-format takes a line that is one X(..) for a statement, and so moves one more each time.
// clang-format off
#define ATTUNE_CPU_FEATURES(X)                                                                     \
  X("sse3") X("ssse3") X("sse4.1") X("sse4.2") X("popcnt") X("avx") X("avx2") X("fma") X("bmi")    \
  X("bmi2") X("avx512f") X("avx512vl") X("avx512bw") X("avx512dq") X("avx512cd") X("avx512ifma")   \
  X("avx512vbmi") X("avx512vbmi2") X("avx512vnni") X("avx512bitalg") X("avx512vpopcntdq")          \
  X("avx512bf16") X("gfni") X("vpclmulqdq") X("fma4") X("xop") X("aes") X("pclmul")
// clang-format on

static bool cpuLacks(std::string_view feature) {
  __builtin_cpu_init();
#define ATTUNE_CHECK(name)                                                                         \
  if (feature == name)                                                                             \
    return !__builtin_cpu_supports(name);
  ATTUNE_CPU_FEATURES(ATTUNE_CHECK)
#undef ATTUNE_CHECK
  return false;
}
#else
static bool cpuLacks(std::string_view) { return false; }
#endif

std::optional<std::string> missingCpuFeature(const std::string &features) {
  std::string_view rest = features;
  while (!rest.empty()) {
    std::string_view item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), item.size() + 1));
    if (!item.empty() && item.front() == '+' && cpuLacks(item.substr(1)))
      return std::string(item.substr(1));
  }
  return std::nullopt;
}

static void *openObject(const std::string &path) {
  regularFileBytes(path);
  // A name without a slash would be looked up in the library path.
  std::string name = path.find('/') == std::string::npos ? "./" + path : path;
  void *handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle)
    return handle;
  std::string reason = dlerror();
  if (reason.compare(0, name.size() + 2, name + ": ") == 0)
    reason.erase(0, name.size() + 2);
  const char *hint = reason.find("libomp") == std::string::npos
                         ? ""
                         : " (compiled programs need LLVM's OpenMP runtime; Debian: libomp5-22)";
  fail("cannot load `{}`: {}{}", path, reason, hint);
}

static std::string symbolName(const std::string &entry) {
  std::string name = "attune_call_" + entry;
  for (char &c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)))
      c = '_';
  return name;
}

Program Program::load(const std::string &path) {
  void *handle = openObject(path);
  const char *manifest = static_cast<const char *>(dlsym(handle, "attune_manifest"));
  if (!manifest)
    fail("`{}` is no Attune shared object: it has no attune_manifest", path);
  std::string error;
  std::optional<Signature> signature = Signature::fromJson(manifest, error);
  if (!signature)
    fail("`{}`: {}", path, error);
  if (!findTarget(signature->target))
    failWith(exitUnsupported, "`{}` is compiled for target `{}`, expected {}", path,
             signature->target, targetNames());
  if (std::optional<std::string> feature = missingCpuFeature(signature->features))
    failWith(
        exitUnsupported,
        "`{}` is compiled for a CPU with {}, which this one lacks; compile it with another --cpu",
        path, *feature);

  Program module;
  module.description = std::move(*signature);
  module.deviceReport =
      reinterpret_cast<decltype(&attune_device_last)>(dlsym(handle, "attune_device_last"));
  for (const Entry &entry : module.description.entries) {
    void *symbol = dlsym(handle, ("attune_call_" + entry.name).c_str());
    if (!symbol)
      symbol = dlsym(handle, symbolName(entry.name).c_str());
    if (!symbol)
      fail("`{}` has no function {} for the entry of its manifest", path, symbolName(entry.name));
    module.functions[entry.name] = reinterpret_cast<Function>(symbol);
  }
  return module;
}

int Program::call(const BoundCall &bound, std::string &message) const {
  std::vector<const void *> args;
  std::vector<void *> results;
  for (const Tensor &tensor : bound.args)
    args.push_back(tensor.data());
  for (const Tensor &tensor : bound.results)
    results.push_back(tensor.mutableData());
  char text[4096] = "";
  int32_t status = functions.at(bound.entry->name)(bound.sizes.data(), args.data(), results.data(),
                                                   text, sizeof text);
  text[sizeof text - 1] = 0;
  if (status == 0)
    return exitOk;
  message = *text ? text : fmt::format("`{}` returned {}", bound.entry->name, status);
  return status == exitWrongInput || status == exitUnsupported ? status : exitInternal;
}

bool Program::lastDeviceReport(attune_device_report &report) const {
  if (!deviceReport)
    return false;
  deviceReport(&report);
  return true;
}

} // namespace attune::runtime
