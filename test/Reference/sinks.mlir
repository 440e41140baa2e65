// RUN: attune-compile %s --target=reference --print | FileCheck %s

func.func @apply() -> tensor<2x2xf32> {
  %c = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %v = arith.constant dense<[[1.0, 10.0], [2.0, 20.0]]> : tensor<2x2xf32>
  %m = attn.dense %c : tensor<2x2xf32>
  %o = attn.apply %m, %v : !attn.matrix<2x2xf32>, tensor<2x2xf32>
  return %o : tensor<2x2xf32>
}
// CHECK: @apply -> [2, 2] 5 50 11 110

// Absent entries are skipped, so the infinity of column 1 does not reach row 0; `init` is added.
func.func @apply_into() -> tensor<2x1xf32> {
  %c = arith.constant dense<[[1.0, 0.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %v = arith.constant dense<[[1.0], [0x7F800000]]> : tensor<2x1xf32>
  %i = arith.constant dense<[[100.0], [200.0]]> : tensor<2x1xf32>
  %m = attn.dense %c : tensor<2x2xf32>
  %l = attn.restrict %m causal : !attn.matrix<2x2xf32>
  %o = attn.apply %l, %v into %i : !attn.matrix<2x2xf32>, tensor<2x1xf32>, tensor<2x1xf32>
  return %o : tensor<2x1xf32>
}
// CHECK: @apply_into -> [2, 1] 101 inf

// One head of the matrix for two heads of v: [N, H, E].
func.func @apply_heads() -> tensor<1x2x1xf32> {
  %c = arith.constant dense<[[[2.0, 3.0]]]> : tensor<1x1x2xf32>
  %v = arith.constant dense<[[[1.0], [10.0]], [[2.0], [20.0]]]> : tensor<2x2x1xf32>
  %m = attn.dense %c : tensor<1x1x2xf32>
  %o = attn.apply %m, %v : !attn.matrix<1x1x2xf32>, tensor<2x2x1xf32>
  return %o : tensor<1x2x1xf32>
}
// CHECK: @apply_heads -> [1, 2, 1] 8 80

// [H, N, M] sums to [N, H].
func.func @row_sums() -> tensor<2x2xf32> {
  %c = arith.constant dense<[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]> : tensor<2x2x2xf32>
  %i = arith.constant dense<[[0.5, 0.0], [0.0, 0.0]]> : tensor<2x2xf32>
  %m = attn.dense %c : tensor<2x2x2xf32>
  %l = attn.restrict %m causal : !attn.matrix<2x2x2xf32>
  %o = attn.row_sums %l into %i : !attn.matrix<2x2x2xf32>, tensor<2x2xf32>
  return %o : tensor<2x2xf32>
}
// CHECK: @row_sums -> [2, 2] 1.5 5 7 15

// Absent entries are stored as 0.
func.func @materialize() -> tensor<2x2xf32> {
  %c = arith.constant dense<[[1.0, 0x7FC00000], [3.0, 4.0]]> : tensor<2x2xf32>
  %m = attn.dense %c : tensor<2x2xf32>
  %l = attn.restrict %m causal : !attn.matrix<2x2xf32>
  %t = attn.materialize %l : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// CHECK: @materialize -> [2, 2] 1 0 3 4

func.func @dim() -> (index, index) {
  %one = arith.constant 1.0 : f32
  %n = arith.constant 4 : index
  %k = arith.constant 5 : index
  %m = attn.splat %one sizes(%n, %k) : !attn.matrix<?x?xf32>
  %t = attn.transpose %m : !attn.matrix<?x?xf32>
  %a = attn.dim %t, 0 : !attn.matrix<?x?xf32>
  %b = attn.dim %t, 1 : !attn.matrix<?x?xf32>
  return %a, %b : index, index
}
// CHECK: @dim -> [] 5
// CHECK: @dim -> [] 4
