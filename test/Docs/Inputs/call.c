// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Calls the compiled attention of test/Docs/linearize.mlir: once well, once with a wrong size.
#include "attention.h"

#include <stdio.h>

int main(void) {
  static float q[3 * 64], k[3 * 64], v[3 * 64], out[3 * 64];
  for (int i = 0; i < 3 * 64; ++i)
    v[i] = 1.0f;
  char message[128] = "";
  int32_t status = attention(3, q, k, v, out, message, sizeof message);
  printf("%d: out[0] = %f\n", (int)status, out[0]);
  status = attention(-1, q, k, v, out, message, sizeof message);
  printf("%d: %s\n", (int)status, message);
  return 0;
}
