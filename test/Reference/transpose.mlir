// RUN: attune-compile %s --target=reference --print | FileCheck %s

func.func @transpose() -> tensor<3x2xf32> {
  %c = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %m = attn.dense %c : tensor<2x3xf32>
  %a = attn.transpose %m : !attn.matrix<2x3xf32>
  %t = attn.materialize %a : !attn.matrix<3x2xf32>
  return %t : tensor<3x2xf32>
}
// CHECK: @transpose -> [3, 2] 1 4 2 5 3 6

func.func @absent() -> tensor<2x2xf32> {
  %c = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %f = arith.constant -1.0 : f32
  %m = attn.dense %c : tensor<2x2xf32>
  %l = attn.restrict %m causal : !attn.matrix<2x2xf32>
  %a = attn.transpose %l : !attn.matrix<2x2xf32>
  %g = attn.fill %a, %f : !attn.matrix<2x2xf32>
  %t = attn.materialize %g : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// CHECK: @absent -> [2, 2] 1 3 -1 4
