// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Checks of memory accesses. Each four bytes of memory have a record of the last write and of the
// last read (Emulator.h). Two accesses of different threads, one of them a write, are a race unless
// something orders them: another launch, a barrier of the block, or for lanes of one warp a barrier
// of the warp. Stamps say that, whatever order the threads really ran in, so that one run finds the
// race.
//
// A record holds one thread only, and OS threads may replace each other's: races can be missed, but
// none is made up. The same holds for parts of a word. Its record keeps the bytes of the last
// access, or of all accesses by one thread between two barriers, so threads that touch different
// bytes of a word are no race.
//
// Copies to shared memory are made when they are waited for. Until then their target may neither be
// read nor written; the wait counts as a write of the waiting thread.

#include "Emulator.h"

#include <stdlib.h>
#include <string.h>

namespace attune::emulator {

static uint64_t load(const uint64_t &word) { return __atomic_load_n(&word, __ATOMIC_RELAXED); }
static void store(uint64_t &word, uint64_t value) {
  __atomic_store_n(&word, value, __ATOMIC_RELAXED);
}

// ---- Order ----------------------------------------------------------------------------------

/// Whether the record, of this launch, is of another block.
static bool isForeign(const Worker &worker, uint64_t record) {
  return ((record ^ worker.record) & workerMask) || record < worker.blockKey;
}

/// Whether the access `mine` conflicts with an earlier write.
template <bool isShared>
static bool racesWithWriter(const Worker &worker, uint64_t writer, uint64_t mine) {
  if (writer < (isShared ? worker.barrierKey : worker.launchKey) || !(writer & mine & bytesMask) ||
      (writer & mine & isAtomic))
    return false;
  if (!isShared && isForeign(worker, writer))
    return true;
  uint64_t difference = writer ^ mine;
  if (writer < worker.barrierKey ||
      (!(difference & threadMask) && !(mine & readByLanes))) // a lane reads for the others there
    return false;
  return (difference & warpMask) || writer >= worker.warpKey;
}

/// Whether the write `mine` conflicts with earlier reads.
template <bool isShared>
static bool racesWithReaders(const Worker &worker, uint64_t reader, uint64_t mine) {
  if (reader < (isShared ? worker.barrierKey : worker.launchKey) || !(reader & mine & bytesMask))
    return false;
  if (!isShared && (isForeign(worker, reader) || (reader & readByBlocks)))
    return true;
  if (reader < worker.barrierKey)
    return false;
  uint64_t difference = reader ^ mine;
  if ((reader & readByWarps) || (difference & warpMask))
    return true;
  return reader >= worker.warpKey && ((difference & threadMask) || (reader & readByLanes));
}

/// The record of the read `mine` after that of earlier reads. A flag holds for all bytes of its
/// record, so what only one of the two read is forgotten.
template <bool isShared>
static uint64_t joinReaders(const Worker &worker, uint64_t old, uint64_t mine) {
  if (old < (isShared ? worker.barrierKey : worker.launchKey))
    return mine;
  uint64_t flags = 0;
  if (!isShared && isForeign(worker, old)) {
    flags = readByBlocks;
  } else {
    flags = isShared ? 0 : old & readByBlocks;
    uint64_t difference = old ^ mine;
    if (old >= worker.barrierKey) {
      flags |= old & readByWarps;
      if (difference & warpMask)
        flags |= readByWarps;
      else if (old >= worker.warpKey)
        flags |= (difference & threadMask) ? readByLanes : old & readByLanes;
      if (!flags && !(difference & threadMask) && old >= worker.warpKey)
        return mine | (old & bytesMask);
    }
  }
  uint64_t common = old & mine & bytesMask;
  return flags && common ? (mine & ~bytesMask) | flags | common : mine;
}

// ---- One word -------------------------------------------------------------------------------

static int otherThread(uint64_t record, uint64_t mine) {
  if (!((record ^ mine) & (threadMask | workerMask)))
    return someThread;
  return int((record & threadMask) >> threadShift);
}

template <bool isShared>
static void reportRace(Worker &worker, Fault fault, uint64_t record, uint64_t mine, int32_t site) {
  bool foreign = !isShared && isForeign(worker, record);
  int other = foreign ? int((record & threadMask) >> threadShift) : otherThread(record, mine);
  report(worker, isShared ? fault : Fault::DeviceRace, site, other,
         foreign ? " of another block" : "");
}

/// The rest of a read for which the quick look at the record did not suffice.
template <bool isShared>
__attribute__((noinline)) static void readWord(Worker &worker, Cell &cell, uint64_t mine,
                                               int32_t site) {
  uint64_t writer = load(cell.writer);
  if (isUnlikely(racesWithWriter<isShared>(worker, writer, mine)))
    reportRace<isShared>(worker, Fault::ReadAfterWrite, writer, mine, site);
  store(cell.reader, joinReaders<isShared>(worker, load(cell.reader), mine));
}

template <bool isShared>
__attribute__((noinline)) static void writeWord(Worker &worker, Cell &cell, uint64_t mine,
                                                int32_t site) {
  uint64_t writer = load(cell.writer), reader = load(cell.reader);
  if (isUnlikely(racesWithWriter<isShared>(worker, writer, mine)))
    reportRace<isShared>(worker, Fault::WriteWrite, writer, mine, site);
  if (isUnlikely(racesWithReaders<isShared>(worker, reader, mine)))
    reportRace<isShared>(worker, Fault::WriteAfterRead, reader, mine, site);
  // The bytes of one thread add up, as long as nothing came in between.
  bool isSame = !((writer ^ mine) & ~bytesMask);
  store(cell.writer, isSame ? writer | mine : mine);
}

template <bool isShared>
static inline void touchWord(Worker &worker, Cell &cell, uint64_t mine, bool isRead, int32_t site) {
  const uint64_t limit = isShared ? worker.barrierKey : worker.launchKey;
  uint64_t reader = load(cell.reader);
  if (!isRead) {
    if (isLikely(load(cell.writer) < limit && reader < limit))
      store(cell.writer, mine);
    else
      writeWord<isShared>(worker, cell, mine, site);
    return;
  }
  if (isUnlikely(load(cell.writer) >= limit)) {
    readWord<isShared>(worker, cell, mine, site);
    return;
  }
  if (reader < limit)
    store(cell.reader, mine);
  // With the flag set nothing that is still to come can add to the record.
  else if (!(reader & (isShared ? readByWarps : readByBlocks)) || (mine & ~reader & bytesMask))
    store(cell.reader, joinReaders<isShared>(worker, reader, mine));
}

__attribute__((noinline)) static void checkState(Worker &worker, uint8_t state, uint64_t bytes,
                                                 bool isRead, bool isWrite, int32_t site) {
  if (state & isPending) {
    report(worker, isWrite ? Fault::PendingWrite : Fault::PendingRead, site);
    return;
  }
  if (isRead && (~state & bytes))
    report(worker, Fault::Uninitialised, site);
}

// ---- Ranges ---------------------------------------------------------------------------------

/// Calls `visit(word, bytes of it)` for each word of a range.
template <typename Visit>
static inline void forWords(uint64_t offset, uint64_t bytes, Visit visit) {
  uint64_t word = offset / 4, last = (offset + bytes - 1) / 4;
  uint64_t mask = (bytesMask << (offset & 3)) & bytesMask;
  for (; word < last; ++word, mask = bytesMask)
    visit(word, mask);
  visit(word, mask & (bytesMask >> (3 - ((offset + bytes - 1) & 3))));
}

static inline void touchShared(Worker &worker, uint64_t offset, uint64_t bytes, int32_t kind,
                               int32_t site, uint64_t flags = 0) {
  bool isRead = kind == attune_access_read, isWrite = !isRead;
  bool needsValue = kind != attune_access_write;
  uint64_t record = worker.record | flags | (kind == attune_access_atomic ? isAtomic : 0);
  forWords(offset, bytes, [&](uint64_t word, uint64_t mask) {
    uint8_t &state = worker.sharedState[word];
    if (isUnlikely((state & isPending) || (needsValue && (~state & mask))))
      checkState(worker, state, mask, needsValue, isWrite, site);
    if (isWrite)
      state |= mask;
    touchWord<true>(worker, worker.sharedCells[word], record | mask, isRead, site);
  });
}

static inline void touchDevice(Worker &worker, const Window &window, uint64_t offset,
                               uint64_t bytes, int32_t kind, int32_t site) {
  if (!window.cells)
    return;
  bool isRead = kind == attune_access_read;
  uint64_t record = worker.record | (kind == attune_access_atomic ? isAtomic : 0);
  forWords(offset, bytes, [&](uint64_t word, uint64_t mask) {
    touchWord<false>(worker, window.cells[word], record | mask, isRead, site);
  });
}

static inline bool isInside(uint64_t offset, uint64_t bytes, uint64_t capacity) {
  return offset < capacity && bytes <= capacity - offset;
}

/// Points the site's window at the block with the range; false where there is none.
__attribute__((noinline)) static bool moveWindow(Worker &worker, Window &window, uintptr_t address,
                                                 uint64_t bytes) {
  const Allocation *block = findAllocation(*worker.launch->session, address);
  if (!block || !isInside(address - block->begin, bytes, block->bytes))
    return false;
  window = {block->begin, block->bytes, block->cells};
  return true;
}

static inline Window *findWindow(Worker &worker, uintptr_t address, uint64_t bytes, int32_t site) {
  Window &window = worker.windows[uint32_t(site) % windowCount];
  if (isLikely(isInside(address - window.begin, bytes, window.bytes)) ||
      moveWindow(worker, window, address, bytes))
    return &window;
  return nullptr;
}

/// Accesses of vectors of more than 16 bytes are taken apart on a graphics processor.
static bool isAligned(uintptr_t address, int32_t bytes) {
  uint32_t lowest = uint32_t(bytes) & -uint32_t(bytes);
  return !(address & ((lowest < 16 ? lowest : 16) - 1));
}

/// A thread's own variables may stand on its stack.
static bool isOnStack(const Worker &worker, uintptr_t address) {
  return address - worker.fiber->stackBegin < stackBytes;
}

/// Where nothing better is known: the kernel may not go on, since it would really touch the memory.
__attribute__((noinline)) static void accessOdd(Worker &worker, uintptr_t address, int32_t bytes,
                                                int32_t kind, int32_t inBounds, int32_t site) {
  if (!inBounds)
    report(worker, Fault::IndexOutOfBounds, site);
  if (bytes <= 0)
    return;
  if (!isAligned(address, bytes)) {
    report(worker, Fault::Misaligned, site);
    abandonBlock(worker);
  }
  if (isInside(address - worker.shared, uint64_t(bytes), worker.sharedBytes))
    touchShared(worker, address - worker.shared, uint64_t(bytes), kind, site);
  else if (Window *window = findWindow(worker, address, uint64_t(bytes), site))
    touchDevice(worker, *window, address - window->begin, uint64_t(bytes), kind, site);
  else if (!isOnStack(worker, address)) {
    report(worker, Fault::OutsideMemory, site);
    abandonBlock(worker);
  }
}

bool checkRow(Worker &worker, const Fiber &fiber) {
  auto address = reinterpret_cast<uintptr_t>(fiber.row);
  if (!fiber.inBounds)
    report(worker, Fault::IndexOutOfBounds, fiber.site);
  if (address % 16)
    report(worker, Fault::Misaligned, fiber.site);
  else if (!isInside(address - worker.shared, 16, worker.sharedBytes))
    report(worker, Fault::OutsideShared, fiber.site);
  else {
    touchShared(worker, address - worker.shared, 16, attune_access_read, fiber.site, readByLanes);
    return true;
  }
  return false;
}

// ---- Asynchronous copies --------------------------------------------------------------------

static bool growCopies(Fiber &fiber) {
  if (fiber.copyCount < fiber.copyCapacity)
    return true;
  int64_t capacity = fiber.copyCapacity * 2 + 16;
  void *copies = realloc(fiber.copies, size_t(capacity) * sizeof(AsyncCopy));
  if (!copies)
    return false;
  fiber.copies = static_cast<AsyncCopy *>(copies);
  fiber.copyCapacity = capacity;
  return true;
}

static void issueCopy(Worker &worker, uintptr_t to, uintptr_t from, int32_t bytes, int32_t valid,
                      int32_t site) {
  if ((bytes != 4 && bytes != 8 && bytes != 16) || valid < 0 || valid > bytes) {
    report(worker, Fault::CopySize, site);
    return;
  }
  if (!isAligned(to, bytes) || (valid > 0 && !isAligned(from, bytes))) {
    report(worker, Fault::MisalignedCopy, site);
    return;
  }
  uint64_t offset = to - worker.shared;
  if (!isInside(offset, uint64_t(bytes), worker.sharedBytes)) {
    report(worker, Fault::OutsideShared, site);
    return;
  }
  if (valid > 0) {
    const Window *window = findWindow(worker, from, uint64_t(valid), site);
    if (!window) {
      report(worker, Fault::OutsideMemory, site);
      return;
    }
    touchDevice(worker, *window, from - window->begin, uint64_t(valid), attune_access_read, site);
  }
  Fiber &fiber = *worker.fiber;
  if (!growCopies(fiber)) {
    fail(*worker.launch->session, 2, "not enough memory: %lld bytes needed",
         (long long)(fiber.copyCapacity * 2 + 16) * (long long)sizeof(AsyncCopy));
    abandonBlock(worker);
  }
  touchShared(worker, offset, uint64_t(bytes), attune_access_write, site);
  for (int32_t i = 0; i < bytes / 4; ++i)
    worker.sharedState[offset / 4 + uint64_t(i)] = isPending;
  fiber.copies[fiber.copyCount++] = {reinterpret_cast<char *>(to),
                                     reinterpret_cast<const char *>(from), bytes, valid,
                                     fiber.groups};
}

static void finishCopy(Worker &worker, const AsyncCopy &copy) {
  if (copy.valid > 0)
    memcpy(copy.to, copy.from, size_t(copy.valid));
  memset(copy.to + copy.valid, 0, size_t(copy.bytes - copy.valid));
  uint64_t word = (reinterpret_cast<uintptr_t>(copy.to) - worker.shared) / 4;
  for (uint64_t last = word + uint64_t(copy.bytes) / 4; word < last; ++word) {
    worker.sharedState[word] = allBytesSet;
    worker.sharedCells[word].writer = worker.record | bytesMask;
  }
}

static void finishCopies(Worker &worker, int64_t groups) {
  Fiber &fiber = *worker.fiber;
  int64_t done = 0;
  for (; done < fiber.copyCount && fiber.copies[done].group < groups; ++done)
    finishCopy(worker, fiber.copies[done]);
  if (done == 0)
    return;
  fiber.copyCount -= done;
  memmove(fiber.copies, fiber.copies + done, size_t(fiber.copyCount) * sizeof(AsyncCopy));
}

} // namespace attune::emulator

using namespace attune::emulator;

void attune_emulator_access(const void *address, int32_t bytes, int32_t kind, int32_t in_bounds,
                            int32_t site) {
  Worker &worker = currentWorker();
  auto number = reinterpret_cast<uintptr_t>(address);
  if (isUnlikely(!in_bounds || !isAligned(number, bytes))) {
    accessOdd(worker, number, bytes, kind, in_bounds, site);
    return;
  }
  uint64_t offset = number - worker.shared;
  if (isInside(offset, uint64_t(bytes), worker.sharedBytes)) {
    touchShared(worker, offset, uint64_t(bytes), kind, site);
    return;
  }
  const Window &window = worker.windows[uint32_t(site) % windowCount];
  offset = number - window.begin;
  if (isLikely(isInside(offset, uint64_t(bytes), window.bytes)))
    touchDevice(worker, window, offset, uint64_t(bytes), kind, site);
  else
    accessOdd(worker, number, bytes, kind, in_bounds, site);
}

void attune_emulator_async_copy(void *to, const void *from, int32_t bytes, int32_t valid,
                                int32_t in_bounds, int32_t site) {
  Worker &worker = currentWorker();
  if (!in_bounds)
    report(worker, Fault::IndexOutOfBounds, site);
  issueCopy(worker, reinterpret_cast<uintptr_t>(to), reinterpret_cast<uintptr_t>(from), bytes,
            valid, site);
}

void attune_emulator_async_commit(void) { ++currentWorker().fiber->groups; }

void attune_emulator_async_wait(int32_t pending, int32_t) {
  Worker &worker = currentWorker();
  finishCopies(worker, worker.fiber->groups - pending);
}
