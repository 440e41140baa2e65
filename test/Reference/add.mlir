// RUN: attune-compile %s --target=reference --print | FileCheck %s

// Causal and its transpose: the union is everything, the diagonal counts twice.
func.func @union() -> tensor<2x2xf32> {
  %c = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %m = attn.dense %c : tensor<2x2xf32>
  %l = attn.restrict %m causal : !attn.matrix<2x2xf32>
  %u = attn.transpose %l : !attn.matrix<2x2xf32>
  %a = attn.add %l, %u : !attn.matrix<2x2xf32>, !attn.matrix<2x2xf32>
  %t = attn.materialize %a : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// CHECK: @union -> [2, 2] 2 3 3 8

// Absent in both stays absent.
func.func @absent() -> tensor<2x2xf32> {
  %c = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %one = arith.constant 1.0 : f32
  %f = arith.constant -1.0 : f32
  %m = attn.dense %c : tensor<2x2xf32>
  %l = attn.restrict %m causal : !attn.matrix<2x2xf32>
  %e = attn.diagonal scalar(%one) : !attn.matrix<2x2xf32>
  %a = attn.add %l, %e : !attn.matrix<2x2xf32>, !attn.matrix<2x2xf32>
  %g = attn.fill %a, %f : !attn.matrix<2x2xf32>
  %t = attn.materialize %g : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// CHECK: @absent -> [2, 2] 2 -1 3 5

func.func @one_head_for_all() -> tensor<2x1x1xf32> {
  %c = arith.constant dense<[[[1.0]], [[2.0]]]> : tensor<2x1x1xf32>
  %d = arith.constant dense<[[[10.0]]]> : tensor<1x1x1xf32>
  %m = attn.dense %c : tensor<2x1x1xf32>
  %n = attn.dense %d : tensor<1x1x1xf32>
  %a = attn.add %n, %m : !attn.matrix<1x1x1xf32>, !attn.matrix<2x1x1xf32>
  %t = attn.materialize %a : !attn.matrix<2x1x1xf32>
  return %t : tensor<2x1x1xf32>
}
// CHECK: @one_head_for_all -> [2, 1, 1] 11 12
