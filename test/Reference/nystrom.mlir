// RUN: attune-compile %s --target=reference --print | FileCheck %s

// C X = [[2, 3], [0, 1], [6, 3]]; the second result is the product as it is written.
func.func @nystrom() -> (tensor<3x3xf32>, tensor<3x3xf32>) {
  %t = arith.constant dense<[[1.0, 2.0], [0.0, 1.0], [3.0, 0.0]]> : tensor<3x2xf32>
  %x = arith.constant dense<[[2.0, 1.0], [0.0, 1.0]]> : tensor<2x2xf32>
  %c = attn.dense %t : tensor<3x2xf32>
  %k = attn.nystrom %c, %x : !attn.matrix<3x2xf32>, tensor<2x2xf32>
  %a = attn.materialize %k : !attn.matrix<3x3xf32>
  %m = attn.dense %x : tensor<2x2xf32>
  %ct = attn.transpose %c : !attn.matrix<3x2xf32>
  %cx = attn.compose %c, %m : !attn.matrix<3x2xf32>, !attn.matrix<2x2xf32>
  %p = attn.compose %cx, %ct : !attn.matrix<3x2xf32>, !attn.matrix<2x3xf32>
  %b = attn.materialize %p : !attn.matrix<3x3xf32>
  return %a, %b : tensor<3x3xf32>, tensor<3x3xf32>
}
// CHECK: @nystrom -> [3, 3] 8 3 6 2 1 0 12 3 18
// CHECK-NEXT: @nystrom -> [3, 3] 8 3 6 2 1 0 12 3 18

// One C for two heads of X, two batches of C.
func.func @nystrom_heads() -> tensor<2x2x1x1xf32> {
  %t = arith.constant dense<[[[[2.0]]], [[[3.0]]]]> : tensor<2x1x1x1xf32>
  %x = arith.constant dense<[[[[1.0]], [[10.0]]]]> : tensor<1x2x1x1xf32>
  %c = attn.dense %t : tensor<2x1x1x1xf32>
  %k = attn.nystrom %c, %x : !attn.matrix<2x1x1x1xf32>, tensor<1x2x1x1xf32>
  %a = attn.materialize %k : !attn.matrix<2x2x1x1xf32>
  return %a : tensor<2x2x1x1xf32>
}
// CHECK: @nystrom_heads -> [2, 2, 1, 1] 4 40 9 90

// An absent entry of C counts as 0; a row with none has none in the product, nor has its column.
func.func @nystrom_absent() -> (tensor<3x3xf32>, tensor<3xf32>) {
  %off = arith.constant dense<[0, 1, 1, 3]> : tensor<4xi64>
  %col = arith.constant dense<[0, 0, 1]> : tensor<3xi32>
  %w = arith.constant dense<[2.0, 3.0, 5.0]> : tensor<3xf32>
  %x = arith.constant dense<[[1.0, 10.0], [100.0, 1000.0]]> : tensor<2x2xf32>
  %n = arith.constant 2 : index
  %none = arith.constant -1.0 : f32
  %c = attn.adjacency %off, %col values(%w) columns(%n) unique : tensor<4xi64>, tensor<3xi32>, tensor<3xf32>
  %k = attn.nystrom %c, %x : !attn.matrix<3x?xf32>, tensor<2x2xf32>
  %f = attn.fill %k, %none : !attn.matrix<3x3xf32>
  %a = attn.materialize %f : !attn.matrix<3x3xf32>
  %r = attn.nystrom_residual %c, %x : !attn.matrix<3x?xf32>, tensor<2x2xf32>
  return %a, %r : tensor<3x3xf32>, tensor<3xf32>
}
// Rows (2, 0) and (3, 5): C X = (2, 20) and (503, 5030).
// CHECK: @nystrom_absent -> [3, 3] 4 -1 106 -1 -1 -1 1006 -1 26659
// CHECK-NEXT: @nystrom_absent -> [3] -3 1 -26658

// Diagonals of C X C^T are 8, 1 and 18.
func.func @residual() -> (tensor<3xf32>, tensor<3xf32>) {
  %t = arith.constant dense<[[1.0, 2.0], [0.0, 1.0], [3.0, 0.0]]> : tensor<3x2xf32>
  %x = arith.constant dense<[[2.0, 1.0], [0.0, 1.0]]> : tensor<2x2xf32>
  %c = attn.dense %t : tensor<3x2xf32>
  %r = attn.nystrom_residual %c, %x : !attn.matrix<3x2xf32>, tensor<2x2xf32>
  %d = attn.nystrom_residual %c, %x {diagonal = 20.0} : !attn.matrix<3x2xf32>, tensor<2x2xf32>
  return %r, %d : tensor<3xf32>, tensor<3xf32>
}
// CHECK: @residual -> [3] -7 0 -17
// CHECK-NEXT: @residual -> [3] 12 19 2

// Rows come before heads: two batches, two rows, three heads.
func.func @residual_heads() -> tensor<2x2x3xf32> {
  %t = arith.constant dense<[[[[1.0], [2.0]]], [[[3.0], [4.0]]]]> : tensor<2x1x2x1xf32>
  %x = arith.constant dense<[[[[1.0]], [[10.0]], [[100.0]]]]> : tensor<1x3x1x1xf32>
  %c = attn.dense %t : tensor<2x1x2x1xf32>
  %r = attn.nystrom_residual %c, %x {diagonal = 0.0} : !attn.matrix<2x1x2x1xf32>, tensor<1x3x1x1xf32>
  return %r : tensor<2x2x3xf32>
}
// CHECK: @residual_heads -> [2, 2, 3] -1 -10 -100 -4 -40 -400 -9 -90 -900 -16 -160 -1600

// Landmarks that are the rows leave nothing: K (K^-1) K = K. Here K = [[1, 1/2], [1/2, 1/2]].
func.func @residual_none() -> (tensor<2xf32>, tensor<2x2xf32>) {
  %t = arith.constant dense<[[1.0, 0.5], [0.5, 0.5]]> : tensor<2x2xf32>
  %o = tensor.empty() : tensor<2x2xf32>
  %x = nn.cholesky_inverse %t outs(%o : tensor<2x2xf32>) : tensor<2x2xf32> -> tensor<2x2xf32>
  %c = attn.dense %t : tensor<2x2xf32>
  %r = attn.nystrom_residual %c, %x : !attn.matrix<2x2xf32>, tensor<2x2xf32>
  %k = attn.nystrom %c, %x : !attn.matrix<2x2xf32>, tensor<2x2xf32>
  %a = attn.materialize %k : !attn.matrix<2x2xf32>
  return %r, %a : tensor<2xf32>, tensor<2x2xf32>
}
// CHECK: @residual_none -> [2] 0 0.5
// CHECK-NEXT: @residual_none -> [2, 2] 1 0.5 0.5 0.5

// The Gaussian kernel of three points, which are the landmarks, and of one point more.
func.func @residual_gaussian() -> (tensor<3xf32>, tensor<1xf32>) {
  %p = arith.constant dense<[[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]]> : tensor<3x2xf32>
  %far = arith.constant dense<[[100.0, 0.0]]> : tensor<1x2xf32>
  %d = attn.distance %p, %p : tensor<3x2xf32>, tensor<3x2xf32>
  %k = attn.map %d : (!attn.matrix<3x3xf32>) -> !attn.matrix<3x3xf32> {
  ^bb0(%s: f32):
    %minus = arith.constant -0.5 : f32
    %h = arith.mulf %s, %minus : f32
    %e = math.exp %h : f32
    attn.yield %e : f32
  }
  %df = attn.distance %far, %p : tensor<1x2xf32>, tensor<3x2xf32>
  %kf = attn.map %df : (!attn.matrix<1x3xf32>) -> !attn.matrix<1x3xf32> {
  ^bb0(%s: f32):
    %minus = arith.constant -0.5 : f32
    %h = arith.mulf %s, %minus : f32
    %e = math.exp %h : f32
    attn.yield %e : f32
  }
  %w = attn.materialize %k : !attn.matrix<3x3xf32>
  %o = tensor.empty() : tensor<3x3xf32>
  %x = nn.cholesky_inverse %w outs(%o : tensor<3x3xf32>) : tensor<3x3xf32> -> tensor<3x3xf32>
  %r = attn.nystrom_residual %k, %x : !attn.matrix<3x3xf32>, tensor<3x3xf32>
  %f = attn.nystrom_residual %kf, %x : !attn.matrix<1x3xf32>, tensor<3x3xf32>
  return %r, %f : tensor<3xf32>, tensor<1xf32>
}
// CHECK: @residual_gaussian -> [3] {{(-?(0|[0-9.]+e-1[5-9]) ?)+$}}
// CHECK-NEXT: @residual_gaussian -> [1] 1
