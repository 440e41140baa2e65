// RUN: attune-compile %s --target=reference --print | FileCheck %s

func.func @rows_columns_scalar() -> tensor<2x2xf32> {
  %c = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %r = arith.constant dense<[10.0, 100.0]> : tensor<2xf32>
  %k = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %s = arith.constant 0.5 : f32
  %m = attn.dense %c : tensor<2x2xf32>
  %a = attn.scale %m rows(%r : tensor<2xf32>) cols(%k : tensor<2xf32>) scalar(%s)
      : !attn.matrix<2x2xf32>
  %t = attn.materialize %a : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// CHECK: @rows_columns_scalar -> [2, 2] 5 20 150 400

// Rows are [N, H]: row 0 has 1 for head 0 and 2 for head 1.
func.func @heads() -> tensor<2x2x1xf32> {
  %c = arith.constant dense<1.0> : tensor<2x2x1xf32>
  %r = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %h = arith.constant dense<[10.0, 100.0]> : tensor<2xf32>
  %m = attn.dense %c : tensor<2x2x1xf32>
  %a = attn.scale %m rows(%r : tensor<2x2xf32>) heads(%h : tensor<2xf32>) : !attn.matrix<2x2x1xf32>
  %t = attn.materialize %a : !attn.matrix<2x2x1xf32>
  return %t : tensor<2x2x1xf32>
}
// CHECK: @heads -> [2, 2, 1] 10 30 200 400

// Absent entries stay absent, even times infinity.
func.func @absent() -> tensor<2x2xf32> {
  %c = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %f = arith.constant -1.0 : f32
  %s = arith.constant 0x7F800000 : f32
  %m = attn.dense %c : tensor<2x2xf32>
  %l = attn.restrict %m causal : !attn.matrix<2x2xf32>
  %a = attn.scale %l scalar(%s) : !attn.matrix<2x2xf32>
  %g = attn.fill %a, %f : !attn.matrix<2x2xf32>
  %t = attn.materialize %g : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// CHECK: @absent -> [2, 2] inf -1 inf inf
