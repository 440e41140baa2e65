// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sessions on the CUDA driver, which is opened when the first one begins. All work of a program is
// on one stream, and sessions of several threads take turns, so blocks can be used again as soon as
// they are freed: whatever still uses them comes before on the stream. The context, the code, the
// stream and freed blocks stay until the process ends.
//
// Goes into an archive that a C compiler links: libc, pthreads and dl only.

#include "Cuda.h"

#pragma GCC visibility push(default)
#include "attune/Runtime/Device.h"
#pragma GCC visibility pop

#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

namespace attune::cuda {
namespace {

constexpr int32_t unsupported = 2, internal = 70;
constexpr size_t smallArray = 64 * 1024, packedStep = 256;
constexpr double MiB = 1048576;
constexpr int32_t mostParameters = 1024;
/// What an allocation gives when there is none; nobody looks at it.
char nowhere[256];

/// One launch; its parameters stand in the run's slots.
struct Launch {
  int32_t kernel, parameters;
  int64_t firstSlot;
  unsigned grid[3], block[3], shared, zero;
};

/// Launches and their parameters, one after the other.
struct Run {
  Launch *launches;
  int64_t *slots;
  int64_t launchCount, launchCapacity, slotCount, slotCapacity;
};

/// A run that was seen before, and its graph; null before the second time, or where there is none.
struct KnownRun {
  Run run;
  Handle graph;
  bool hasNone;
};
constexpr int mostKnownRuns = 64;

struct Block {
  Pointer address;
  size_t bytes; ///< Rounded up.
  Block *next;
};

/// Of the process: the driver, the device, the code.
struct State {
  bool tried;
  char failure[1024]; ///< Why there is no device; empty where there is one.
  Functions cuda;
  Handle context, module, stream, start, stop;
  Handle *kernels;
  int64_t *sharedOf; ///< For each kernel the shared memory it was allowed.
  int sharedLimit;
  char name[128];
  bool isBroken; ///< A kernel has failed, and the context with it.
  Block *freed;
  KnownRun known[mostKnownRuns];
  int nextKnown; ///< Where the next one goes, whatever stands there.
  bool useGraphs;
  void *staging;
  size_t stagingBytes;
};

struct Session {
  const attune_program *program;
  int32_t status;
  char error[2048];
  Block *blocks;
  /// Small arguments, in one block.
  Pointer packed;
  size_t packedBytes;
  int64_t bytes, peakBytes, launches;
  Run run; ///< Not given to the driver yet.
};

State state;
pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
thread_local Session *current;
thread_local attune_device_report lastReport;

__attribute__((format(printf, 2, 3))) void fail(int32_t status, const char *format, ...) {
  if (!current || current->status)
    return;
  current->status = status;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(current->error, sizeof current->error, format, arguments);
  va_end(arguments);
}

bool isOff() { return !current || current->status; }

const char *nameOf(Result result) {
  const char *name = nullptr;
  if (!state.cuda.errorName || state.cuda.errorName(result, &name) != success || !name)
    return "an unknown error";
  return name;
}

/// Errors of anything but an allocation; true where all is well.
bool check(Result result, const char *what) {
  if (result == success)
    return true;
  // What a kernel did wrong is told by the next call, whatever it is.
  state.isBroken = true;
  fail(internal, "the device reports %s in %s", nameOf(result), what);
  return false;
}

// ---- Device and code ------------------------------------------------------------------------

bool giveUp(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool giveUp(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(state.failure, sizeof state.failure, format, arguments);
  va_end(arguments);
  return false;
}

bool openDriver() {
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

bool openDevice(Device &device) {
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
int capabilityOf(const char *chip) { return atoi(chip + strlen("sm_")); }

/// How well an image suits the device; 0: not at all. Machine code runs on chips of the same major
/// number from its own minor number on, PTX on all later chips unless it asks for one architecture.
int suitability(const attune_image &image, int device) {
  int chip = capabilityOf(image.chip);
  bool isSpecific = image.chip[strlen(image.chip) - 1] == 'a';
  if (isSpecific && chip != device)
    return 0;
  if (image.is_ptx)
    return chip <= device ? chip : 0;
  return chip / 10 == device / 10 && chip <= device ? 1000 + chip : 0;
}

bool loadCode(const attune_program &program, Device device) {
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

// ---- Launches -------------------------------------------------------------------------------

template <typename Element> bool reserve(Element *&array, int64_t &capacity, int64_t count) {
  if (count <= capacity)
    return true;
  int64_t larger = count * 2 + 64;
  void *grown = realloc(array, size_t(larger) * sizeof(Element));
  if (!grown)
    return false;
  array = static_cast<Element *>(grown);
  capacity = larger;
  return true;
}

void release(Run &run) {
  free(run.launches);
  free(run.slots);
  run = {};
}

bool isSame(const Run &a, const Run &b) {
  return a.launchCount == b.launchCount && a.slotCount == b.slotCount &&
         memcmp(a.launches, b.launches, size_t(a.launchCount) * sizeof(Launch)) == 0 &&
         memcmp(a.slots, b.slots, size_t(a.slotCount) * sizeof(int64_t)) == 0;
}

/// Gives the launches to the stream; false where the driver refuses one.
bool launchAll(const Run &run) {
  for (int64_t i = 0; i < run.launchCount; ++i) {
    const Launch &one = run.launches[i];
    void *parameters[mostParameters];
    for (int32_t p = 0; p < one.parameters; ++p)
      parameters[p] = run.slots + one.firstSlot + p;
    if (!check(state.cuda.launch(state.kernels[one.kernel], one.grid[0], one.grid[1], one.grid[2],
                                 one.block[0], one.block[1], one.block[2], one.shared, state.stream,
                                 parameters, nullptr),
               current->program->kernels[one.kernel].name))
      return false;
  }
  return true;
}

/// A graph of the run, or null where the driver makes none. Nothing runs.
Handle makeGraph(const Run &run) {
  if (state.cuda.beginCapture(state.stream, captureThreadLocal) != success)
    return nullptr;
  bool all = launchAll(run);
  Handle graph = nullptr, executable = nullptr;
  Result result = state.cuda.endCapture(state.stream, &graph);
  if (all && result == success && graph &&
      state.cuda.instantiateGraph(&executable, graph, 0) != success)
    executable = nullptr;
  if (graph)
    state.cuda.destroyGraph(graph);
  return executable;
}

/// Gives what was collected to the driver.
void flush() {
  Run &run = current->run;
  if (!run.launchCount)
    return;
  KnownRun *found = nullptr;
  for (KnownRun &known : state.known)
    if (known.run.launchCount && isSame(known.run, run))
      found = &known;
  if (found && !found->graph && !found->hasNone) {
    found->graph = makeGraph(run);
    found->hasNone = !found->graph;
  }
  if (isOff())
    return;
  if (found && found->graph)
    check(state.cuda.launchGraph(found->graph, state.stream), "a graph of kernels");
  else
    launchAll(run);
  if (found) {
    run.launchCount = run.slotCount = 0;
    return;
  }
  KnownRun &place = state.known[state.nextKnown];
  state.nextKnown = (state.nextKnown + 1) % mostKnownRuns;
  if (place.graph) {
    // It may still be running.
    state.cuda.synchronize(state.stream);
    state.cuda.destroyGraphExec(place.graph);
  }
  release(place.run);
  place = {run, nullptr, false};
  run = {};
}

// ---- Memory ---------------------------------------------------------------------------------

/// Sizes have three bits behind the first, so that freed blocks find new users.
size_t roundedUp(size_t bytes) {
  size_t step = 256;
  while (step * 16 <= bytes)
    step *= 2;
  return (bytes + step - 1) / step * step;
}

void releaseFreed() {
  state.cuda.synchronize(state.stream);
  while (Block *block = state.freed) {
    state.freed = block->next;
    state.cuda.release(block->address);
    free(block);
  }
}

Pointer take(size_t bytes) {
  bytes = roundedUp(bytes ? bytes : 1);
  Block **place = &state.freed;
  while (*place && (*place)->bytes != bytes)
    place = &(*place)->next;
  Block *block = *place;
  if (block) {
    *place = block->next;
  } else {
    Pointer address = 0;
    Result result = state.cuda.allocate(&address, bytes);
    if (result == outOfMemory) {
      flush(); // kernels that use freed blocks come first
      releaseFreed();
      result = state.cuda.allocate(&address, bytes);
    }
    if (result == outOfMemory) {
      size_t available = 0, total = 0;
      state.cuda.memoryInfo(&available, &total);
      fail(unsupported, "not enough device memory: %.1f MiB needed, %.1f MiB free of %.1f MiB",
           double(bytes) / MiB, double(available) / MiB, double(total) / MiB);
      return 0;
    }
    if (!check(result, "an allocation"))
      return 0;
    block = static_cast<Block *>(malloc(sizeof(Block)));
    if (!block) {
      state.cuda.release(address);
      fail(unsupported, "not enough memory");
      return 0;
    }
    *block = {address, bytes, nullptr};
  }
  block->next = current->blocks;
  current->blocks = block;
  current->bytes += int64_t(bytes);
  if (current->bytes > current->peakBytes)
    current->peakBytes = current->bytes;
  return block->address;
}

/// The pinned buffer that small arguments go through.
char *staging(size_t bytes) {
  if (state.stagingBytes < bytes) {
    // The one before stays: copies from it may be on their way, and it is small.
    if (!check(state.cuda.allocateHost(&state.staging, bytes), "an allocation of pinned memory"))
      return nullptr;
    state.stagingBytes = bytes;
  }
  return static_cast<char *>(state.staging);
}

Pointer pointerOf(const void *address) { return Pointer(uintptr_t(address)); }
void *addressOf(Pointer pointer) { return reinterpret_cast<void *>(uintptr_t(pointer)); }

size_t packedSize(int64_t bytes) {
  return bytes > 0 && size_t(bytes) <= smallArray
             ? (size_t(bytes) + packedStep - 1) / packedStep * packedStep
             : 0;
}

} // namespace
} // namespace attune::cuda

using namespace attune::cuda;

// ---- What programs call ---------------------------------------------------------------------

void attune_device_begin(const attune_program *program) {
  pthread_mutex_lock(&turn);
  Session *session = static_cast<Session *>(calloc(1, sizeof(Session)));
  if (!session)
    abort();
  current = session;
  session->program = program;
  if (!state.tried) {
    state.tried = true;
    prepare(*program);
  } else if (!*state.failure) {
    check(state.cuda.pushContext(state.context), "the start of a call");
  }
  if (*state.failure)
    return fail(unsupported, "%s", state.failure);
  if (state.isBroken)
    return fail(internal, "an earlier call has failed on the device, which cannot be used again");
  check(state.cuda.recordEvent(state.start, state.stream), "the start of a call");
}

void *attune_device_alloc(int64_t bytes) {
  if (isOff())
    return nowhere;
  if (bytes < 0) {
    fail(internal, "internal error: a buffer of %lld bytes", static_cast<long long>(bytes));
    return nowhere;
  }
  Pointer address = take(size_t(bytes));
  return address ? addressOf(address) : nowhere;
}

void attune_device_free(void *pointer) {
  if (isOff() || !pointer)
    return;
  Pointer address = pointerOf(pointer);
  for (Block **place = &current->blocks; *place; place = &(*place)->next) {
    Block *block = *place;
    if (block->address != address)
      continue;
    *place = block->next;
    current->bytes -= int64_t(block->bytes);
    block->next = state.freed;
    state.freed = block;
    return;
  }
  // A part of the packed arguments goes with all of them.
  if (address >= current->packed && address < current->packed + current->packedBytes)
    return;
  fail(internal, "internal error: memory is freed that was not allocated");
}

void attune_device_copy_in(int64_t count, const void *const *host, const int64_t *bytes,
                           void **device) {
  for (int64_t i = 0; i < count; ++i)
    device[i] = nowhere;
  if (isOff())
    return;
  size_t packed = 0;
  for (int64_t i = 0; i < count; ++i)
    packed += packedSize(bytes[i]);
  char *buffer = packed ? staging(packed) : nullptr;
  if (packed && buffer) {
    current->packed = take(packed);
    current->packedBytes = packed;
  }
  size_t at = 0;
  for (int64_t i = 0; i < count && !isOff(); ++i) {
    if (size_t size = packedSize(bytes[i])) {
      memcpy(buffer + at, host[i], size_t(bytes[i]));
      device[i] = addressOf(current->packed + at);
      at += size;
      continue;
    }
    device[i] = attune_device_alloc(bytes[i]);
    if (!isOff() && bytes[i] > 0)
      check(state.cuda.copyIn(pointerOf(device[i]), host[i], size_t(bytes[i]), state.stream),
            "a copy to the device");
  }
  if (packed && !isOff())
    check(state.cuda.copyIn(current->packed, buffer, packed, state.stream), "a copy to the device");
}

void attune_device_copy_out(int64_t count, const void *const *device, const int64_t *bytes,
                            void *const *host) {
  if (!isOff())
    flush();
  for (int64_t i = 0; i < count && !isOff(); ++i)
    if (bytes[i] > 0)
      check(state.cuda.copyOut(host[i], pointerOf(device[i]), size_t(bytes[i]), state.stream),
            "a copy from the device");
  if (!isOff())
    check(state.cuda.synchronize(state.stream), "the kernels of a call");
}

void attune_device_read(const void *device, void *host, int64_t bytes) {
  memset(host, 0, size_t(bytes));
  if (isOff())
    return;
  flush();
  if (check(state.cuda.copyOut(host, pointerOf(device), size_t(bytes), state.stream),
            "a copy from the device"))
    check(state.cuda.synchronize(state.stream), "the kernels of a call");
}

void attune_device_write(void *device, const void *host, int64_t bytes) {
  if (isOff())
    return;
  flush();
  if (check(state.cuda.copyIn(pointerOf(device), host, size_t(bytes), state.stream),
            "a copy to the device"))
    check(state.cuda.synchronize(state.stream), "a copy to the device");
}

void attune_device_launch(int32_t kernel, int64_t grid_x, int64_t grid_y, int64_t grid_z,
                          int64_t block_x, int64_t block_y, int64_t block_z, int64_t shared,
                          const int64_t *slots) {
  if (isOff() || grid_x <= 0 || grid_y <= 0 || grid_z <= 0)
    return;
  const attune_kernel &description = current->program->kernels[kernel];
  if (grid_x > INT32_MAX || grid_y > 65535 || grid_z > 65535)
    return fail(unsupported, "kernel %s needs %lld x %lld x %lld blocks, more than a grid has",
                description.name, static_cast<long long>(grid_x), static_cast<long long>(grid_y),
                static_cast<long long>(grid_z));
  Handle function = state.kernels[kernel];
  if (shared > 48 * 1024 && shared > state.sharedOf[kernel]) {
    if (shared > state.sharedLimit)
      return fail(unsupported,
                  "kernel %s needs %lld bytes of shared memory, the device (%s) has %d",
                  description.name, static_cast<long long>(shared), state.name, state.sharedLimit);
    if (!check(state.cuda.setAttribute(function, maxDynamicShared, int(shared)), description.name))
      return;
    state.sharedOf[kernel] = shared;
  }
  if (description.parameters > mostParameters)
    return fail(internal, "internal error: kernel %s has %d parameters", description.name,
                description.parameters);
  Run &run = current->run;
  if (!reserve(run.launches, run.launchCapacity, run.launchCount + 1) ||
      !reserve(run.slots, run.slotCapacity, run.slotCount + description.parameters))
    return fail(unsupported, "not enough memory");
  Launch &one = run.launches[run.launchCount++];
  one = {kernel,
         description.parameters,
         run.slotCount,
         {unsigned(grid_x), unsigned(grid_y), unsigned(grid_z)},
         {unsigned(block_x), unsigned(block_y), unsigned(block_z)},
         unsigned(shared),
         0};
  if (description.parameters)
    memcpy(run.slots + run.slotCount, slots, size_t(description.parameters) * sizeof(int64_t));
  run.slotCount += description.parameters;
  ++current->launches;
  if (!state.useGraphs) {
    launchAll(run);
    run.launchCount = run.slotCount = 0;
  }
}

int32_t attune_device_end(char *message, int64_t capacity) {
  Session *session = current;
  if (!session)
    return internal;
  float milliseconds = 0;
  if (!isOff())
    flush();
  if (!isOff() && check(state.cuda.recordEvent(state.stop, state.stream), "the end of a call") &&
      check(state.cuda.synchronize(state.stream), "the kernels of a call"))
    check(state.cuda.elapsedTime(&milliseconds, state.start, state.stop), "the end of a call");
  // Blocks of a call that failed may be in use still; so are all of a broken device.
  if (session->status && !state.isBroken && !*state.failure)
    state.cuda.synchronize(state.stream);
  while (Block *block = session->blocks) {
    session->blocks = block->next;
    block->next = state.freed;
    state.freed = block;
  }
  if (state.context) {
    Handle popped;
    state.cuda.popContext(&popped);
  }
  lastReport = {};
  lastReport.milliseconds = double(milliseconds);
  lastReport.peak_bytes = session->peakBytes;
  lastReport.launches = session->launches;
  snprintf(lastReport.name, sizeof lastReport.name, "%s", state.name);
  release(session->run);
  int32_t status = session->status;
  if (status && message && capacity > 0)
    snprintf(message, size_t(capacity), "%s", session->error);
  free(session);
  current = nullptr;
  pthread_mutex_unlock(&turn);
  return status;
}

void attune_device_last(attune_device_report *report) { *report = lastReport; }
