// The examples of docs/spec/nn.md, with the results that the reference gives.
//
// RUN: attune-compile %s --target=reference --print | FileCheck %s --check-prefix=RESULT

// DOC: linear
func.func @linear() -> tensor<2x1xf32> {
  %x = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %w = arith.constant dense<[[10.0, 1.0]]> : tensor<1x2xf32>
  %b = arith.constant dense<[0.5]> : tensor<1xf32>
  %y = nn.linear %x, %w bias(%b) : tensor<2x2xf32>, tensor<1x2xf32>, tensor<1xf32>
  return %y : tensor<2x1xf32>
}
// RESULT: @linear -> [2, 1] 12.5 34.5
// DOC-END

// DOC: layer_norm
func.func @layer_norm() -> tensor<1x4xf32> {
  %x = arith.constant dense<[[1.0, 1.0, 3.0, 3.0]]> : tensor<1x4xf32>
  %w = arith.constant dense<[1.0, 1.0, 1.0, 10.0]> : tensor<4xf32>
  %b = arith.constant dense<[0.0, 0.0, 5.0, 0.0]> : tensor<4xf32>
  %y = nn.layer_norm %x, %w, %b {epsilon = 1.0e-30} : tensor<1x4xf32>, tensor<4xf32>, tensor<4xf32>
  return %y : tensor<1x4xf32>
}
// RESULT: @layer_norm -> [1, 4] -1 -1 6 10
// DOC-END

// DOC: relu
func.func @relu() -> tensor<3xf32> {
  %x = arith.constant dense<[-1.0, 2.0, 0x7FC00000]> : tensor<3xf32>
  %y = nn.relu %x : tensor<3xf32>
  return %y : tensor<3xf32>
}
// RESULT: @relu -> [3] 0 2 nan
// DOC-END

// DOC: map
func.func @map() -> tensor<2xf32> {
  %x = arith.constant dense<[4.0, 0.25]> : tensor<2xf32>
  %y = nn.map %x : (tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%e: f32):
    %r = math.rsqrt %e : f32
    attn.yield %r : f32
  }
  return %y : tensor<2xf32>
}
// RESULT: @map -> [2] 0.5 2
// DOC-END

// DOC: mean
func.func @mean() -> tensor<1x2xf32> {
  %x = arith.constant dense<[[[1.0, 10.0], [3.0, 30.0]]]> : tensor<1x2x2xf32>
  %y = nn.mean %x dim 1 : tensor<1x2x2xf32>
  return %y : tensor<1x2xf32>
}
// RESULT: @mean -> [1, 2] 2 20
// DOC-END

// DOC: frobenius_norm
func.func @frobenius_norm() -> tensor<1xf32> {
  %x = arith.constant dense<[[3.0], [4.0]]> : tensor<2x1xf32>
  %n = nn.frobenius_norm %x : tensor<2x1xf32>
  %t = tensor.from_elements %n : tensor<1xf32>
  return %t : tensor<1xf32>
}
// RESULT: @frobenius_norm -> [1] 5
// DOC-END

// DOC: frobenius_normalize
func.func @frobenius_normalize() -> tensor<2x1xf32> {
  %x = arith.constant dense<[[3.0], [4.0]]> : tensor<2x1xf32>
  %y = nn.frobenius_normalize %x : tensor<2x1xf32>
  return %y : tensor<2x1xf32>
}
// RESULT: @frobenius_normalize -> [2, 1] 0.6 0.8
// DOC-END

// DOC: gather
func.func @gather() -> tensor<3xf32> {
  %t = arith.constant dense<[10.0, 20.0]> : tensor<2xf32>
  %i = arith.constant dense<[1, 0, 1]> : tensor<3xi64>
  %y = nn.gather %t, %i : tensor<2xf32>, tensor<3xi64>
  return %y : tensor<3xf32>
}
// RESULT: @gather -> [3] 20 10 20
// DOC-END

// DOC: csr
func.func @csr() -> (tensor<3xi64>, tensor<3xi32>, tensor<3xi32>) {
  // Edges 0 -> 1, 1 -> 0 and 1 -> 1: a row is a target.
  %list = arith.constant dense<[[0, 1, 1], [1, 0, 1]]> : tensor<2x3xi64>
  %o = tensor.empty() : tensor<3xi64>
  %c = tensor.empty() : tensor<3xi32>
  %e = tensor.empty() : tensor<3xi32>
  %r:3 = nn.csr %list outs(%o, %c, %e : tensor<3xi64>, tensor<3xi32>, tensor<3xi32>)
      : tensor<2x3xi64> -> tensor<3xi64>, tensor<3xi32>, tensor<3xi32>
  return %r#0, %r#1, %r#2 : tensor<3xi64>, tensor<3xi32>, tensor<3xi32>
}
// RESULT: @csr -> [3] 0 1 3
// RESULT-NEXT: @csr -> [3] 1 0 1
// RESULT-NEXT: @csr -> [3] 1 0 2
// DOC-END

// DOC: conv2d
func.func @conv2d() -> tensor<1x2x2x1xf32> {
  %x = arith.constant dense<[[[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]], [[7.0], [8.0], [9.0]]]]>
      : tensor<1x3x3x1xf32>
  // The sum of a 3 x 3 square, at every second pixel; what lies outside counts as 0.
  %w = arith.constant dense<1.0> : tensor<1x1x3x3xf32>
  %b = arith.constant dense<[100.0]> : tensor<1xf32>
  %y = nn.conv2d %x, %w bias(%b) strides [2, 2] padding [1, 1]
      : tensor<1x3x3x1xf32>, tensor<1x1x3x3xf32>, tensor<1xf32>
  return %y : tensor<1x2x2x1xf32>
}
// RESULT: @conv2d -> [1, 2, 2, 1] 112 116 124 128
// DOC-END

// DOC: batch_norm
func.func @batch_norm() -> tensor<2x2xf32> {
  %x = arith.constant dense<[[1.0, 2.0], [3.0, 6.0]]> : tensor<2x2xf32>
  %m = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %v = arith.constant dense<[3.0, 0.0]> : tensor<2xf32>
  %w = arith.constant dense<[2.0, 10.0]> : tensor<2xf32>
  %b = arith.constant dense<[0.0, 5.0]> : tensor<2xf32>
  %y = nn.batch_norm %x, %m, %v, %w, %b {epsilon = 1.0}
      : tensor<2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
  return %y : tensor<2x2xf32>
}
// RESULT: @batch_norm -> [2, 2] 0 5 2 45
// DOC-END

// DOC: gelu
func.func @gelu() -> (tensor<3xf32>, tensor<3xf32>) {
  %x = arith.constant dense<[0.0, 1.0, -1.0]> : tensor<3xf32>
  %y = nn.gelu %x : tensor<3xf32>
  %z = nn.gelu %x tanh : tensor<3xf32>
  return %y, %z : tensor<3xf32>, tensor<3xf32>
}
// RESULT: @gelu -> [3] 0 0.841345 -0.158655
// RESULT-NEXT: @gelu -> [3] 0 0.841192 -0.158808
// DOC-END

// DOC: interpolate
func.func @interpolate() -> tensor<1x4x1xf32> {
  // Places 0, 1/4, 3/4 and 1 of the input.
  %x = arith.constant dense<[[[0.0], [8.0]]]> : tensor<1x2x1xf32>
  %y = nn.interpolate %x to [1, 4] : tensor<1x2x1xf32>
  return %y : tensor<1x4x1xf32>
}
// RESULT: @interpolate -> [1, 4, 1] 0 2 6 8
// DOC-END

// DOC: newton_inverse
func.func @newton_inverse() -> (tensor<2x2xf32>, tensor<2x2xf32>) {
  %x = arith.constant dense<[[2.0, 0.0], [0.0, 4.0]]> : tensor<2x2xf32>
  // The start is 1.6 / 4^2 x.
  %first = nn.newton_inverse %x {iterations = 0, factor = 1.6} : tensor<2x2xf32>
  %last = nn.newton_inverse %x {factor = 1.6} : tensor<2x2xf32>
  return %first, %last : tensor<2x2xf32>, tensor<2x2xf32>
}
// RESULT: @newton_inverse -> [2, 2] 0.2 0 0 0.4
// RESULT-NEXT: @newton_inverse -> [2, 2] 0.5 0 0 0.25
// DOC-END

// DOC: cholesky_inverse
func.func @cholesky_inverse() -> tensor<2x2x2xf32> {
  // The second matrix is not positive definite.
  %x = arith.constant dense<[[[4.0, 2.0], [2.0, 3.0]], [[1.0, 2.0], [2.0, 1.0]]]> : tensor<2x2x2xf32>
  %o = tensor.empty() : tensor<2x2x2xf32>
  %y = nn.cholesky_inverse %x outs(%o : tensor<2x2x2xf32>) : tensor<2x2x2xf32> -> tensor<2x2x2xf32>
  return %y : tensor<2x2x2xf32>
}
// RESULT: @cholesky_inverse -> [2, 2, 2] 0.375 -0.25 -0.25 0.5 nan nan nan nan
// DOC-END

// DOC: segment_pool
func.func @segment_pool() -> tensor<3x2xf32> {
  // Rows 0 and 1, none, row 2.
  %x = arith.constant dense<[[1.0, 10.0], [3.0, 30.0], [5.0, 50.0]]> : tensor<3x2xf32>
  %offsets = arith.constant dense<[0, 2, 2, 3]> : tensor<4xi64>
  %o = tensor.empty() : tensor<3x2xf32>
  %y = nn.segment_pool mean %x, %offsets outs(%o : tensor<3x2xf32>)
      : tensor<3x2xf32>, tensor<4xi64> -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}
// RESULT: @segment_pool -> [3, 2] 2 20 0 0 5 50
// DOC-END

// DOC: hop_layout
func.func @hop_layout() -> tensor<3xi64> {
  // Two graphs: 0 -> 1 -> 2, and node 3.
  %offsets = arith.constant dense<[0, 1, 2, 2, 2]> : tensor<5xi64>
  %columns = arith.constant dense<[1, 2]> : tensor<2xi32>
  %graphs = arith.constant dense<[0, 3, 4]> : tensor<3xi64>
  %o = tensor.empty() : tensor<3xi64>
  %starts = nn.hop_layout %offsets, %columns, %graphs outs(%o : tensor<3xi64>)
      : tensor<5xi64>, tensor<2xi32>, tensor<3xi64> -> tensor<3xi64>
  return %starts : tensor<3xi64>
}
// RESULT: @hop_layout -> [3] 0 9 10
// DOC-END

// DOC: hop_table
func.func @hop_table() -> tensor<10xi8> {
  // Two graphs: 0 -> 1 -> 2, and node 3. There is no way back: 255, which prints as -1.
  %offsets = arith.constant dense<[0, 1, 2, 2, 2]> : tensor<5xi64>
  %columns = arith.constant dense<[1, 2]> : tensor<2xi32>
  %graphs = arith.constant dense<[0, 3, 4]> : tensor<3xi64>
  %starts = arith.constant dense<[0, 9, 10]> : tensor<3xi64>
  %o = tensor.empty() : tensor<10xi8>
  %table = nn.hop_table %offsets, %columns, %graphs, %starts outs(%o : tensor<10xi8>)
      : tensor<5xi64>, tensor<2xi32>, tensor<3xi64>, tensor<3xi64> -> tensor<10xi8>
  return %table : tensor<10xi8>
}
// RESULT: @hop_table -> [10] 0 1 2 -1 0 1 -1 -1 0 0
// DOC-END
