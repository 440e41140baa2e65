// RUN: attune-compile %s --target=reference --print | FileCheck %s

// Entry times row value plus column value: 10 i-th row + j-th column.
func.func @rows_and_columns() -> tensor<2x2xf32> {
  %c = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %r = arith.constant dense<[10.0, 100.0]> : tensor<2xf32>
  %k = arith.constant dense<[0.5, 0.25]> : tensor<2xf32>
  %s = arith.constant 1000.0 : f32
  %m = attn.dense %c : tensor<2x2xf32>
  %a = attn.map %m rows(%r : tensor<2xf32>) cols(%k : tensor<2xf32>) scalars(%s)
      : (!attn.matrix<2x2xf32>) -> !attn.matrix<2x2xf32> {
  ^bb0(%x: f32, %row: f32, %column: f32, %scalar: f32):
    %p = arith.mulf %x, %row : f32
    %q = arith.addf %p, %column : f32
    %o = arith.addf %q, %scalar : f32
    attn.yield %o : f32
  }
  %t = attn.materialize %a : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// CHECK: @rows_and_columns -> [2, 2] 1010.5 1020.25 1300.5 1400.25

// Absent entries stay absent: the function 5 of an empty place is not 5.
func.func @absent() -> tensor<2x2xf32> {
  %c = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %f = arith.constant -1.0 : f32
  %m = attn.dense %c : tensor<2x2xf32>
  %l = attn.restrict %m causal : !attn.matrix<2x2xf32>
  %a = attn.map %m, %l : (!attn.matrix<2x2xf32>, !attn.matrix<2x2xf32>) -> !attn.matrix<2x2xf32> {
  ^bb0(%x: f32, %y: f32):
    %five = arith.constant 5.0 : f32
    attn.yield %five : f32
  }
  %g = attn.fill %a, %f : !attn.matrix<2x2xf32>
  %t = attn.materialize %g : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// CHECK: @absent -> [2, 2] 5 -1 5 5

// One matrix for two heads, a number for each head.
func.func @heads() -> tensor<2x1x1xf32> {
  %c = arith.constant dense<[[[3.0]], [[5.0]]]> : tensor<2x1x1xf32>
  %one = arith.constant dense<[[[2.0]]]> : tensor<1x1x1xf32>
  %h = arith.constant dense<[10.0, 20.0]> : tensor<2xf32>
  %m = attn.dense %c : tensor<2x1x1xf32>
  %n = attn.dense %one : tensor<1x1x1xf32>
  %a = attn.map %m, %n heads(%h : tensor<2xf32>)
      : (!attn.matrix<2x1x1xf32>, !attn.matrix<1x1x1xf32>) -> !attn.matrix<2x1x1xf32> {
  ^bb0(%x: f32, %y: f32, %head: f32):
    %p = arith.mulf %x, %y : f32
    %o = arith.addf %p, %head : f32
    attn.yield %o : f32
  }
  %t = attn.materialize %a : !attn.matrix<2x1x1xf32>
  return %t : tensor<2x1x1xf32>
}
// CHECK: @heads -> [2, 1, 1] 16 30
