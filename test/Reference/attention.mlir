// RUN: attune-compile %s --target=reference --print | FileCheck %s

// s = 2 q k = (0, 2 ln 3 / 2) for q = 1, k = (0, ln 3 / 2): weights 1/4 and 3/4.
func.func @softmax() -> tensor<1x1xf32> {
  %q = arith.constant dense<[[1.0]]> : tensor<1x1xf32>
  %k = arith.constant dense<[[0.0], [0.549306144]]> : tensor<2x1xf32>
  %v = arith.constant dense<[[4.0], [8.0]]> : tensor<2x1xf32>
  %o = attn.attention %q, %k, %v kernel = "exp" normalize = "softmax" {scale = 2.0}
      : tensor<1x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>
  return %o : tensor<1x1xf32>
}
// CHECK: @softmax -> [1, 1] 7

// Causal rows of 1 + q k: (2), then (3, 5) / 8.
func.func @linear_causal() -> tensor<2x1xf32> {
  %q = arith.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %v = arith.constant dense<[[8.0], [16.0]]> : tensor<2x1xf32>
  %o = attn.attention %q, %q, %v kernel = "linear" normalize = "rows" causal
      : tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>
  return %o : tensor<2x1xf32>
}
// CHECK: @linear_causal -> [2, 1] 8 13

// exp(-|q - k|^2 / 2) of equal points is 1; segments keep the far one out.
func.func @gaussian_segments() -> tensor<2x1xf32> {
  %q = arith.constant dense<[[1.0], [1.0]]> : tensor<2x1xf32>
  %v = arith.constant dense<[[3.0], [5.0]]> : tensor<2x1xf32>
  %offsets = arith.constant dense<[0, 1, 2]> : tensor<3xi64>
  %o = attn.attention %q, %q, %v kernel = "gaussian" normalize = "none"
      segments(%offsets : tensor<3xi64>) : tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>
  return %o : tensor<2x1xf32>
}
// CHECK: @gaussian_segments -> [2, 1] 3 5

// relu(-1) is 0 but present; sigmoid(0) is 1/2; the key mask leaves one column.
func.func @relu_and_sigmoid() -> (tensor<1x1xf32>, tensor<1x1xf32>) {
  %q = arith.constant dense<[[1.0]]> : tensor<1x1xf32>
  %k = arith.constant dense<[[-1.0], [0.0], [2.0]]> : tensor<3x1xf32>
  %v = arith.constant dense<[[1.0], [10.0], [100.0]]> : tensor<3x1xf32>
  %keep = arith.constant dense<[0, 1, 0]> : tensor<3xi8>
  %o = attn.attention %q, %k, %v kernel = "relu" normalize = "none"
      : tensor<1x1xf32>, tensor<3x1xf32>, tensor<3x1xf32>
  %p = attn.attention %q, %k, %v kernel = "sigmoid" normalize = "none" key_mask(%keep : tensor<3xi8>)
      : tensor<1x1xf32>, tensor<3x1xf32>, tensor<3x1xf32>
  return %o, %p : tensor<1x1xf32>, tensor<1x1xf32>
}
// CHECK: @relu_and_sigmoid -> [1, 1] 200
// CHECK: @relu_and_sigmoid -> [1, 1] 5
