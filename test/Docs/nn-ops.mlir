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
