/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A CUDA driver without a device. Memory of the "device" is the host's, and a launch does nothing. Every
 * call is written to stderr with FAKE_CUDA_LOG. FAKE_CUDA_CHIP (as in 90) and FAKE_CUDA_BYTES say what the device is, and FAKE_CUDA_FAIL
 * names a function that fails with FAKE_CUDA_ERROR. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned long long Pointer;

static size_t used;
static int capturing, captured;
static size_t sizes[1024];
static Pointer blocks[1024];

static long setting(const char *name, long otherwise) {
  const char *text = getenv(name);
  return text ? atol(text) : otherwise;
}

static int call(const char *name) {
  const char *failing = getenv("FAKE_CUDA_FAIL");
  if (getenv("FAKE_CUDA_LOG"))
    fprintf(stderr, "%s\n", name);
  return failing && strcmp(failing, name) == 0 ? (int)setting("FAKE_CUDA_ERROR", 999) : 0;
}
#define CALL                                                                                         \
  int result = call(__func__);                                                                       \
  if (result)                                                                                        \
    return result

int cuInit(unsigned flags) { CALL; return 0; }
int cuGetErrorName(int error, const char **name) {
  *name = error == 2 ? "CUDA_ERROR_OUT_OF_MEMORY" : error == 700 ? "CUDA_ERROR_ILLEGAL_ADDRESS" : "CUDA_ERROR_UNKNOWN";
  return 0;
}
int cuDeviceGetCount(int *count) { CALL; *count = (int)setting("FAKE_CUDA_COUNT", 1); return 0; }
int cuDeviceGet(int *device, int number) { CALL; *device = number; return 0; }
int cuDeviceGetName(char *name, int length, int device) { CALL; snprintf(name, length, "a fake"); return 0; }
int cuDeviceGetAttribute(int *value, int attribute, int device) {
  long chip = setting("FAKE_CUDA_CHIP", 90);
  CALL;
  *value = (int)(attribute == 75 ? chip / 10 : attribute == 76 ? chip % 10 : 232448);
  return 0;
}
int cuDevicePrimaryCtxRetain(void **context, int device) { CALL; *context = &used; return 0; }
int cuCtxPushCurrent_v2(void *context) { CALL; return 0; }
int cuCtxPopCurrent_v2(void **context) { CALL; return 0; }
int cuModuleLoadDataEx(void **module, const void *image, unsigned count, int *options, void **values) {
  if (getenv("FAKE_CUDA_LOG"))
    fprintf(stderr, "image: %s\n", memcmp(image, "\177ELF", 4) == 0 ? "cubin" : "PTX");
  snprintf(values[0], (size_t)(uintptr_t)values[1], "a log of the driver");
  CALL;
  *module = &used;
  return 0;
}
int cuModuleGetFunction(void **function, void *module, const char *name) {
  CALL;
  *function = strdup(name);
  return 0;
}
int cuFuncSetAttribute(void *function, int attribute, int value) { CALL; return 0; }
int cuLaunchKernel(void *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                   unsigned shared, void *stream, void **parameters, void **extra) {
  CALL;
  captured += capturing;
  return 0;
}
int cuStreamBeginCapture_v2(void *stream, int mode) { CALL; capturing = 1; captured = 0; return 0; }
int cuStreamEndCapture(void *stream, void **graph) { CALL; capturing = 0; *graph = &captured; return 0; }
int cuGraphInstantiateWithFlags(void **executable, void *graph, unsigned long long flags) {
  CALL;
  *executable = malloc(sizeof(int));
  *(int *)*executable = captured;
  return 0;
}
int cuGraphLaunch(void *executable, void *stream) {
  CALL;
  if (getenv("FAKE_CUDA_LOG"))
    fprintf(stderr, "graph of %d\n", *(int *)executable);
  return 0;
}
int cuGraphDestroy(void *graph) { CALL; return 0; }
int cuGraphExecDestroy(void *executable) { CALL; free(executable); return 0; }
int cuStreamCreate(void **stream, unsigned flags) { CALL; *stream = &used; return 0; }
int cuStreamSynchronize(void *stream) { CALL; return 0; }
int cuEventCreate(void **event, unsigned flags) { CALL; *event = &used; return 0; }
int cuEventRecord(void *event, void *stream) { CALL; return 0; }
int cuEventElapsedTime(float *ms, void *start, void *stop) { CALL; *ms = 1.5f; return 0; }
int cuMemAlloc_v2(Pointer *address, size_t bytes) {
  size_t i = 0;
  CALL;
  if (used + bytes > (size_t)setting("FAKE_CUDA_BYTES", 1 << 30))
    return 2;
  while (blocks[i])
    ++i;
  sizes[i] = bytes;
  used += bytes;
  *address = blocks[i] = (Pointer)(uintptr_t)malloc(bytes);
  return 0;
}
int cuMemFree_v2(Pointer address) {
  size_t i = 0;
  CALL;
  while (blocks[i] != address)
    ++i;
  used -= sizes[i];
  blocks[i] = 0;
  free((void *)(uintptr_t)address);
  return 0;
}
int cuMemGetInfo_v2(size_t *available, size_t *total) {
  CALL;
  *total = (size_t)setting("FAKE_CUDA_BYTES", 1 << 30);
  *available = *total - used;
  return 0;
}
#ifndef FAKE_CUDA_OLD
int cuMemAllocHost_v2(void **memory, size_t bytes) { CALL; *memory = malloc(bytes); return 0; }
#endif
int cuMemcpyHtoDAsync_v2(Pointer to, const void *from, size_t bytes, void *stream) {
  CALL;
  memcpy((void *)(uintptr_t)to, from, bytes);
  return 0;
}
int cuMemcpyDtoHAsync_v2(void *to, Pointer from, size_t bytes, void *stream) {
  CALL;
  memcpy(to, (void *)(uintptr_t)from, bytes);
  return 0;
}
