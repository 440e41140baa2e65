// RUN: attune-compile %s --target=reference --print | FileCheck %s

func.func @splat() -> tensor<2x?xf32> {
  %c = arith.constant 7.0 : f32
  %n = arith.constant 3 : index
  %m = attn.splat %c sizes(%n) : !attn.matrix<2x?xf32>
  %t = attn.materialize %m : !attn.matrix<2x?xf32>
  return %t : tensor<2x?xf32>
}
// CHECK: @splat -> [2, 3] 7 7 7 7 7 7

// Off the diagonal all is absent.
func.func @diagonal_scalar() -> tensor<?x?xf32> {
  %c = arith.constant 2.0 : f32
  %f = arith.constant -1.0 : f32
  %n = arith.constant 2 : index
  %m = attn.diagonal scalar(%c) sizes(%n, %n) : !attn.matrix<?x?xf32>
  %g = attn.fill %m, %f : !attn.matrix<?x?xf32>
  %t = attn.materialize %g : !attn.matrix<?x?xf32>
  return %t : tensor<?x?xf32>
}
// CHECK: @diagonal_scalar -> [2, 2] 2 -1 -1 2

func.func @diagonal_values() -> tensor<2x2x2xf32> {
  %v = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %m = attn.diagonal values(%v : tensor<2x2xf32>) : !attn.matrix<2x2x2xf32>
  %t = attn.materialize %m : !attn.matrix<2x2x2xf32>
  return %t : tensor<2x2x2xf32>
}
// CHECK: @diagonal_values -> [2, 2, 2] 1 0 0 3 2 0 0 4

func.func @offset() -> tensor<2x3xf32> {
  %m = attn.offset sizes() : !attn.matrix<2x3xf32>
  %t = attn.materialize %m : !attn.matrix<2x3xf32>
  return %t : tensor<2x3xf32>
}
// CHECK: @offset -> [2, 3] 0 -1 -2 1 0 -1

func.func @dense() -> tensor<2xf32> {
  %c = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %m = attn.dense %c : tensor<2x2xf32>
  %s = attn.row_sums %m : !attn.matrix<2x2xf32>
  return %s : tensor<2xf32>
}
// CHECK: @dense -> [2] 3 7
