// RUN: attune-compile %s --target=reference --print | FileCheck %s

// Every mask on a 3 x 3 matrix of ones; what it cuts reads -1.
func.func private @show(%t: tensor<3x3xf32>) -> tensor<3x3xf32> {
  return %t : tensor<3x3xf32>
}

func.func @segments() -> tensor<3x3xf32> {
  %one = arith.constant 1.0 : f32
  %f = arith.constant -1.0 : f32
  %offsets = arith.constant dense<[0, 1, 1, 3]> : tensor<4xi64>
  %m = attn.splat %one sizes() : !attn.matrix<3x3xf32>
  %r = attn.restrict %m segments(%offsets : tensor<4xi64>) : !attn.matrix<3x3xf32>
  %g = attn.fill %r, %f : !attn.matrix<3x3xf32>
  %t = attn.materialize %g : !attn.matrix<3x3xf32>
  %s = call @show(%t) : (tensor<3x3xf32>) -> tensor<3x3xf32>
  return %s : tensor<3x3xf32>
}
// CHECK: @segments -> [3, 3] 1 -1 -1 -1 1 1 -1 1 1

func.func @causal() -> tensor<3x3xf32> {
  %one = arith.constant 1.0 : f32
  %f = arith.constant -1.0 : f32
  %m = attn.splat %one sizes() : !attn.matrix<3x3xf32>
  %r = attn.restrict %m causal : !attn.matrix<3x3xf32>
  %g = attn.fill %r, %f : !attn.matrix<3x3xf32>
  %t = attn.materialize %g : !attn.matrix<3x3xf32>
  return %t : tensor<3x3xf32>
}
// CHECK: @causal -> [3, 3] 1 -1 -1 1 1 -1 1 1 1

func.func @window() -> tensor<3x3xf32> {
  %one = arith.constant 1.0 : f32
  %f = arith.constant -1.0 : f32
  %m = attn.splat %one sizes() : !attn.matrix<3x3xf32>
  %r = attn.restrict %m window [0, 1] : !attn.matrix<3x3xf32>
  %g = attn.fill %r, %f : !attn.matrix<3x3xf32>
  %t = attn.materialize %g : !attn.matrix<3x3xf32>
  return %t : tensor<3x3xf32>
}
// CHECK: @window -> [3, 3] 1 1 -1 -1 1 1 -1 -1 1

func.func @key_mask() -> tensor<3x3xf32> {
  %one = arith.constant 1.0 : f32
  %f = arith.constant -1.0 : f32
  %keep = arith.constant dense<[1, 0, 2]> : tensor<3xi8>
  %m = attn.splat %one sizes() : !attn.matrix<3x3xf32>
  %r = attn.restrict %m key_mask(%keep : tensor<3xi8>) : !attn.matrix<3x3xf32>
  %g = attn.fill %r, %f : !attn.matrix<3x3xf32>
  %t = attn.materialize %g : !attn.matrix<3x3xf32>
  return %t : tensor<3x3xf32>
}
// CHECK: @key_mask -> [3, 3] 1 -1 1 1 -1 1 1 -1 1

// One mask for each batch element.
func.func @key_mask_batched() -> tensor<2x1x1x2xf32> {
  %one = arith.constant 1.0 : f32
  %f = arith.constant -1.0 : f32
  %keep = arith.constant dense<[[true, false], [false, true]]> : tensor<2x2xi1>
  %m = attn.splat %one sizes() : !attn.matrix<2x1x1x2xf32>
  %r = attn.restrict %m key_mask(%keep : tensor<2x2xi1>) : !attn.matrix<2x1x1x2xf32>
  %g = attn.fill %r, %f : !attn.matrix<2x1x1x2xf32>
  %t = attn.materialize %g : !attn.matrix<2x1x1x2xf32>
  return %t : tensor<2x1x1x2xf32>
}
// CHECK: @key_mask_batched -> [2, 1, 1, 2] 1 -1 -1 1

// What lies outside is never read: NaN of the other segment does not leak.
func.func @no_leak() -> tensor<2x1xf32> {
  %c = arith.constant dense<[[1.0, 0x7FC00000], [0x7FC00000, 0x7FC00000]]> : tensor<2x2xf32>
  %v = arith.constant dense<[[3.0], [0x7F800000]]> : tensor<2x1xf32>
  %offsets = arith.constant dense<[0, 1, 2]> : tensor<3xi64>
  %m = attn.dense %c : tensor<2x2xf32>
  %r = attn.restrict %m segments(%offsets : tensor<3xi64>) : !attn.matrix<2x2xf32>
  %o = attn.apply %r, %v : !attn.matrix<2x2xf32>, tensor<2x1xf32>
  return %o : tensor<2x1xf32>
}
// CHECK: @no_leak -> [2, 1] 3 nan
