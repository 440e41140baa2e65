// RUN: not attune-opt %s --pass-pipeline='builtin.module(attune-linearize,func.func(attune-verify-growth))' -o /dev/null 2>&1 | FileCheck %s
// RUN: not attune-compile %s -o %t.so 2>&1 | FileCheck %s

// The one sink that can store N x N is named with its place, after linearization and without it.
// CHECK: materialized-softmax.mlir:[[# @LINE + 5]]:8: error: 'attn.materialize' op result has N^2 elements, which grows faster than linearly in `N`
func.func @stored(%q: tensor<?x4xf32> {attune.name = "q", attune.dims = ["N", ""]})
    -> (tensor<?x?xf32> {attune.name = "p", attune.dims = ["N", "N"]}) {
  %s = attn.dot %q, %q : tensor<?x4xf32>, tensor<?x4xf32>
  %p = attn.softmax %s : !attn.matrix<?x?xf32>
  %t = attn.materialize %p : !attn.matrix<?x?xf32>
  return %t : tensor<?x?xf32>
}
