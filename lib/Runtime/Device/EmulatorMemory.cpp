// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Device memory of the emulator: blocks of malloc, in a table sorted by address. A new block is
// full of 0xff bytes, which are NaNs as floats, and is followed by a strip that belongs to nobody.
// A freed block leaves the table at once but goes back to malloc only when many bytes wait there,
// so that a use after free meets no new block at the same address.

#include "Emulator.h"

#include <stdlib.h>
#include <string.h>

namespace attune::emulator {

constexpr int64_t redZone = 256, alignment = 256;
constexpr int64_t maxQuarantine = int64_t(256) << 20;
/// Records of accesses take four times the memory; blocks above this size have none.
constexpr int64_t maxRecordedBytes = int64_t(256) << 20;

/// Number of blocks that begin at or before the address.
static int64_t blocksUpTo(const Session &session, uintptr_t address) {
  int64_t low = 0, high = session.blockCount;
  while (low < high) {
    int64_t middle = (low + high) / 2;
    if (session.blocks[middle]->begin <= address)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

Allocation *findAllocation(const Session &session, uintptr_t address) {
  int64_t place = blocksUpTo(session, address) - 1;
  if (place < 0)
    return nullptr;
  Allocation *block = session.blocks[place];
  return address - block->begin < block->bytes ? block : nullptr;
}

static bool growTable(Session &session) {
  if (session.blockCount < session.blockCapacity)
    return true;
  int64_t capacity = session.blockCapacity * 2 + 16;
  void *table = realloc(session.blocks, size_t(capacity) * sizeof(Allocation *));
  if (!table)
    return false;
  session.blocks = static_cast<Allocation **>(table);
  session.blockCapacity = capacity;
  return true;
}

static void dropRecords(Allocation &block) {
  free(block.cells);
  block.cells = nullptr;
}

static void release(Allocation *block) {
  dropRecords(*block);
  free(reinterpret_cast<void *>(block->begin));
  free(block);
}

/// Null where the memory does not suffice.
static Allocation *makeBlock(int64_t bytes) {
  if (bytes > INT64_MAX - redZone - alignment)
    return nullptr;
  auto *block = static_cast<Allocation *>(calloc(1, sizeof(Allocation)));
  if (!block)
    return nullptr;
  int64_t padded = (bytes + redZone + alignment - 1) / alignment * alignment;
  void *memory = aligned_alloc(alignment, size_t(padded));
  if (!memory) {
    free(block);
    return nullptr;
  }
  memset(memory, 0xff, size_t(padded));
  block->begin = reinterpret_cast<uintptr_t>(memory);
  block->bytes = uint64_t(bytes);
  if (bytes > 0 && bytes <= maxRecordedBytes)
    block->cells = static_cast<Cell *>(calloc(size_t(bytes + 3) / 4, sizeof(Cell)));
  return block;
}

/// What stands for a block after an error.
static void *noBlock() {
  alignas(alignment) static char nothing[alignment];
  return nothing;
}

static void *allocate(Session *session, int64_t bytes) {
  if (!session || hasFailed(*session))
    return noBlock();
  Allocation *block = bytes >= 0 && growTable(*session) ? makeBlock(bytes) : nullptr;
  if (!block) {
    fail(*session, 2, "not enough memory: %lld bytes needed", (long long)bytes);
    return noBlock();
  }
  int64_t place = blocksUpTo(*session, block->begin);
  Allocation **table = session->blocks;
  memmove(table + place + 1, table + place,
          size_t(session->blockCount - place) * sizeof(Allocation *));
  table[place] = block;
  ++session->blockCount;
  session->liveBytes += bytes;
  if (session->liveBytes > session->peakBytes)
    session->peakBytes = session->liveBytes;
  return reinterpret_cast<void *>(block->begin);
}

static void putAside(Session &session, Allocation *block) {
  dropRecords(*block);
  block->next = nullptr;
  (session.newest ? session.newest->next : session.oldest) = block;
  session.newest = block;
  session.quarantined += int64_t(block->bytes);
  while (session.quarantined > maxQuarantine && session.oldest != session.newest) {
    Allocation *first = session.oldest;
    session.oldest = first->next;
    session.quarantined -= int64_t(first->bytes);
    release(first);
  }
}

void freeMemory(Session &session) {
  for (int64_t i = 0; i < session.blockCount; ++i)
    release(session.blocks[i]);
  free(session.blocks);
  while (Allocation *block = session.oldest) {
    session.oldest = block->next;
    release(block);
  }
}

void clearRecords(Session &session) {
  for (int64_t i = 0; i < session.blockCount; ++i) {
    Allocation &block = *session.blocks[i];
    if (block.cells)
      memset(block.cells, 0, size_t(block.bytes + 3) / 4 * sizeof(Cell));
  }
  session.stamp = 0;
}

/// Whether the range lies in one block; an empty one may lie anywhere.
static bool checkRange(Session &session, const void *device, int64_t bytes) {
  auto address = reinterpret_cast<uintptr_t>(device);
  if (bytes == 0)
    return true;
  const Allocation *block = bytes > 0 ? findAllocation(session, address) : nullptr;
  if (block && uint64_t(bytes) <= block->bytes - (address - block->begin))
    return true;
  fail(session, 70, "internal error: a copy of %lld bytes outside of device memory",
       (long long)bytes);
  return false;
}

static bool copy(const void *device, int64_t bytes, void *to, const void *from) {
  Session *session = currentSession();
  if (!session || hasFailed(*session) || !checkRange(*session, device, bytes))
    return false;
  if (bytes > 0)
    memcpy(to, from, size_t(bytes));
  return true;
}

} // namespace attune::emulator

using namespace attune::emulator;

void *attune_device_alloc(int64_t bytes) { return allocate(currentSession(), bytes); }

void attune_device_free(void *block) {
  Session *session = currentSession();
  if (!session || hasFailed(*session))
    return;
  auto address = reinterpret_cast<uintptr_t>(block);
  int64_t place = blocksUpTo(*session, address) - 1;
  if (place < 0 || session->blocks[place]->begin != address) {
    fail(*session, 70, "internal error: free of what is no block of device memory");
    return;
  }
  Allocation **table = session->blocks, *freed = table[place];
  --session->blockCount;
  memmove(table + place, table + place + 1,
          size_t(session->blockCount - place) * sizeof(Allocation *));
  session->liveBytes -= int64_t(freed->bytes);
  putAside(*session, freed);
}

void attune_device_copy_in(int64_t count, const void *const *host, const int64_t *bytes,
                           void **device) {
  for (int64_t i = 0; i < count; ++i) {
    device[i] = attune_device_alloc(bytes[i]);
    copy(device[i], bytes[i], device[i], host[i]);
  }
}

void attune_device_copy_out(int64_t count, const void *const *device, const int64_t *bytes,
                            void *const *host) {
  for (int64_t i = 0; i < count; ++i)
    copy(device[i], bytes[i], host[i], device[i]);
}

void attune_device_read(const void *device, void *host, int64_t bytes) {
  if (!copy(device, bytes, host, device) && bytes > 0)
    memset(host, 0, size_t(bytes));
}

void attune_device_write(void *device, const void *host, int64_t bytes) {
  copy(device, bytes, device, host);
}
