// RUN: attune-compile %s --target=reference --print | FileCheck %s

func.func @product() -> tensor<2x2xf32> {
  %c = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %m = attn.dense %c : tensor<2x2xf32>
  %a = attn.compose %m, %m : !attn.matrix<2x2xf32>, !attn.matrix<2x2xf32>
  %t = attn.materialize %a : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// CHECK: @product -> [2, 2] 7 10 15 22

// Lower times lower is lower: (0, 1) has no k with both, so it is absent; infinity times an absent
// entry does not count.
func.func @absent() -> tensor<2x2xf32> {
  %c = arith.constant dense<[[1.0, 0x7F800000], [3.0, 4.0]]> : tensor<2x2xf32>
  %f = arith.constant -1.0 : f32
  %m = attn.dense %c : tensor<2x2xf32>
  %l = attn.restrict %m causal : !attn.matrix<2x2xf32>
  %a = attn.compose %l, %l : !attn.matrix<2x2xf32>, !attn.matrix<2x2xf32>
  %g = attn.fill %a, %f : !attn.matrix<2x2xf32>
  %t = attn.materialize %g : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// CHECK: @absent -> [2, 2] 1 -1 15 16
