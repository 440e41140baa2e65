/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * What a program compiled for a graphics processor calls, and what it says about itself. There are
 * two implementations, and each compiled program contains one: Device/Driver.cpp on the CUDA driver
 * and Device/Emulator.cpp on the CPU.
 *
 * A call of an entry is a session of the calling thread: attune_device_begin, then any of the
 * others, then attune_device_end. The first error of a session is kept; every later function does
 * nothing then, reads give zeros, allocations give an address that nobody looks at, and
 * attune_device_end reports it. Sessions of several threads may run at once.
 */
#ifndef ATTUNE_RUNTIME_DEVICE_H
#define ATTUNE_RUNTIME_DEVICE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A kernel. Its parameters are numbers of at most 64 bits each. */
typedef struct {
  const char *name;
  int32_t parameters;
  /* Only for the emulator: threads of a block wait for one another, so that they need stacks of
   * their own. */
  int32_t waits;
  /* Only for the emulator: runs one thread of one block. `slots` holds one parameter each, in its
   * low bytes. */
  void (*body)(const int64_t *slots);
} attune_kernel;

/* Code of all kernels for one chip: a cubin, or PTX text with a closing 0 ("sm_80"). */
typedef struct {
  const char *chip;
  int32_t is_ptx;
  const void *data;
  int64_t bytes;
} attune_image;

typedef struct {
  const attune_kernel *kernels;
  int64_t kernel_count;
  const attune_image *images;
  int64_t image_count;
  /* Only for the emulator: the source location ("model.mlir:12:3") of each site. */
  const char *const *sites;
  int64_t site_count;
} attune_program;

void attune_device_begin(const attune_program *program);

/* Memory on the device, aligned to 256 bytes; 0 bytes are allowed. Contents are undefined. */
void *attune_device_alloc(int64_t bytes);
void attune_device_free(void *block);
/* Allocates a block for each of `count` host arrays and copies them there. */
void attune_device_copy_in(int64_t count, const void *const *host, const int64_t *bytes,
                           void **device);
/* Copies to the host once all kernels are done, and frees nothing. */
void attune_device_copy_out(int64_t count, const void *const *device, const int64_t *bytes,
                            void *const *host);
/* A small copy to the host, once all kernels launched so far are done. */
void attune_device_read(const void *device, void *host, int64_t bytes);
/* A small copy to the device. */
void attune_device_write(void *device, const void *host, int64_t bytes);
/* Starts kernel number `kernel` of the program. A grid with a 0 in it is no launch. `shared` is the
 * dynamic shared memory of a block, in bytes. */
void attune_device_launch(int32_t kernel, int64_t grid_x, int64_t grid_y, int64_t grid_z,
                          int64_t block_x, int64_t block_y, int64_t block_z, int64_t shared,
                          const int64_t *slots);
/* Waits, frees every block of the session, and returns 0; or, after an error, writes its message
 * (cut to `capacity` bytes with a closing 0; `message` may be null) and returns 1 (the input is
 * wrong), 2 (not supported: no driver, no such chip, not enough memory) or 70 (our bug, reports of
 * the emulator included). */
int32_t attune_device_end(char *message, int64_t capacity);

/* What the calling thread's last session used. */
typedef struct {
  /* Time on the device from its first to its last operation; 0 in the emulator. */
  double milliseconds;
  /* Largest sum of blocks at one time. */
  int64_t peak_bytes;
  int64_t launches;
  char name[128];
} attune_device_report;
void attune_device_last(attune_device_report *report);

/* ---- Only in the emulator: what instrumented kernels call. `site` is a number in `sites`. ---- */

/* 0, 1, 2: thread in the block; 3, 4, 5: block in the grid; 6, 7, 8: threads of a block; 9, 10, 11:
 * blocks of the grid (x, y, z each). */
int64_t attune_emulator_id(int32_t kind);
/* Base of the block's shared memory. */
void *attune_emulator_shared(void);
void attune_emulator_barrier(int32_t site);
/* Orders the lanes of a warp. */
void attune_emulator_warp_barrier(int32_t site);
enum { attune_shuffle_xor, attune_shuffle_up, attune_shuffle_down, attune_shuffle_idx };
/* The 32 bits of another lane of the warp, in groups of `width`; the lane's own where that lies
 * outside of its group. */
int32_t attune_emulator_shuffle(int32_t mode, int32_t bits, int32_t offset, int32_t width,
                                int32_t site);
enum { attune_access_read, attune_access_write, attune_access_atomic };
/* Before an access to memory. `in_bounds`: the indices are inside of the memref's shape. */
void attune_emulator_access(const void *address, int32_t bytes, int32_t kind, int32_t in_bounds,
                            int32_t site);
/* An asynchronous copy to shared memory of `bytes` bytes, of which those from `valid` on become 0.
 */
void attune_emulator_async_copy(void *to, const void *from, int32_t bytes, int32_t valid,
                                int32_t in_bounds, int32_t site);
/* The copies since the last call become a group of the thread. */
void attune_emulator_async_commit(void);
/* Waits until at most `pending` of the thread's groups are not done. */
void attune_emulator_async_wait(int32_t pending, int32_t site);
enum {
  attune_collective_ldmatrix, /* m: 1, 2 or 4 matrices of 8 x 8 x b16 */
  attune_collective_ldmatrix_trans,
  attune_collective_mma_bf16, /* m16n8k16, f32 accumulators: a[4], b[2], c[4] -> d[4] */
  attune_collective_mma_tf32  /* m16n8k8, f32 accumulators: a[4], b[2], c[4] -> d[4] */
};
/* An operation of a whole warp. `words` holds the thread's operands (32 bits each) and receives its
 * results; ldmatrix takes the address of the thread's row instead. */
void attune_emulator_collective(int32_t kind, int32_t matrices, const void *row, int32_t in_bounds,
                                int32_t *words, int32_t site);

#ifdef __cplusplus
}
#endif

#endif
