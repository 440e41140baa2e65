// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How a launch runs. Workers, one for each OS thread, take blocks from a counter. In a kernel that
// waits each thread of the block is a fiber with a stack of its own; a fiber runs until it has to
// wait, and the worker looks at what all of them wait for: a warp whose lanes have come to the same
// operation goes on, and when no warp can, the block has to stand at one barrier. Other kernels run
// as calls in a loop, also on a fiber, since a fault may have to leave a kernel that cannot return.
//
// Stacks are made once and kept, with their worker, for later launches and sessions. An abandoned
// block leaves its frames behind, so its worker is not used again.

#include "Emulator.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if !defined(__x86_64__) || defined(ATTUNE_EMULATOR_UCONTEXT)
#define ATTUNE_HAS_SWITCH 0
#include <ucontext.h>
#else
#define ATTUNE_HAS_SWITCH 1
#endif

namespace attune::emulator {

static void runFiber();

// ---- Switching stacks -----------------------------------------------------------------------

#if ATTUNE_HAS_SWITCH

/// Saves what a call has to preserve, stores the stack pointer and goes on where `to` was saved.
__attribute__((naked, noinline)) static void switchStack(void **, void *) {
  __asm__("pushq %rbp\n\tpushq %rbx\n\tpushq %r12\n\tpushq %r13\n\tpushq %r14\n\tpushq %r15\n\t"
          "movq %rsp, (%rdi)\n\tmovq %rsi, %rsp\n\t"
          "popq %r15\n\tpopq %r14\n\tpopq %r13\n\tpopq %r12\n\tpopq %rbx\n\tpopq %rbp\n\tretq");
}

static void enter(Worker &worker, Fiber &fiber) {
  switchStack(&worker.schedulerPointer, fiber.stackPointer);
}
static void leave(Worker &worker, Fiber &fiber) {
  switchStack(&fiber.stackPointer, worker.schedulerPointer);
}

/// As if runFiber were about to return to where it was called: six registers and its address.
static bool prepareStack(Worker &, Fiber &fiber, uintptr_t top) {
  auto *frame = reinterpret_cast<uintptr_t *>(top - 8 * sizeof(uintptr_t));
  memset(frame, 0, 8 * sizeof(uintptr_t));
  frame[6] = reinterpret_cast<uintptr_t>(&runFiber);
  fiber.stackPointer = frame;
  return true;
}

static bool prepareWorker(Worker &) { return true; }
static void dropContext(void *) {}

#else

static void enter(Worker &worker, Fiber &fiber) {
  swapcontext(static_cast<ucontext_t *>(worker.schedulerPointer),
              static_cast<ucontext_t *>(fiber.stackPointer));
}
static void leave(Worker &worker, Fiber &fiber) {
  swapcontext(static_cast<ucontext_t *>(fiber.stackPointer),
              static_cast<ucontext_t *>(worker.schedulerPointer));
}

static bool prepareStack(Worker &, Fiber &fiber, uintptr_t top) {
  auto *context = static_cast<ucontext_t *>(calloc(1, sizeof(ucontext_t)));
  if (!context || getcontext(context) != 0)
    return false;
  context->uc_stack.ss_sp = reinterpret_cast<void *>(fiber.stackBegin);
  context->uc_stack.ss_size = top - fiber.stackBegin;
  makecontext(context, runFiber, 0);
  fiber.stackPointer = context;
  return true;
}

static bool prepareWorker(Worker &worker) {
  if (!worker.schedulerPointer)
    worker.schedulerPointer = calloc(1, sizeof(ucontext_t));
  return worker.schedulerPointer;
}
static void dropContext(void *context) { free(context); }

#endif

// ---- Workers and their stacks ---------------------------------------------------------------

static pthread_mutex_t idleLock = PTHREAD_MUTEX_INITIALIZER;
static Worker *idleWorkers;

static void destroyWorker(Worker *worker) {
  for (int i = 0; i < worker->fiberCount; ++i) {
    dropContext(worker->fibers[i].stackPointer);
    free(worker->fibers[i].copies);
  }
  for (int i = 0; i < worker->stackCount; ++i)
    munmap(worker->stacks[i].memory, worker->stacks[i].bytes);
  dropContext(worker->schedulerPointer);
  free(worker->fibers);
  free(reinterpret_cast<void *>(worker->shared));
  free(worker->sharedCells);
  free(worker->sharedState);
  free(worker);
}

/// When the library is unloaded.
__attribute__((destructor)) static void destroyIdleWorkers() {
  while (Worker *worker = idleWorkers) {
    idleWorkers = worker->next;
    destroyWorker(worker);
  }
}

static Worker *takeWorker() {
  pthread_mutex_lock(&idleLock);
  Worker *worker = idleWorkers;
  if (worker)
    idleWorkers = worker->next;
  pthread_mutex_unlock(&idleLock);
  return worker ? worker : static_cast<Worker *>(calloc(1, sizeof(Worker)));
}

static void putWorker(Worker *worker) {
  if (worker->isAbandoned) {
    destroyWorker(worker);
    return;
  }
  pthread_mutex_lock(&idleLock);
  worker->next = idleWorkers;
  idleWorkers = worker;
  pthread_mutex_unlock(&idleLock);
}

static bool addFiber(Worker &worker, uintptr_t stack) {
  Fiber &fiber = worker.fibers[worker.fiberCount];
  memset(&fiber, 0, sizeof fiber);
  fiber.stackBegin = stack;
  fiber.thread = worker.fiberCount;
  fiber.record = uint64_t(fiber.thread) << threadShift;
  // Memory is short of mappings before it is short of anything else: then without a guard.
  mprotect(reinterpret_cast<void *>(stack), size_t(sysconf(_SC_PAGESIZE)), PROT_NONE);
  uintptr_t end = stack + stackBytes;
  *reinterpret_cast<Worker **>(end - stackTop) = &worker;
  // Stacks that all begin at the same place in a page would share few lines of the cache.
  uintptr_t shift = uintptr_t(fiber.thread) * 320 % 4096;
  if (!prepareStack(worker, fiber, end - stackTop - shift))
    return false;
  ++worker.fiberCount;
  return true;
}

static bool growFibers(Worker &worker, int count) {
  if (count <= worker.fiberCount)
    return true;
  // Powers of two, so that there are few pieces.
  int capacity = 1;
  while (capacity < count)
    capacity *= 2;
  size_t bytes = size_t(capacity - worker.fiberCount + 1) * stackBytes;
  void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    return false;
  worker.stacks[worker.stackCount++] = {memory, bytes};
  void *fibers = realloc(worker.fibers, size_t(capacity) * sizeof(Fiber));
  if (!fibers)
    return false;
  worker.fibers = static_cast<Fiber *>(fibers);
  uintptr_t stack = (reinterpret_cast<uintptr_t>(memory) + stackBytes - 1) & ~(stackBytes - 1);
  for (; worker.fiberCount < capacity; stack += stackBytes)
    if (!addFiber(worker, stack))
      return false;
  return true;
}

static bool growShared(Worker &worker, int64_t bytes) {
  if (bytes > worker.sharedCapacity || !worker.shared) {
    free(reinterpret_cast<void *>(worker.shared));
    free(worker.sharedCells);
    free(worker.sharedState);
    int64_t capacity = (bytes / 1024 + 1) * 1024;
    worker.shared = reinterpret_cast<uintptr_t>(aligned_alloc(1024, size_t(capacity)));
    worker.sharedCells = static_cast<Cell *>(malloc(size_t(capacity) / 4 * sizeof(Cell)));
    worker.sharedState = static_cast<uint8_t *>(malloc(size_t(capacity) / 4));
    worker.sharedCapacity = capacity;
    if (!worker.shared || !worker.sharedCells || !worker.sharedState)
      return false;
  }
  memset(worker.sharedCells, 0, size_t(bytes + 3) / 4 * sizeof(Cell));
  worker.sharedBytes = uint64_t(bytes);
  return true;
}

static bool prepareLaunch(Worker &worker, Launch &launch, int number) {
  worker.launch = &launch;
  worker.workerBits = uint64_t(number) << workerShift;
  worker.stamp = launch.firstStamp;
  worker.launchKey = launch.firstStamp << stampShift;
  memset(worker.windows, 0, sizeof worker.windows);
  int threads = launch.kernel->waits ? launch.threads : 1;
  if (!prepareWorker(worker) || !growFibers(worker, threads) || !growShared(worker, launch.shared))
    return false;
  for (int thread = 0; thread < threads; ++thread) {
    int64_t *id = worker.fibers[thread].id;
    id[0] = thread % launch.block[0];
    id[1] = thread / launch.block[0] % launch.block[1];
    id[2] = thread / launch.block[0] / launch.block[1];
  }
  for (int i = 0; i < 3; ++i) {
    worker.ids[6 + i] = launch.block[i];
    worker.ids[9 + i] = launch.grid[i];
  }
  return true;
}

// ---- Blocks ---------------------------------------------------------------------------------

/// A moment that orders accesses: what comes later has a larger stamp.
static void advanceStamp(Worker &worker) { ++worker.stamp; }

/// Calls the kernel once for each thread of the block.
static void runThreads(Worker &worker, Fiber &fiber) {
  const Launch &launch = *worker.launch;
  fiber.thread = 0;
  for (fiber.id[2] = 0; fiber.id[2] < launch.block[2]; ++fiber.id[2])
    for (fiber.id[1] = 0; fiber.id[1] < launch.block[1]; ++fiber.id[1])
      for (fiber.id[0] = 0; fiber.id[0] < launch.block[0]; ++fiber.id[0]) {
        fiber.record = uint64_t(fiber.thread) << threadShift;
        select(worker, fiber);
        launch.kernel->body(launch.slots);
        ++fiber.thread;
      }
  fiber.thread = 0;
  fiber.record = 0;
}

/// What each fiber does, for one block after the other.
static void runFiber() {
  Worker &worker = currentWorker();
  for (;;) {
    Fiber &fiber = *worker.fiber; // the table of fibers may move between launches
    const Launch &launch = *worker.launch;
    if (launch.kernel->waits)
      launch.kernel->body(launch.slots);
    else
      runThreads(worker, fiber);
    fiber.wait = Wait::Ended;
    leave(worker, fiber);
  }
}

void waitForOthers(Worker &worker, Wait wait, int32_t site) {
  if (isUnlikely(!worker.launch->kernel->waits)) {
    report(worker, Fault::NotWaiting, site);
    abandonBlock(worker);
  }
  Fiber &fiber = *worker.fiber;
  fiber.wait = wait;
  fiber.site = site;
  leave(worker, fiber);
}

void abandonBlock(Worker &worker) {
  worker.isAbandoned = true;
  leave(worker, *worker.fiber);
  abort();
}

/// Two threads of the block that do not wait for the same thing.
static void reportDivergence(Worker &worker, Fault fault, const Fiber &fiber, const Fiber &other) {
  select(worker, const_cast<Fiber &>(fiber));
  char detail[224];
  const char *text = " which has ended";
  if (other.wait != Wait::Ended) {
    const char *place = siteText(worker.launch->session->program, other.site);
    strcpy(detail, " at ");
    strncat(detail, place, sizeof detail - 5);
    text = detail;
  }
  report(worker, fault, fiber.site, other.thread, text);
  worker.isAbandoned = true;
}

static bool isOfWarp(Wait wait) {
  return wait == Wait::WarpBarrier || wait == Wait::Shuffle || wait == Wait::Collective;
}

static bool isSameOperation(const Fiber &a, const Fiber &b) {
  return a.wait == b.wait && a.site == b.site &&
         (a.wait != Wait::Collective || (a.kind == b.kind && a.argument == b.argument));
}

static void runOperation(Worker &worker, Fiber *lanes, int count) {
  bool isOrdered = lanes[0].wait != Wait::Shuffle;
  if (lanes[0].wait == Wait::Shuffle)
    runShuffle(worker, lanes, count);
  else if (lanes[0].wait == Wait::Collective)
    runCollective(worker, lanes, count);
  if (isOrdered) {
    advanceStamp(worker);
    worker.warpKeys[lanes[0].thread / warpSize] = worker.stamp << stampShift;
  }
  for (int lane = 0; lane < count; ++lane)
    lanes[lane].wait = Wait::None;
}

/// Runs the lanes of a warp until all of them stand at a barrier or have ended.
static void runWarp(Worker &worker, Fiber *lanes, int count) {
  for (;;) {
    for (int lane = 0; lane < count; ++lane)
      if (lanes[lane].wait == Wait::None) {
        select(worker, lanes[lane]);
        enter(worker, lanes[lane]);
        if (isUnlikely(worker.isAbandoned))
          return;
      }
    int first = 0;
    while (first < count && !isOfWarp(lanes[first].wait))
      ++first;
    if (first == count)
      return;
    for (int lane = 0; lane < count; ++lane)
      if (isUnlikely(!isSameOperation(lanes[first], lanes[lane]))) {
        bool atBarrier = lanes[lane].wait == Wait::Barrier;
        reportDivergence(worker, atBarrier ? Fault::Deadlock : Fault::DivergentWarp, lanes[first],
                         lanes[lane]);
        return;
      }
    runOperation(worker, lanes, count);
    if (isUnlikely(worker.isAbandoned))
      return;
  }
}

/// Opens the barrier at which all threads stand; false at the end of the block.
static bool openBarrier(Worker &worker, int threads) {
  Fiber *fibers = worker.fibers;
  int first = 0;
  while (first < threads && fibers[first].wait != Wait::Barrier)
    ++first;
  if (first == threads)
    return false;
  for (int i = 0; i < threads; ++i)
    if (isUnlikely(!isSameOperation(fibers[first], fibers[i]))) {
      reportDivergence(worker, Fault::DivergentBarrier, fibers[first], fibers[i]);
      return false;
    }
  for (int i = 0; i < threads; ++i)
    fibers[i].wait = Wait::None;
  advanceStamp(worker);
  worker.barrierKey = worker.stamp << stampShift;
  return true;
}

static void startBlock(Worker &worker, int64_t number) {
  const Launch &launch = *worker.launch;
  int threads = launch.kernel->waits ? launch.threads : 1;
  worker.ids[3] = number % launch.grid[0];
  worker.ids[4] = number / launch.grid[0] % launch.grid[1];
  worker.ids[5] = number / launch.grid[0] / launch.grid[1];
  advanceStamp(worker);
  worker.blockKey = worker.barrierKey = worker.stamp << stampShift;
  for (uint64_t &key : worker.warpKeys)
    key = worker.blockKey;
  memset(reinterpret_cast<void *>(worker.shared), 0xff, worker.sharedBytes);
  memset(worker.sharedState, 0, (worker.sharedBytes + 3) / 4);
  for (int thread = 0; thread < threads; ++thread) {
    Fiber &fiber = worker.fibers[thread];
    fiber.wait = Wait::None;
    fiber.copyCount = fiber.groups = 0;
  }
}

static void runBlock(Worker &worker, int64_t number) {
  startBlock(worker, number);
  if (!worker.launch->kernel->waits) {
    select(worker, worker.fibers[0]);
    enter(worker, worker.fibers[0]);
    return;
  }
  int threads = worker.launch->threads;
  do {
    for (int first = 0; first < threads; first += warpSize) {
      int count = threads - first < warpSize ? threads - first : warpSize;
      runWarp(worker, worker.fibers + first, count);
      if (isUnlikely(worker.isAbandoned))
        return;
    }
  } while (openBarrier(worker, threads));
}

static void *runWorker(void *argument) {
  Worker &worker = *static_cast<Worker *>(argument);
  Launch &launch = *worker.launch;
  while (!__atomic_load_n(&launch.stop, __ATOMIC_RELAXED)) {
    int64_t block = __atomic_fetch_add(&launch.nextBlock, 1, __ATOMIC_RELAXED);
    if (block >= launch.blocks)
      break;
    runBlock(worker, block);
    if (worker.isAbandoned) {
      __atomic_store_n(&launch.stop, 1, __ATOMIC_RELAXED);
      break;
    }
  }
  return nullptr;
}

// ---- Launches -------------------------------------------------------------------------------

static Worker *makeWorker(Launch &launch, int number) {
  Worker *worker = takeWorker();
  if (worker && prepareLaunch(*worker, launch, number))
    return worker;
  if (worker)
    destroyWorker(worker);
  return nullptr;
}

static void finishWorker(Launch &launch, Worker *worker) {
  if (worker->stamp > launch.session->stamp)
    launch.session->stamp = worker->stamp;
  putWorker(worker);
}

void runLaunch(Launch &launch) {
  Worker *own = makeWorker(launch, 0);
  if (!own) {
    fail(*launch.session, 2, "not enough memory: %lld bytes needed",
         (long long)launch.threads * (long long)stackBytes + 5 * (long long)launch.shared);
    return;
  }
  int limit = launch.session->workers;
  if (launch.blocks < limit)
    limit = int(launch.blocks);
  // Where no more threads are to be had, fewer do the work.
  Worker *helpers[maxWorkers];
  int count = 0;
  while (count < limit - 1) {
    Worker *helper = makeWorker(launch, count + 1);
    if (!helper)
      break;
    if (pthread_create(&helper->thread, nullptr, runWorker, helper) != 0) {
      putWorker(helper);
      break;
    }
    helpers[count++] = helper;
  }
  runWorker(own);
  for (int i = 0; i < count; ++i)
    pthread_join(helpers[i]->thread, nullptr);
  for (int i = 0; i < count; ++i)
    finishWorker(launch, helpers[i]);
  finishWorker(launch, own);
}

} // namespace attune::emulator

using namespace attune::emulator;

int64_t attune_emulator_id(int32_t kind) { return currentWorker().ids[kind]; }

void *attune_emulator_shared(void) { return reinterpret_cast<void *>(currentWorker().shared); }

void attune_emulator_barrier(int32_t site) { waitForOthers(currentWorker(), Wait::Barrier, site); }

void attune_emulator_warp_barrier(int32_t site) {
  waitForOthers(currentWorker(), Wait::WarpBarrier, site);
}
