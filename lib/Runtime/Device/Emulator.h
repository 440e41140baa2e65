// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the parts of the emulator share. A session belongs to a host thread and owns the device
// memory; a launch is taken apart by workers, one for each OS thread, and a worker runs one block
// at a time. Everything here goes into an archive that a C compiler links, so it uses libc and
// pthreads only: no exceptions, no run-time type information, nothing of the C++ library.

#ifndef ATTUNE_LIB_RUNTIME_DEVICE_EMULATOR_H
#define ATTUNE_LIB_RUNTIME_DEVICE_EMULATOR_H

#pragma GCC visibility push(default)
#include "attune/Runtime/Device.h"
#pragma GCC visibility pop

#include <pthread.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

namespace attune::emulator {

inline bool isLikely(bool value) { return __builtin_expect(value, true); }
inline bool isUnlikely(bool value) { return __builtin_expect(value, false); }

// ---- Records of accesses --------------------------------------------------------------------

/// Who touched four bytes of memory last. A record is one number, so that several OS threads can
/// replace it without a lock:
///
///   stamp (40 bits) | worker (6) | thread of the block (10) | flags (4) | bytes of the word (4)
///
/// A worker's stamp grows at the start of each block, at each barrier and at each operation that
/// orders the lanes of a warp. Stamps of a launch are above those of all launches before.
struct Cell {
  uint64_t writer, reader;
};

constexpr int stampShift = 24, workerShift = 18, threadShift = 8;
constexpr uint64_t bytesMask = 15, threadMask = uint64_t(1023) << threadShift,
                   warpMask = uint64_t(1023 & ~31) << threadShift,
                   workerMask = uint64_t(63) << workerShift;
constexpr uint64_t isAtomic = 1 << 4;
/// Readers: the bytes were also read, without an order, by another lane of the warp, by another
/// warp of the block, by another block.
constexpr uint64_t readByLanes = 1 << 5, readByWarps = 1 << 6, readByBlocks = 1 << 7;

constexpr int maxThreads = 1024, maxWorkers = 64, warpSize = 32;
/// The largest stamp at which a launch may start; the records are cleared there.
constexpr uint64_t maxStamp = uint64_t(1) << 39;

/// State of four bytes of shared memory: which have a value, and whether a copy is on its way.
constexpr uint8_t allBytesSet = 15, isPending = 16;

// ---- Reports --------------------------------------------------------------------------------

/// The first three end the block.
enum class Fault : int32_t {
  DivergentBarrier,
  DivergentWarp,
  Deadlock,
  IndexOutOfBounds,
  OutsideMemory,
  OutsideShared,
  Misaligned,
  MisalignedCopy,
  CopySize,
  Uninitialised,
  WriteWrite,
  ReadAfterWrite,
  WriteAfterRead,
  PendingRead,
  PendingWrite,
  DeviceRace,
  MissingLane,
  PartialWarp,
  NotWaiting
};

constexpr int maxReports = 8, reportBytes = 512;

struct Report {
  Fault fault;
  int32_t site;
  char text[reportBytes];
};

// ---- Memory ---------------------------------------------------------------------------------

struct Allocation {
  uintptr_t begin;
  uint64_t bytes;
  Cell *cells; ///< One for four bytes, or null.
  Allocation *next;
};

/// Part of an allocation, as far as an access needs it.
struct Window {
  uintptr_t begin;
  uint64_t bytes;
  Cell *cells;
};

struct Session {
  const attune_program *program;
  Allocation **blocks; ///< In the order of their addresses.
  int64_t blockCount, blockCapacity;
  Allocation *oldest, *newest; ///< Freed, but kept away from malloc.
  int64_t quarantined;
  int64_t liveBytes, peakBytes, launches;
  uint64_t stamp; ///< The largest one so far.
  int workers;

  int32_t status;
  char error[256];
  /// Workers of a launch write these at the same time.
  pthread_mutex_t lock;
  Report reports[maxReports];
  int reportCount;
  bool hasMoreReports;
};

/// The calling thread's session, or null.
Session *currentSession();
void fail(Session &session, int32_t status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool hasFailed(const Session &session);

/// The allocation that holds the address, or null.
Allocation *findAllocation(const Session &session, uintptr_t address);
void freeMemory(Session &session);
void clearRecords(Session &session);

// ---- Execution ------------------------------------------------------------------------------

enum class Wait : uint8_t { None, Barrier, WarpBarrier, Shuffle, Collective, Ended };

struct AsyncCopy {
  char *to;
  const char *from;
  int32_t bytes, valid;
  int64_t group;
};

/// A thread of the block, or, for kernels without waits, the runner of all of them.
struct Fiber {
  void *stackPointer; ///< Of the fiber while it is not running; a ucontext_t on other processors.
  uintptr_t stackBegin;
  int64_t id[3];
  uint64_t record; ///< Its number, as in a record.
  int32_t thread;

  Wait wait;
  int32_t site;
  int32_t kind, argument, bits, width; ///< Of the warp operation.
  int32_t inBounds;
  const char *row;
  int32_t *words;

  AsyncCopy *copies;
  int64_t copyCount, copyCapacity, groups;
};

struct Launch {
  Session *session;
  const attune_kernel *kernel;
  const int64_t *slots;
  int64_t grid[3], block[3];
  int64_t blocks, shared;
  int threads;
  uint64_t firstStamp;
  int64_t nextBlock; ///< Atomic.
  int stop;          ///< Atomic.
};

constexpr int windowCount = 64;

struct Worker {
  Launch *launch;
  Fiber *fiber;        ///< The one that runs.
  uint64_t record;     ///< What its accesses are noted as, less the bytes.
  uint64_t warpKey;    ///< Records of its warp below this are ordered before it.
  uint64_t barrierKey; ///< Records of the block below this are ordered before it.
  uint64_t blockKey;   ///< The worker's records from here on are of this block.
  uint64_t launchKey;  ///< Records below this are of earlier launches.
  uintptr_t shared;
  uint64_t sharedBytes;
  Cell *sharedCells;
  uint8_t *sharedState;
  Window windows[windowCount]; ///< The allocation that each site met last.
  int64_t ids[12];

  uint64_t stamp, workerBits;
  uint64_t warpKeys[maxThreads / warpSize];
  bool isAbandoned;

  void *schedulerPointer;
  Fiber *fibers;
  int fiberCount;
  struct Stacks {
    void *memory;
    size_t bytes;
  } stacks[12];
  int stackCount;
  int64_t sharedCapacity;
  pthread_t thread;
  Worker *next;
};

constexpr uintptr_t stackBytes = 128 * 1024;
/// The worker's address stands at a fixed place below the end of each stack, and stacks are aligned
/// to their size: so the stack pointer leads there, faster than thread-local storage does.
constexpr uintptr_t stackTop = 64;

inline uintptr_t stackAddress() {
#if defined(__x86_64__)
  uintptr_t address;
  __asm__("mov %%rsp, %0" : "=r"(address));
  return address;
#else
  return reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
#endif
}

/// Only inside of a kernel.
inline Worker &currentWorker() {
  uintptr_t end = (stackAddress() | (stackBytes - 1)) + 1;
  return **reinterpret_cast<Worker **>(end - stackTop);
}

/// Runs the launch. Reports and errors are left in the session.
void runLaunch(Launch &launch);

/// The running thread waits for the others; the fields of the operation are set.
void waitForOthers(Worker &worker, Wait wait, int32_t site);
/// Ends the block, never to come back.
[[noreturn]] void abandonBlock(Worker &worker);

constexpr int noThread = -1, someThread = -2;

/// Keeps the first report of each fault and site. `other` is a thread of the block or one of the
/// values above.
void report(Worker &worker, Fault fault, int32_t site, int other = noThread,
            const char *detail = "");
inline void report(Worker &worker, Fault fault, int32_t site, const char *detail) {
  report(worker, fault, site, noThread, detail);
}
const char *siteText(const attune_program *program, int32_t site);

// ---- Operations of a warp -------------------------------------------------------------------

/// Lanes [first, first + count) of the fibers wait at the same operation.
void runShuffle(Worker &worker, Fiber *lanes, int count);
void runCollective(Worker &worker, Fiber *lanes, int count);
/// A row of 16 bytes, which all lanes of the fiber's warp are about to read together.
bool checkRow(Worker &worker, const Fiber &fiber);

/// The running thread's record and its order against others, after a switch or a new stamp.
inline void select(Worker &worker, Fiber &fiber) {
  worker.fiber = &fiber;
  worker.record = worker.stamp << stampShift | worker.workerBits | fiber.record;
  worker.warpKey = worker.warpKeys[fiber.thread / warpSize];
  for (int i = 0; i < 3; ++i)
    worker.ids[i] = fiber.id[i];
}

} // namespace attune::emulator

#pragma GCC visibility pop

#endif
