// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reports: what happened, where in the source, and to which thread of which block, as in
//
//   emulator: read of uninitialised shared memory at model.mlir:42:7 (kernel attention_0,
//   block 0 0 0, thread 3 0 0)
//
// on one line. A loop repeats its fault thousands of times, so only the first report of each fault
// and site is kept.

#include "Emulator.h"

#include <stdio.h>
#include <string.h>

namespace attune::emulator {

static const char *faultText(Fault fault) {
  switch (fault) {
  case Fault::DivergentBarrier:
    return "divergent barrier";
  case Fault::DivergentWarp:
    return "divergent warp operation";
  case Fault::Deadlock:
    return "deadlock";
  case Fault::IndexOutOfBounds:
    return "index out of bounds";
  case Fault::OutsideMemory:
    return "access outside of device memory";
  case Fault::OutsideShared:
    return "access outside of shared memory";
  case Fault::Misaligned:
    return "misaligned access";
  case Fault::MisalignedCopy:
    return "misaligned async copy";
  case Fault::CopySize:
    return "async copy of a size that does not exist";
  case Fault::Uninitialised:
    return "read of uninitialised shared memory";
  case Fault::WriteWrite:
    return "write-write race on shared memory";
  case Fault::ReadAfterWrite:
    return "read-after-write race on shared memory";
  case Fault::WriteAfterRead:
    return "write-after-read race on shared memory";
  case Fault::PendingRead:
    return "read of the target of an unfinished async copy";
  case Fault::PendingWrite:
    return "write to the target of an unfinished async copy";
  case Fault::DeviceRace:
    return "race on device memory";
  case Fault::MissingLane:
    return "shuffle from a lane that does not exist";
  case Fault::PartialWarp:
    return "matrix operation of an incomplete warp";
  case Fault::NotWaiting:
    return "wait in a kernel that is declared without waits";
  }
  return "fault";
}

/// " 1 0 0" of a number and the extents of the block.
static void writeThread(char *text, size_t capacity, int thread, const int64_t *block) {
  snprintf(text, capacity, "%d %d %d", int(thread % block[0]), int(thread / block[0] % block[1]),
           int(thread / block[0] / block[1]));
}

static void writeReport(char *text, const Worker &worker, Fault fault, int32_t site, int other,
                        const char *detail) {
  const Launch &launch = *worker.launch;
  const int64_t *ids = worker.ids;
  char thread[64], otherText[96] = "";
  writeThread(thread, sizeof thread, worker.fiber->thread, launch.block);
  if (other == someThread)
    strcpy(otherText, ", other thread unknown");
  if (other >= 0) {
    strcpy(otherText, ", other thread ");
    size_t length = strlen(otherText);
    writeThread(otherText + length, sizeof otherText - length, other, launch.block);
  }
  snprintf(text, reportBytes,
           "emulator: %s at %.200s (kernel %.80s, block %lld %lld %lld, thread %s%s%s)",
           faultText(fault), siteText(launch.session->program, site), launch.kernel->name,
           (long long)ids[3], (long long)ids[4], (long long)ids[5], thread, otherText, detail);
}

void report(Worker &worker, Fault fault, int32_t site, int other, const char *detail) {
  Session &session = *worker.launch->session;
  pthread_mutex_lock(&session.lock);
  int place = session.reportCount;
  for (int i = 0; i < session.reportCount; ++i)
    if (session.reports[i].fault == fault && session.reports[i].site == site)
      place = -1;
  if (place == maxReports) {
    session.hasMoreReports = true;
    // What ends a block is told in any case.
    place = fault <= Fault::Deadlock ? maxReports - 1 : -1;
  }
  if (place >= 0) {
    session.reports[place].fault = fault;
    session.reports[place].site = site;
    writeReport(session.reports[place].text, worker, fault, site, other, detail);
    if (place == session.reportCount)
      ++session.reportCount;
  }
  pthread_mutex_unlock(&session.lock);
}

} // namespace attune::emulator
