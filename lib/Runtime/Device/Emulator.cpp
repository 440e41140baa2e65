// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sessions of the emulator, which runs kernels for graphics processors on the CPU and finds what a
// graphics processor passes over in silence. A session keeps its first error. Reports of a launch
// become that error when the launch ends: one a line, what leaves threads waiting first.

#include "Emulator.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

namespace attune::emulator {

static thread_local Session *threadSession;
static thread_local attune_device_report lastReport;

Session *currentSession() { return threadSession; }

void fail(Session &session, int32_t status, const char *format, ...) {
  pthread_mutex_lock(&session.lock);
  if (session.status == 0) {
    session.status = status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(session.error, sizeof session.error, format, arguments);
    va_end(arguments);
  }
  pthread_mutex_unlock(&session.lock);
}

bool hasFailed(const Session &session) { return session.status != 0 || session.reportCount != 0; }

const char *siteText(const attune_program *program, int32_t site) {
  if (site < 0 || site >= program->site_count || !program->sites || !program->sites[site])
    return "an unknown place";
  return program->sites[site];
}

static int workerLimit() {
  const char *const names[] = {"ATTUNE_EMULATOR_THREADS", "OMP_NUM_THREADS"};
  for (const char *name : names) {
    const char *text = getenv(name);
    long count = text ? strtol(text, nullptr, 10) : 0;
    if (count > 0)
      return count < maxWorkers ? int(count) : maxWorkers;
  }
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count < 1 ? 1 : count < maxWorkers ? int(count) : maxWorkers;
}

static void endSession() {
  Session *session = threadSession;
  threadSession = nullptr;
  if (!session)
    return;
  lastReport.peak_bytes = session->peakBytes;
  lastReport.launches = session->launches;
  freeMemory(*session);
  pthread_mutex_destroy(&session->lock);
  free(session);
}

// ---- The message ----------------------------------------------------------------------------

namespace {
/// Text that is cut at the end of a line, where one fits.
struct Message {
  char *text;
  int64_t capacity, length;
  bool isFull;

  void add(const char *line) {
    int64_t bytes = int64_t(strlen(line)), separator = length > 0;
    if (isFull || capacity <= 0)
      return;
    if (length + separator + bytes >= capacity) {
      isFull = true;
      if (length > 0)
        return;
      bytes = capacity - 1;
    }
    if (separator)
      text[length++] = '\n';
    memcpy(text + length, line, size_t(bytes));
    length += bytes;
    text[length] = 0;
  }
};
} // namespace

static void writeReports(const Session &session, Message &message) {
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < session.reportCount; ++i)
      if ((session.reports[i].fault <= Fault::Deadlock) == (round == 0))
        message.add(session.reports[i].text);
  if (session.hasMoreReports)
    message.add("emulator: and more");
}

// ---- Launches -------------------------------------------------------------------------------

/// Whether the launch is one that a graphics processor takes.
static bool checkLaunch(Session &session, const Launch &launch, const char *name) {
  const int64_t maxGrid[3] = {0x7fffffff, 65535, 65535}, maxBlock[3] = {1024, 1024, 64};
  const int64_t maxShared = 227 * 1024; // of the largest chips
  const int64_t *grid = launch.grid, *block = launch.block;
  int64_t threads = 1;
  for (int i = 0; i < 3; ++i) {
    if (grid[i] < 0 || grid[i] > maxGrid[i]) {
      fail(session, 70, "internal error: kernel %s with a grid of %lld x %lld x %lld", name,
           (long long)grid[0], (long long)grid[1], (long long)grid[2]);
      return false;
    }
    bool fits = block[i] >= 1 && block[i] <= maxBlock[i];
    threads = fits ? threads * block[i] : maxThreads + 1;
    if (threads > maxThreads) {
      fail(session, 70, "internal error: kernel %s with blocks of %lld x %lld x %lld", name,
           (long long)block[0], (long long)block[1], (long long)block[2]);
      return false;
    }
  }
  if (launch.shared < 0 || launch.shared > maxShared) {
    fail(session, 70, "internal error: kernel %s with %lld bytes of shared memory", name,
         (long long)launch.shared);
    return false;
  }
  return true;
}

static void launchKernel(Session &session, int32_t kernel, Launch &launch) {
  if (kernel < 0 || kernel >= session.program->kernel_count) {
    fail(session, 70, "internal error: no kernel %d", kernel);
    return;
  }
  launch.kernel = &session.program->kernels[kernel];
  if (!checkLaunch(session, launch, launch.kernel->name))
    return;
  launch.blocks = launch.grid[0] * launch.grid[1] * launch.grid[2];
  if (launch.blocks == 0)
    return;
  launch.threads = int(launch.block[0] * launch.block[1] * launch.block[2]);
  if (session.stamp > maxStamp)
    clearRecords(session);
  launch.firstStamp = session.stamp + 1;
  ++session.launches;
  runLaunch(launch);
}

} // namespace attune::emulator

using namespace attune::emulator;

void attune_device_begin(const attune_program *program) {
  endSession();
  lastReport = attune_device_report();
  strcpy(lastReport.name, "emulator");
  threadSession = static_cast<Session *>(calloc(1, sizeof(Session)));
  if (!threadSession)
    return;
  threadSession->program = program;
  threadSession->workers = workerLimit();
  pthread_mutex_init(&threadSession->lock, nullptr);
}

void attune_device_launch(int32_t kernel, int64_t grid_x, int64_t grid_y, int64_t grid_z,
                          int64_t block_x, int64_t block_y, int64_t block_z, int64_t shared,
                          const int64_t *slots) {
  Session *session = threadSession;
  if (!session || hasFailed(*session))
    return;
  Launch launch = {};
  launch.session = session;
  launch.slots = slots;
  const int64_t grid[3] = {grid_x, grid_y, grid_z}, block[3] = {block_x, block_y, block_z};
  memcpy(launch.grid, grid, sizeof grid);
  memcpy(launch.block, block, sizeof block);
  launch.shared = shared;
  launchKernel(*session, kernel, launch);
}

int32_t attune_device_end(char *message, int64_t capacity) {
  Message text = {message, message ? capacity : 0, 0, false};
  text.add("");
  int32_t status;
  if (!threadSession) {
    status = 2;
    text.add("not enough memory: no session");
  } else if (threadSession->reportCount > 0) {
    status = 70;
    writeReports(*threadSession, text);
  } else {
    status = threadSession->status;
    text.add(threadSession->error);
  }
  endSession();
  return status;
}

void attune_device_last(attune_device_report *report) { *report = lastReport; }
