// RUN: attune-compile %s --target=reference --print | FileCheck %s

// No step: alpha P with alpha = 1.8 / 4^2, 4 the largest row sum; with the ridge P is [[3, 0], [0, 5]].
func.func @newton_start() -> (tensor<2x2xf32>, tensor<2x2xf32>) {
  %x = arith.constant dense<[[2.0, 0.0], [0.0, 4.0]]> : tensor<2x2xf32>
  %s = nn.newton_inverse %x {iterations = 0} : tensor<2x2xf32>
  %r = nn.newton_inverse %x {iterations = 0, ridge = 1.0} : tensor<2x2xf32>
  return %s, %r : tensor<2x2xf32>, tensor<2x2xf32>
}
// CHECK: @newton_start -> [2, 2] 0.225 0 0 0.45
// CHECK-NEXT: @newton_start -> [2, 2] 0.3375 0 0 0.5625

// One step from [[0.1, 0.2], [0, 0.1]]: X P X is [[0.01, 0.06], [0, 0.01]]. Row sums, not column sums.
func.func @newton_step() -> tensor<2x2xf32> {
  %x = arith.constant dense<[[1.0, 2.0], [0.0, 1.0]]> : tensor<2x2xf32>
  %y = nn.newton_inverse %x {iterations = 1, factor = 0.9} : tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
// CHECK: @newton_step -> [2, 2] 0.19 0.34 0 0.19

// Twenty steps by default.
func.func @newton() -> (tensor<1x2x2xf32>, tensor<2x2xf32>) {
  %x = arith.constant dense<[[[4.0, 2.0], [2.0, 3.0]]]> : tensor<1x2x2xf32>
  %z = arith.constant dense<[[3.0, 2.0], [2.0, 2.0]]> : tensor<2x2xf32>
  %y = nn.newton_inverse %x : tensor<1x2x2xf32>
  %r = nn.newton_inverse %z {ridge = 1.0, factor = 1.0} : tensor<2x2xf32>
  return %y, %r : tensor<1x2x2xf32>, tensor<2x2xf32>
}
// CHECK: @newton -> [1, 2, 2] 0.375 -0.25 -0.25 0.5
// CHECK-NEXT: @newton -> [2, 2] 0.375 -0.25 -0.25 0.5

// A direction with eigenvalue 0 stays out; with eigenvalue 2^-30 each step doubles 1.8 * 2^-30, and
// twenty do not reach 2^30.
func.func @newton_ill() -> (tensor<2x2xf32>, tensor<2x2xf32>) {
  %x = arith.constant dense<[[1.0, 1.0], [1.0, 1.0]]> : tensor<2x2xf32>
  %z = arith.constant dense<[[1.0, 0.0], [0.0, 0x30800000]]> : tensor<2x2xf32>
  %y = nn.newton_inverse %x : tensor<2x2xf32>
  %w = nn.newton_inverse %z : tensor<2x2xf32>
  return %y, %w : tensor<2x2xf32>, tensor<2x2xf32>
}
// CHECK: @newton_ill -> [2, 2] 0.25 0.25 0.25 0.25
// CHECK-NEXT: @newton_ill -> [2, 2] 1 0 0 0.00175781

// Row sums of 0 give no start.
func.func @newton_zero() -> tensor<1x1xf32> {
  %x = arith.constant dense<0.0> : tensor<1x1xf32>
  %y = nn.newton_inverse %x : tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}
// CHECK: @newton_zero -> [1, 1] nan

// Alpha is 1 / 2^2 and 1 / 4^2, or 1 / 4^2 for both.
func.func @newton_whole() -> (tensor<2x1x1xf32>, tensor<2x1x1xf32>) {
  %x = arith.constant dense<[[[2.0]], [[4.0]]]> : tensor<2x1x1xf32>
  %y = nn.newton_inverse %x {iterations = 0, factor = 1.0} : tensor<2x1x1xf32>
  %w = nn.newton_inverse %x {iterations = 0, factor = 1.0, whole_tensor} : tensor<2x1x1xf32>
  return %y, %w : tensor<2x1x1xf32>, tensor<2x1x1xf32>
}
// CHECK: @newton_whole -> [2, 1, 1] 0.5 0.25
// CHECK-NEXT: @newton_whole -> [2, 1, 1] 0.125 0.25

// |1 - P X| is 0 and 3 for alpha = 1, 1/2 and 1 for alpha = 1/2, 3/4 and 0 for alpha = 1/4.
func.func @newton_halvings() -> (tensor<2x1x1xf32>, tensor<2x1x1xf32>, tensor<2x1x1xf32>) {
  %x = arith.constant dense<[[[1.0]], [[2.0]]]> : tensor<2x1x1xf32>
  %one = nn.newton_inverse %x {iterations = 0, factor = 4.0, whole_tensor, bound = 1.0, max_halvings = 9}
      : tensor<2x1x1xf32>
  %two = nn.newton_inverse %x {iterations = 0, factor = 4.0, whole_tensor, bound = 0.8, max_halvings = 9}
      : tensor<2x1x1xf32>
  %most = nn.newton_inverse %x {iterations = 0, factor = 4.0, whole_tensor, bound = 0.1, max_halvings = 3}
      : tensor<2x1x1xf32>
  return %one, %two, %most : tensor<2x1x1xf32>, tensor<2x1x1xf32>, tensor<2x1x1xf32>
}
// CHECK: @newton_halvings -> [2, 1, 1] 0.5 1
// CHECK-NEXT: @newton_halvings -> [2, 1, 1] 0.25 0.5
// CHECK-NEXT: @newton_halvings -> [2, 1, 1] 0.125 0.25

// The distance is a column sum: |I - P P| = [[0, 1], [0, 1]] has column sums 0 and 2, row sums 1 and 1.
func.func @newton_columns() -> tensor<2x2xf32> {
  %x = arith.constant dense<[[1.0, 1.0], [0.0, 0.0]]> : tensor<2x2xf32>
  %y = nn.newton_inverse %x {iterations = 0, factor = 4.0, whole_tensor, bound = 1.5, max_halvings = 9}
      : tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
// CHECK: @newton_columns -> [2, 2] 0.5 0.5 0 0

func.func @newton_empty() -> tensor<0x2x2xf32> {
  %x = arith.constant dense<0.0> : tensor<0x2x2xf32>
  %y = nn.newton_inverse %x {whole_tensor} : tensor<0x2x2xf32>
  return %y : tensor<0x2x2xf32>
}
// CHECK: @newton_empty -> [0, 2, 2]{{ *$}}

// What stands above the diagonal is not read.
func.func @cholesky() -> (tensor<2x2xf32>, tensor<2x2xf32>) {
  %x = arith.constant dense<[[4.0, 0x7FC00000], [2.0, 3.0]]> : tensor<2x2xf32>
  %z = arith.constant dense<[[3.0, 2.0], [2.0, 2.0]]> : tensor<2x2xf32>
  %o = tensor.empty() : tensor<2x2xf32>
  %y = nn.cholesky_inverse %x outs(%o : tensor<2x2xf32>) : tensor<2x2xf32> -> tensor<2x2xf32>
  %r = nn.cholesky_inverse %z outs(%o : tensor<2x2xf32>) {ridge = 1.0} : tensor<2x2xf32> -> tensor<2x2xf32>
  return %y, %r : tensor<2x2xf32>, tensor<2x2xf32>
}
// CHECK: @cholesky -> [2, 2] 0.375 -0.25 -0.25 0.5
// CHECK-NEXT: @cholesky -> [2, 2] 0.375 -0.25 -0.25 0.5

// L = [[2, 0, 0], [1, 1, 0], [1, 1, 1]].
func.func @cholesky_three() -> tensor<3x3xf32> {
  %x = arith.constant dense<[[4.0, 2.0, 2.0], [2.0, 2.0, 2.0], [2.0, 2.0, 3.0]]> : tensor<3x3xf32>
  %o = tensor.empty() : tensor<3x3xf32>
  %y = nn.cholesky_inverse %x outs(%o : tensor<3x3xf32>) : tensor<3x3xf32> -> tensor<3x3xf32>
  return %y : tensor<3x3xf32>
}
// CHECK: @cholesky_three -> [3, 3] 0.5 -0.5 0 -0.5 2 -1 0 -1 1

// Neighbours of a matrix that is not positive definite do not see it: pivots 1 and -3, 1 and 0, infinity.
func.func @cholesky_broken() -> tensor<4x2x2xf32> {
  %x = arith.constant dense<[[[1.0, 2.0], [2.0, 1.0]], [[4.0, 2.0], [2.0, 3.0]], [[1.0, 1.0], [1.0, 1.0]],
                             [[0x7F800000, 0.0], [0.0, 1.0]]]> : tensor<4x2x2xf32>
  %o = tensor.empty() : tensor<4x2x2xf32>
  %y = nn.cholesky_inverse %x outs(%o : tensor<4x2x2xf32>) : tensor<4x2x2xf32> -> tensor<4x2x2xf32>
  return %y : tensor<4x2x2xf32>
}
// CHECK: @cholesky_broken -> [4, 2, 2] nan nan nan nan 0.375 -0.25 -0.25 0.5 nan nan nan nan nan nan nan nan

func.func @cholesky_numbers() -> tensor<1x4x1x1xf32> {
  %x = arith.constant dense<[[[[4.0]], [[0.0]], [[-1.0]], [[0x7FC00000]]]]> : tensor<1x4x1x1xf32>
  %o = tensor.empty() : tensor<1x4x1x1xf32>
  %y = nn.cholesky_inverse %x outs(%o : tensor<1x4x1x1xf32>) : tensor<1x4x1x1xf32> -> tensor<1x4x1x1xf32>
  return %y : tensor<1x4x1x1xf32>
}
// CHECK: @cholesky_numbers -> [1, 4, 1, 1] 0.25 nan nan nan
