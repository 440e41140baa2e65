// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The part of the CUDA driver's interface that is used, found in the driver's library by name.
// Every driver since CUDA 11.4 has these functions.

#ifndef ATTUNE_LIB_RUNTIME_DEVICE_CUDA_H
#define ATTUNE_LIB_RUNTIME_DEVICE_CUDA_H

#include <stddef.h>
#include <stdint.h>

namespace attune::cuda {

using Result = int;
using Device = int;
using Pointer = unsigned long long;
using Handle = void *; ///< A context, module, function, stream, event or graph.

constexpr Result success = 0, outOfMemory = 2;
constexpr int streamNonBlocking = 1, captureThreadLocal = 1;
/// Attributes of a device and of a function.
constexpr int capabilityMajor = 75, capabilityMinor = 76, sharedOptIn = 97, maxDynamicShared = 8;
/// Options of cuModuleLoadDataEx.
constexpr int jitErrorLog = 5, jitErrorLogBytes = 6;

/// name in the library, name here, parameters
#define ATTUNE_CUDA_FUNCTIONS(X)                                                                   \
  X("cuInit", init, (unsigned))                                                                    \
  X("cuGetErrorName", errorName, (Result, const char **))                                          \
  X("cuDeviceGetCount", deviceCount, (int *))                                                      \
  X("cuDeviceGet", deviceGet, (Device *, int))                                                     \
  X("cuDeviceGetName", deviceName, (char *, int, Device))                                          \
  X("cuDeviceGetAttribute", deviceAttribute, (int *, int, Device))                                 \
  X("cuDevicePrimaryCtxRetain", retainContext, (Handle *, Device))                                 \
  X("cuCtxPushCurrent_v2", pushContext, (Handle))                                                  \
  X("cuCtxPopCurrent_v2", popContext, (Handle *))                                                  \
  X("cuModuleLoadDataEx", loadModule, (Handle *, const void *, unsigned, int *, void **))          \
  X("cuModuleGetFunction", getFunction, (Handle *, Handle, const char *))                          \
  X("cuFuncSetAttribute", setAttribute, (Handle, int, int))                                        \
  X("cuLaunchKernel", launch,                                                                      \
    (Handle, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, Handle,         \
     void **, void **))                                                                            \
  X("cuStreamBeginCapture_v2", beginCapture, (Handle, int))                                        \
  X("cuStreamEndCapture", endCapture, (Handle, Handle *))                                          \
  X("cuGraphInstantiateWithFlags", instantiateGraph, (Handle *, Handle, unsigned long long))       \
  X("cuGraphLaunch", launchGraph, (Handle, Handle))                                                \
  X("cuGraphDestroy", destroyGraph, (Handle))                                                      \
  X("cuGraphExecDestroy", destroyGraphExec, (Handle))                                              \
  X("cuStreamCreate", createStream, (Handle *, unsigned))                                          \
  X("cuStreamSynchronize", synchronize, (Handle))                                                  \
  X("cuEventCreate", createEvent, (Handle *, unsigned))                                            \
  X("cuEventRecord", recordEvent, (Handle, Handle))                                                \
  X("cuEventElapsedTime", elapsedTime, (float *, Handle, Handle))                                  \
  X("cuMemAlloc_v2", allocate, (Pointer *, size_t))                                                \
  X("cuMemFree_v2", release, (Pointer))                                                            \
  X("cuMemGetInfo_v2", memoryInfo, (size_t *, size_t *))                                           \
  X("cuMemAllocHost_v2", allocateHost, (void **, size_t))                                          \
  X("cuMemcpyHtoDAsync_v2", copyIn, (Pointer, const void *, size_t, Handle))                       \
  X("cuMemcpyDtoHAsync_v2", copyOut, (void *, Pointer, size_t, Handle))

struct Functions {
#define ATTUNE_CUDA_MEMBER(symbol, name, parameters) Result(*name) parameters;
  ATTUNE_CUDA_FUNCTIONS(ATTUNE_CUDA_MEMBER)
#undef ATTUNE_CUDA_MEMBER
};

} // namespace attune::cuda

#endif
