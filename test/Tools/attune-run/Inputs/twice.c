// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
/* A hand-written program that follows the ABI of compiled ones: y = 2 x, and the number of edges
 * that end in each node. What -D changes makes the bad cases of the loader tests. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef ABI
#define ABI "1"
#endif
#ifndef FEATURES
#define FEATURES ""
#endif
#ifndef TARGET
#define TARGET "cpu"
#endif
#ifndef ROWS
#define ROWS "N"
#endif
#ifndef EXTRA
#define EXTRA ""
#endif

#ifndef NO_MANIFEST
const char attune_manifest[] =
    "{\"attune\":\"0.1.0\",\"abi\":" ABI ",\"target\":\"" TARGET "\",\"features\":\"" FEATURES "\","
    "\"entries\":[{\"name\":\"twice\",\"sizes\":[\"N\",\"E\",\"G\"],\"args\":["
    "{\"name\":\"x\",\"dtype\":\"F32\",\"shape\":[\"" ROWS "\",3]},"
    "{\"name\":\"edge_index\",\"dtype\":\"I64\",\"shape\":[2,\"E\"],\"below\":\"N\"},"
    "{\"name\":\"edge_weight\",\"dtype\":\"F32\",\"shape\":[\"E\"]},"
    "{\"name\":\"graph_offsets\",\"dtype\":\"I64\",\"shape\":[\"G+1\"],\"offsets_of\":\"N\"}],"
    "\"results\":[{\"name\":\"y\",\"dtype\":\"F32\",\"shape\":[\"N\",3]},"
    "{\"name\":\"degrees\",\"dtype\":\"I64\",\"shape\":[\"N\"]}]}" EXTRA "]}";
#endif

#ifndef NO_ENTRY
int32_t attune_call_twice(const int64_t *sizes, const void *const *args, void *const *results,
                          char *message, int64_t capacity) {
  const float *x = args[0];
  const int64_t *edges = args[1];
  float *y = results[0];
  int64_t *degrees = results[1];
#ifdef SCRATCH_MIB
  volatile char *scratch = malloc(SCRATCH_MIB << 20);
  for (long i = 0; i < (long)SCRATCH_MIB << 20; i += 4096)
    scratch[i] = 1;
  free((void *)scratch);
#endif
  for (int64_t i = 0; i < sizes[0]; ++i)
    degrees[i] = 0;
  for (int64_t e = 0; e < sizes[1]; ++e) {
    int64_t node = edges[sizes[1] + e];
    if (node < 0 || node >= sizes[0]) {
      snprintf(message, capacity, "`edge_index` holds %lld", (long long)node);
      return 1;
    }
    ++degrees[node];
  }
  for (int64_t i = 0; i < 3 * sizes[0]; ++i)
    y[i] = 2 * x[i];
  return 0;
}
#endif
