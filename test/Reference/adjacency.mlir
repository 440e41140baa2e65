// RUN: attune-compile %s --target=reference --print | FileCheck %s

// Row 0 holds the edges to 1 and, twice, to 2; row 1 none; row 2 one to 0. Doubled edges add up.
func.func @ones() -> tensor<3x3xf32> {
  %offsets = arith.constant dense<[0, 3, 3, 4]> : tensor<4xi64>
  %columns = arith.constant dense<[1, 2, 2, 0]> : tensor<4xi32>
  %n = arith.constant 3 : index
  %a = attn.adjacency %offsets, %columns columns(%n) : tensor<4xi64>, tensor<4xi32>
  %t = attn.materialize %a : !attn.matrix<3x?xf32>
  %r = tensor.cast %t : tensor<3x?xf32> to tensor<3x3xf32>
  return %r : tensor<3x3xf32>
}
// CHECK: @ones -> [3, 3] 0 1 2 0 0 0 1 0 0

// One value for each head: [NNZ, H].
func.func @values() -> tensor<2x2x?xf32> {
  %offsets = arith.constant dense<[0, 1, 2]> : tensor<3xi64>
  %columns = arith.constant dense<[1, 0]> : tensor<2xi32>
  %values = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %n = arith.constant 2 : index
  %a = attn.adjacency %offsets, %columns values(%values) columns(%n)
      : tensor<3xi64>, tensor<2xi32>, tensor<2x2xf32>
  %t = attn.materialize %a : !attn.matrix<2x2x?xf32>
  return %t : tensor<2x2x?xf32>
}
// CHECK: @values -> [2, 2, 2] 0 1 3 0 0 2 4 0

// Pairs without an edge are absent, not 0; an edge of value 0 is present.
func.func @absent() -> tensor<2x?xf32> {
  %offsets = arith.constant dense<[0, 1, 2]> : tensor<3xi64>
  %columns = arith.constant dense<[1, 0]> : tensor<2xi32>
  %values = arith.constant dense<[0.0, 5.0]> : tensor<2xf32>
  %n = arith.constant 2 : index
  %c = arith.constant -1.0 : f32
  %a = attn.adjacency %offsets, %columns values(%values) columns(%n) unique
      : tensor<3xi64>, tensor<2xi32>, tensor<2xf32>
  %f = attn.fill %a, %c : !attn.matrix<2x?xf32>
  %t = attn.materialize %f : !attn.matrix<2x?xf32>
  return %t : tensor<2x?xf32>
}
// CHECK: @absent -> [2, 2] -1 0 5 -1
