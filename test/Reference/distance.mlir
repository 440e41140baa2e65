// RUN: attune-compile %s --target=reference --print | FileCheck %s

// |(0, 0) - (3, 4)|^2 = 25; a common offset of 1e8 does not cancel.
func.func @distance() -> tensor<2x2xf32> {
  %q = arith.constant dense<[[0.0, 0.0], [1.0, 1.0]]> : tensor<2x2xf32>
  %k = arith.constant dense<[[3.0, 4.0], [1.0, 1.0]]> : tensor<2x2xf32>
  %m = attn.distance %q, %k : tensor<2x2xf32>, tensor<2x2xf32>
  %t = attn.materialize %m : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// CHECK: @distance -> [2, 2] 25 2 13 0

func.func @far_away() -> tensor<1x1xf32> {
  %q = arith.constant dense<[[1.0e8]]> : tensor<1x1xf32>
  %k = arith.constant dense<[[1.00000008e8]]> : tensor<1x1xf32>
  %m = attn.distance %q, %k : tensor<1x1xf32>, tensor<1x1xf32>
  %t = attn.materialize %m : !attn.matrix<1x1xf32>
  return %t : tensor<1x1xf32>
}
// CHECK: @far_away -> [1, 1] 64
