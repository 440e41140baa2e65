// RUN: attune-compile %s --target=reference --print | FileCheck %s

// Present entries keep their value, 0 included; afterwards all are present and count.
func.func @fill() -> (tensor<2x2xf32>, tensor<2xf32>) {
  %c = arith.constant dense<[[0.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %f = arith.constant 10.0 : f32
  %m = attn.dense %c : tensor<2x2xf32>
  %r = attn.restrict %m causal : !attn.matrix<2x2xf32>
  %g = attn.fill %r, %f : !attn.matrix<2x2xf32>
  %t = attn.materialize %g : !attn.matrix<2x2xf32>
  %s = attn.row_sums %g : !attn.matrix<2x2xf32>
  return %t, %s : tensor<2x2xf32>, tensor<2xf32>
}
// CHECK: @fill -> [2, 2] 0 10 3 4
// CHECK: @fill -> [2] 10 7
