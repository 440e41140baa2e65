// RUN: attune-compile %s --target=reference --print | FileCheck %s

// q_i . k_j for rows (1, 2), (3, 4) and (1, 0), (0, 1), (1, 1).
func.func @dot() -> tensor<2x3xf32> {
  %q = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %k = arith.constant dense<[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]> : tensor<3x2xf32>
  %m = attn.dot %q, %k : tensor<2x2xf32>, tensor<3x2xf32>
  %t = attn.materialize %m : !attn.matrix<2x3xf32>
  return %t : tensor<2x3xf32>
}
// CHECK: @dot -> [2, 3] 1 2 3 3 4 7

// Two heads of q against one head of k; rows come first in the tensors, heads in the matrix.
func.func @heads() -> tensor<2x2x1xf32> {
  %q = arith.constant dense<[[[1.0], [2.0]], [[3.0], [4.0]]]> : tensor<2x2x1xf32>
  %k = arith.constant dense<[[[10.0]]]> : tensor<1x1x1xf32>
  %m = attn.dot %q, %k : tensor<2x2x1xf32>, tensor<1x1x1xf32>
  %t = attn.materialize %m : !attn.matrix<2x2x1xf32>
  return %t : tensor<2x2x1xf32>
}
// CHECK: @heads -> [2, 2, 1] 10 30 20 40

func.func @batch() -> tensor<2x1x1x1xf32> {
  %q = arith.constant dense<[[[[2.0]]], [[[3.0]]]]> : tensor<2x1x1x1xf32>
  %m = attn.dot %q, %q : tensor<2x1x1x1xf32>, tensor<2x1x1x1xf32>
  %t = attn.materialize %m : !attn.matrix<2x1x1x1xf32>
  return %t : tensor<2x1x1x1xf32>
}
// CHECK: @batch -> [2, 1, 1, 1] 4 9
