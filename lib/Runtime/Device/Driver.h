// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the parts of the driver's side share: device and code (DriverCode.cpp), launches and graphs
// (DriverLaunch.cpp), memory and copies (DriverMemory.cpp), and the calls (Driver.cpp). Everything
// here goes into an archive that a C compiler links: libc, pthreads and dl only.

#ifndef ATTUNE_LIB_RUNTIME_DEVICE_DRIVER_H
#define ATTUNE_LIB_RUNTIME_DEVICE_DRIVER_H

#include "Cuda.h"

#pragma GCC visibility push(default)
#include "attune/Runtime/Device.h"
#pragma GCC visibility pop

#include <stddef.h>

#pragma GCC visibility push(hidden)

namespace attune::cuda {

constexpr int32_t unsupported = 2, internal = 70;

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
  Run run;         ///< Not given to the driver yet.
  bool isStopped;  ///< The time has been taken.
  bool hasContext; ///< The context is the thread's until the end.
};

extern State state;
/// The calling thread's session, or null. (`thread_local` would ask for initialisation at run
/// time.)
extern __thread Session *current;

/// Keeps the first error of the session.
void fail(int32_t status, const char *format, ...) __attribute__((format(printf, 2, 3)));
/// Errors of anything but an allocation; true where all is well.
bool check(Result result, const char *what);
const char *nameOf(Result result);
/// Without a session, or after an error.
bool isOff();

/// Opens driver, device and code; false with a text in `state.failure`.
bool prepare(const attune_program &program);

/// Gives what was collected to the driver.
void flush();
void release(Run &run);

} // namespace attune::cuda

#pragma GCC visibility pop

#endif
