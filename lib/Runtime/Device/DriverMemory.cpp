// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Blocks of device memory, which are kept when a program frees them, and copies.

#include "Driver.h"

#include <stdlib.h>
#include <string.h>

namespace attune::cuda {

static constexpr size_t smallArray = 64 * 1024, packedStep = 256;
static constexpr double MiB = 1048576;
/// What an allocation gives when there is none; nobody looks at it.
static char nowhere[256];

/// Sizes have three bits behind the first, so that freed blocks find new users.
static size_t roundedUp(size_t bytes) {
  size_t step = 256;
  while (step * 16 <= bytes)
    step *= 2;
  return (bytes + step - 1) / step * step;
}

static void releaseFreed() {
  state.cuda.synchronize(state.stream);
  while (Block *block = state.freed) {
    state.freed = block->next;
    state.cuda.release(block->address);
    free(block);
  }
}

static Pointer take(size_t bytes) {
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
static char *staging(size_t bytes) {
  if (state.stagingBytes < bytes) {
    // The one before stays: copies from it may be on their way, and it is small.
    if (!check(state.cuda.allocateHost(&state.staging, bytes), "an allocation of pinned memory"))
      return nullptr;
    state.stagingBytes = bytes;
  }
  return static_cast<char *>(state.staging);
}

static Pointer pointerOf(const void *address) { return Pointer(uintptr_t(address)); }
static void *addressOf(Pointer pointer) { return reinterpret_cast<void *>(uintptr_t(pointer)); }

static size_t packedSize(int64_t bytes) {
  return bytes > 0 && size_t(bytes) <= smallArray
             ? (size_t(bytes) + packedStep - 1) / packedStep * packedStep
             : 0;
}

} // namespace attune::cuda

using namespace attune::cuda;

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
  // The time of a call is that between the copies.
  if (!isOff())
    check(state.cuda.recordEvent(state.start, state.stream), "the start of a call");
}

void attune_device_copy_out(int64_t count, const void *const *device, const int64_t *bytes,
                            void *const *host) {
  if (!isOff())
    flush();
  if (!isOff())
    current->isStopped =
        check(state.cuda.recordEvent(state.stop, state.stream), "the kernels of a call");
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
