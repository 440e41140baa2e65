// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks),canonicalize,cse)' | FileCheck %s

// Static sizes decide while compiling: many rows, the linear form.
// CHECK-LABEL: func.func @many
// CHECK-NOT:     scf.if
// CHECK-NOT:     attn.stream
// CHECK:         scf.for
// CHECK-NOT:     attn.stream
func.func @many(%q: tensor<100000x64xf32>, %k: tensor<100000x64xf32>, %v: tensor<100000x64xf32>)
    -> tensor<100000x64xf32> {
  %s = attn.dot %q, %k : tensor<100000x64xf32>, tensor<100000x64xf32>
  %f = attn.map %s : (!attn.matrix<100000x100000xf32>) -> !attn.matrix<100000x100000xf32> {
  ^bb0(%x: f32):
    %unit = arith.constant 1.0 : f32
    %t = arith.addf %unit, %x : f32
    %y = arith.mulf %t, %t : f32
    attn.yield %y : f32
  }
  %o = attn.apply %f, %v : !attn.matrix<100000x100000xf32>, tensor<100000x64xf32>
  return %o : tensor<100000x64xf32>
}
