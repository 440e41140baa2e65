// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sessions on the CUDA driver, which is opened when the first one begins. All work of a program is
// on one stream, and sessions of several threads take turns, so blocks can be used again as soon as
// they are freed: whatever still uses them comes before on the stream. The context, the code, the
// stream and freed blocks stay until the process ends.

#include "Driver.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

namespace attune::cuda {

State state;
__thread Session *current;

void fail(int32_t status, const char *format, ...) {
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

/// Errors after which the context is of no use: it is not there any more, or a kernel has failed.
/// What was only refused for want of resources (701) may do another time.
static bool isFinal(Result result) {
  constexpr Result deinitialised = 4, noContext = 201, illegalAddress = 700, outOfResources = 701;
  return result == deinitialised || result == noContext ||
         (result >= illegalAddress && result != outOfResources);
}

bool check(Result result, const char *what) {
  if (result == success)
    return true;
  // What a kernel did wrong is told by the next call, whatever it is, and by all that follow.
  state.isBroken |= isFinal(result);
  if (result == outOfMemory) {
    fail(unsupported, "not enough device memory for %s", what);
    return false;
  }
  fail(internal, "the device reports %s in %s", nameOf(result), what);
  return false;
}

} // namespace attune::cuda

using namespace attune::cuda;

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static thread_local attune_device_report lastReport;

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
    session->hasContext = state.context;
  } else if (!*state.failure) {
    session->hasContext = check(state.cuda.pushContext(state.context), "the start of a call");
  }
  if (*state.failure)
    return fail(unsupported, "%s", state.failure);
  if (state.isBroken)
    return fail(internal, "an earlier call has failed on the device, which cannot be used again");
  check(state.cuda.recordEvent(state.start, state.stream), "the start of a call");
}

int32_t attune_device_end(char *message, int64_t capacity) {
  Session *session = current;
  if (!session)
    return internal;
  float milliseconds = 0;
  if (!isOff())
    flush();
  if (!isOff() && !session->isStopped)
    check(state.cuda.recordEvent(state.stop, state.stream), "the end of a call");
  if (!isOff() && check(state.cuda.synchronize(state.stream), "the kernels of a call"))
    check(state.cuda.elapsedTime(&milliseconds, state.start, state.stop), "the end of a call");
  // Blocks of a call that failed may be in use still; so are all of a broken device.
  if (session->status && !state.isBroken && !*state.failure)
    state.cuda.synchronize(state.stream);
  while (Block *block = session->blocks) {
    session->blocks = block->next;
    block->next = state.freed;
    state.freed = block;
  }
  if (session->hasContext) {
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
