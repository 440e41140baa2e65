// A rewrite that does not exist can't be disabled.
// RUN: not attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks{disable=asociativity}))' -o /dev/null 2>&1 | FileCheck %s
// RUN: not attune-compile %s --disable=asociativity -o %t.so 2>&1 | FileCheck %s
// CHECK: error: unknown rewrite {{['`]}}asociativity{{['`]}}{{.*}}associativity, distribute
func.func @f(%q: tensor<?x4xf32> {attune.dims = ["N", ""]}) -> tensor<?x4xf32> {
  %s = attn.dot %q, %q : tensor<?x4xf32>, tensor<?x4xf32>
  %o = attn.apply %s, %q : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}
