// RUN: attune-compile %s --target=reference --print | FileCheck %s

func.func @linear() -> tensor<2x2xf32> {
  %x = arith.constant dense<[[1.0, 2.0, 3.0], [0.0, 0.0, 1.0]]> : tensor<2x3xf32>
  %w = arith.constant dense<[[1.0, 1.0, 1.0], [0.0, 0.0, 2.0]]> : tensor<2x3xf32>
  %b = arith.constant dense<[10.0, 20.0]> : tensor<2xf32>
  %y = nn.linear %x, %w bias(%b) : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2xf32>
  return %y : tensor<2x2xf32>
}
// CHECK: @linear -> [2, 2] 16 26 11 22

// Mean 2, variance 1 + 3 = 4 with epsilon 3: (x - 2) / 2.
func.func @layer_norm() -> tensor<1x2xf32> {
  %x = arith.constant dense<[[1.0, 3.0]]> : tensor<1x2xf32>
  %w = arith.constant dense<[1.0, 10.0]> : tensor<2xf32>
  %b = arith.constant dense<[100.0, 200.0]> : tensor<2xf32>
  %y = nn.layer_norm %x, %w, %b {epsilon = 3.0} : tensor<1x2xf32>, tensor<2xf32>, tensor<2xf32>
  return %y : tensor<1x2xf32>
}
// CHECK: @layer_norm -> [1, 2] 99.5 205

func.func @relu() -> tensor<3xf32> {
  %x = arith.constant dense<[-1.0, 0x7FC00000, 2.0]> : tensor<3xf32>
  %y = nn.relu %x : tensor<3xf32>
  return %y : tensor<3xf32>
}
// CHECK: @relu -> [3] 0 nan 2

func.func @map() -> tensor<2xf32> {
  %x = arith.constant dense<[4.0, 9.0]> : tensor<2xf32>
  %y = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %c = arith.constant 10.0 : f32
  %z = nn.map %x, %y scalars(%c) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%a: f32, %b: f32, %s: f32):
    %r = math.sqrt %a : f32
    %p = arith.mulf %b, %s : f32
    %o = arith.addf %r, %p : f32
    attn.yield %o : f32
  }
  return %z : tensor<2xf32>
}
// CHECK: @map -> [2] 12 23

func.func @mean() -> (tensor<2x1xf32>, tensor<1xf32>) {
  %x = arith.constant dense<[[[1.0], [3.0]], [[5.0], [9.0]]]> : tensor<2x2x1xf32>
  %y = nn.mean %x dim 1 : tensor<2x2x1xf32>
  %e = arith.constant dense<[[]]> : tensor<1x0xf32>
  %n = nn.mean %e dim 1 : tensor<1x0xf32>
  return %y, %n : tensor<2x1xf32>, tensor<1xf32>
}
// CHECK: @mean -> [2, 1] 2 7
// CHECK: @mean -> [1] nan

func.func @frobenius() -> (f32, tensor<1x2x1xf32>, tensor<1xf32>) {
  %x = arith.constant dense<[[[3.0], [4.0]]]> : tensor<1x2x1xf32>
  %z = arith.constant dense<0.0> : tensor<1xf32>
  %n = nn.frobenius_norm %x : tensor<1x2x1xf32>
  %y = nn.frobenius_normalize %x : tensor<1x2x1xf32>
  %u = nn.frobenius_normalize %z : tensor<1xf32>
  return %n, %y, %u : f32, tensor<1x2x1xf32>, tensor<1xf32>
}
// CHECK: @frobenius -> [] 5
// CHECK: @frobenius -> [1, 2, 1] 0.6 0.8
// CHECK: @frobenius -> [1] nan

func.func @gather() -> tensor<3x2xf32> {
  %x = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %i = arith.constant dense<[1, 0, 1]> : tensor<3xi32>
  %y = nn.gather %x, %i : tensor<2x2xf32>, tensor<3xi32>
  return %y : tensor<3x2xf32>
}
// CHECK: @gather -> [3, 2] 3 4 1 2 3 4

// Edges 2 -> 0, 1 -> 2, 2 -> 2, 0 -> 0 by target: row 0 has sources 2 and 0, row 2 has 1 and 2.
func.func @csr() -> (tensor<4xi64>, tensor<4xi32>, tensor<4xi32>) {
  %e = arith.constant dense<[[2, 1, 2, 0], [0, 2, 2, 0]]> : tensor<2x4xi64>
  %o = tensor.empty() : tensor<4xi64>
  %c = tensor.empty() : tensor<4xi32>
  %n = tensor.empty() : tensor<4xi32>
  %r:3 = nn.csr %e outs(%o, %c, %n : tensor<4xi64>, tensor<4xi32>, tensor<4xi32>)
      : tensor<2x4xi64> -> tensor<4xi64>, tensor<4xi32>, tensor<4xi32>
  return %r#0, %r#1, %r#2 : tensor<4xi64>, tensor<4xi32>, tensor<4xi32>
}
// CHECK: @csr -> [4] 0 2 2 4
// CHECK: @csr -> [4] 2 0 1 2
// CHECK: @csr -> [4] 0 3 1 2

func.func @csr_without_self_loops() -> (tensor<4xi64>, tensor<4xi32>, tensor<4xi32>) {
  %e = arith.constant dense<[[2, 1, 2, 0], [0, 2, 2, 0]]> : tensor<2x4xi64>
  %o = tensor.empty() : tensor<4xi64>
  %c = tensor.empty() : tensor<4xi32>
  %n = tensor.empty() : tensor<4xi32>
  %r:3 = nn.csr %e outs(%o, %c, %n : tensor<4xi64>, tensor<4xi32>, tensor<4xi32>) drop_self_loops
      : tensor<2x4xi64> -> tensor<4xi64>, tensor<4xi32>, tensor<4xi32>
  return %r#0, %r#1, %r#2 : tensor<4xi64>, tensor<4xi32>, tensor<4xi32>
}
// CHECK: @csr_without_self_loops -> [4] 0 1 1 2
// CHECK: @csr_without_self_loops -> [4] 2 1 0 0
// CHECK: @csr_without_self_loops -> [4] 0 1 0 0
