// RUN: attune-compile %s --target=reference --print | FileCheck %s

// Row sums 4 and 16: entry (i, j) over sqrt(s_i) sqrt(s_j).
func.func @symmetric() -> tensor<2x2xf32> {
  %c = arith.constant dense<[[1.0, 3.0], [8.0, 8.0]]> : tensor<2x2xf32>
  %m = attn.dense %c : tensor<2x2xf32>
  %a = attn.normalize_symmetric %m : !attn.matrix<2x2xf32>
  %t = attn.materialize %a : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// CHECK: @symmetric -> [2, 2] 0.25 0.375 1 0.5

// Sums are over present entries, and absent entries stay absent.
func.func @absent() -> tensor<2x2xf32> {
  %c = arith.constant dense<[[4.0, 100.0], [7.0, 9.0]]> : tensor<2x2xf32>
  %f = arith.constant -1.0 : f32
  %m = attn.dense %c : tensor<2x2xf32>
  %l = attn.restrict %m causal : !attn.matrix<2x2xf32>
  %a = attn.normalize_symmetric %l : !attn.matrix<2x2xf32>
  %g = attn.fill %a, %f : !attn.matrix<2x2xf32>
  %t = attn.materialize %g : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// CHECK: @absent -> [2, 2] 1 -1 0.875 0.5625
