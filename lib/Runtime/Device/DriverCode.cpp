// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Finds the driver and the device, and loads the code that suits it best.

#include "Driver.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

namespace attune::cuda {

static bool giveUp(const char *format, ...) __attribute__((format(printf, 1, 2)));
static bool giveUp(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(state.failure, sizeof state.failure, format, arguments);
  va_end(arguments);
  return false;
}

static bool openDriver() {
  const char *name = getenv("ATTUNE_CUDA_DRIVER");
  if (!name || !*name)
    name = "libcuda.so.1";
  void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return giveUp("no CUDA driver: cannot load %s (%s); use --target=cpu or gpu-emulator", name,
                  dlerror());
#define ATTUNE_CUDA_FIND(symbol, name, parameters)                                                 \
  *reinterpret_cast<void **>(&state.cuda.name) = dlsym(library, symbol);                           \
  if (!state.cuda.name)                                                                            \
    return giveUp("the CUDA driver has no function %s, it is too old", symbol);
  ATTUNE_CUDA_FUNCTIONS(ATTUNE_CUDA_FIND)
#undef ATTUNE_CUDA_FIND
  Result result = state.cuda.init(0);
  if (result != success)
    return giveUp("the CUDA driver does not start: %s", nameOf(result));
  return true;
}

static bool openDevice(Device &device) {
  int count = 0;
  state.cuda.deviceCount(&count);
  if (count < 1)
    return giveUp("the CUDA driver finds no device");
  long number = 0;
  if (const char *text = getenv("ATTUNE_DEVICE")) {
    char *end;
    number = strtol(text, &end, 10);
    if (!*text || *end || number < 0 || number >= count)
      return giveUp("ATTUNE_DEVICE is `%s`, expected a number from 0 to %d", text, count - 1);
  }
  Result result = state.cuda.deviceGet(&device, int(number));
  if (result == success)
    result = state.cuda.deviceName(state.name, sizeof state.name, device);
  if (result == success)
    result = state.cuda.retainContext(&state.context, device);
  if (result == success)
    result = state.cuda.pushContext(state.context);
  if (result == success)
    result = state.cuda.createStream(&state.stream, streamNonBlocking);
  if (result == success)
    result = state.cuda.createEvent(&state.start, 0);
  if (result == success)
    result = state.cuda.createEvent(&state.stop, 0);
  state.cuda.deviceAttribute(&state.sharedLimit, sharedOptIn, device);
  return result == success || giveUp("cannot use device %ld: %s", number, nameOf(result));
}

/// Compute capability of a chip's name times ten, as 90 for sm_90a.
static int capabilityOf(const char *chip) { return atoi(chip + strlen("sm_")); }

/// How well an image suits the device; 0: not at all. Machine code runs on chips of the same major
/// number from its own minor number on, PTX on all later chips unless it asks for one architecture.
static int suitability(const attune_image &image, int device) {
  int chip = capabilityOf(image.chip);
  bool isSpecific = image.chip[strlen(image.chip) - 1] == 'a';
  if (isSpecific && chip != device)
    return 0;
  if (image.is_ptx)
    return chip <= device ? chip : 0;
  return chip / 10 == device / 10 && chip <= device ? 1000 + chip : 0;
}

static bool loadCode(const attune_program &program, Device device) {
  int major = 0, minor = 0;
  state.cuda.deviceAttribute(&major, capabilityMajor, device);
  state.cuda.deviceAttribute(&minor, capabilityMinor, device);
  int own = major * 10 + minor, limit = 1 << 30;
  char log[1024] = "";
  // The best image that loads.
  while (true) {
    const attune_image *best = nullptr;
    int bestSuits = 0;
    for (int64_t i = 0; i < program.image_count; ++i) {
      int suits = suitability(program.images[i], own);
      if (suits > bestSuits && suits < limit) {
        best = program.images + i;
        bestSuits = suits;
      }
    }
    if (!best)
      break;
    int options[] = {jitErrorLog, jitErrorLogBytes};
    void *values[] = {log, reinterpret_cast<void *>(uintptr_t(sizeof log))};
    Result result = state.cuda.loadModule(&state.module, best->data, 2, options, values);
    if (result == success)
      return true;
    limit = bestSuits;
    log[sizeof log - 1] = 0;
    size_t length = strlen(log);
    snprintf(log + length, sizeof log - length, "%s%s", length ? ", " : "", nameOf(result));
  }
  if (limit < 1 << 30)
    return giveUp("the driver cannot load the program's code: %.900s", log);
  char list[512] = "none";
  size_t at = 0;
  for (int64_t i = 0; i < program.image_count && at + 64 < sizeof list; ++i)
    at += size_t(snprintf(list + at, sizeof list - at, "%s%.16s (%s)", i ? ", " : "",
                          program.images[i].chip, program.images[i].is_ptx ? "PTX" : "cubin"));
  return giveUp("the program holds code for %s; this device is sm_%d (%s)", list, own, state.name);
}

bool prepare(const attune_program &program) {
  const char *graphs = getenv("ATTUNE_GRAPHS");
  state.useGraphs = !graphs || strcmp(graphs, "off") != 0;
  Device device = 0;
  if (!openDriver() || !openDevice(device) || !loadCode(program, device))
    return false;
  size_t count = size_t(program.kernel_count);
  state.kernels = static_cast<Handle *>(calloc(count + 1, sizeof(Handle)));
  state.sharedOf = static_cast<int64_t *>(calloc(count + 1, sizeof(int64_t)));
  if (!state.kernels || !state.sharedOf)
    return giveUp("not enough memory");
  for (size_t i = 0; i < count; ++i)
    if (state.cuda.getFunction(state.kernels + i, state.module, program.kernels[i].name) != success)
      return giveUp("the program's code has no kernel %s", program.kernels[i].name);
  return true;
}

} // namespace attune::cuda
