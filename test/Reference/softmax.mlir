// RUN: attune-compile %s --target=reference --print | FileCheck %s

// exp(0), exp(ln 3): 1/4 and 3/4. The absent 1000 of row 0 does not count.
func.func @softmax() -> tensor<2x2xf32> {
  %c = arith.constant dense<[[5.0, 1000.0], [0.0, 1.09861229]]> : tensor<2x2xf32>
  %f = arith.constant -1.0 : f32
  %m = attn.dense %c : tensor<2x2xf32>
  %l = attn.restrict %m causal : !attn.matrix<2x2xf32>
  %a = attn.softmax %l : !attn.matrix<2x2xf32>
  %g = attn.fill %a, %f : !attn.matrix<2x2xf32>
  %t = attn.materialize %g : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// CHECK: @softmax -> [2, 2] 1 -1 0.25 0.75

// Large entries do not overflow.
func.func @large() -> tensor<1x2xf32> {
  %c = arith.constant dense<[[10000.0, 10000.0]]> : tensor<1x2xf32>
  %m = attn.dense %c : tensor<1x2xf32>
  %a = attn.softmax %m : !attn.matrix<1x2xf32>
  %t = attn.materialize %a : !attn.matrix<1x2xf32>
  return %t : tensor<1x2xf32>
}
// CHECK: @large -> [1, 2] 0.5 0.5

// A row without entries stays empty; nothing in it becomes NaN.
func.func @empty_row() -> tensor<1x1xf32> {
  %c = arith.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %v = arith.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %keep = arith.constant dense<[0, 0]> : tensor<2xi8>
  %m = attn.dense %c : tensor<1x2xf32>
  %r = attn.restrict %m key_mask(%keep : tensor<2xi8>) : !attn.matrix<1x2xf32>
  %a = attn.softmax %r : !attn.matrix<1x2xf32>
  %o = attn.apply %a, %v : !attn.matrix<1x2xf32>, tensor<2x1xf32>
  return %o : tensor<1x1xf32>
}
// CHECK: @empty_row -> [1, 1] 0
