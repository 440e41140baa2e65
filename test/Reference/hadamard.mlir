// RUN: attune-compile %s --target=reference --print | FileCheck %s

// The intersection of causal and its transpose is the diagonal.
func.func @intersection() -> tensor<2x2xf32> {
  %c = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %f = arith.constant -1.0 : f32
  %m = attn.dense %c : tensor<2x2xf32>
  %l = attn.restrict %m causal : !attn.matrix<2x2xf32>
  %u = attn.transpose %l : !attn.matrix<2x2xf32>
  %a = attn.hadamard %l, %u : !attn.matrix<2x2xf32>, !attn.matrix<2x2xf32>
  %g = attn.fill %a, %f : !attn.matrix<2x2xf32>
  %t = attn.materialize %g : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// CHECK: @intersection -> [2, 2] 1 -1 -1 16
