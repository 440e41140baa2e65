// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Calls the entry of tiny.mlir with good and with wrong data and prints status and message.
#include "tiny.h"

#include <stdio.h>

static float x[6] = {0, 1, 2, 3, 4, 5}, bias[3] = {10, 20, 30}, y[6];
static int64_t edges[4] = {0, 1, 1, 0}, parts[3] = {0, 1, 2};

static void call(int64_t n, int64_t e, int64_t g) {
  char message[200] = "";
  int32_t status = tiny_add(n, e, g, x, edges, parts, bias, y, message, sizeof message);
  printf("%d %s\n", (int)status, message);
}

int main(void) {
  call(2, 2, 2);
  for (int i = 0; i < 6; ++i)
    printf("%g%c", y[i], i == 5 ? '\n' : ' ');
  edges[3] = -7;
  call(2, 2, 2);
  edges[3] = 2;
  call(2, 2, 2);
  char small[10];
  int32_t status = tiny_add(2, 2, 2, x, edges, parts, bias, y, small, sizeof small);
  printf("%d %s\n", (int)status, small);
  status = tiny_add(2, 2, 2, x, edges, parts, bias, y, NULL, 100);
  printf("%d without a message\n", (int)status);
  edges[3] = 0;
  parts[2] = 3;
  call(2, 2, 2);
  parts[1] = 4;
  call(2, 2, 2);
  parts[0] = 1;
  call(2, 2, 2);
  call(2, 2, -1);
  call(-2, 2, 2);
  call(INT64_C(1) << 31, 2, 2);
  parts[0] = 0;
  call(0, 0, 0);
  return 0;
}
