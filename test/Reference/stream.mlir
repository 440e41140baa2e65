// RUN: attune-compile %s --target=reference --print | FileCheck %s

// Two sinks of one pass: entries 1 + q_i k_j, rows (2, 3) and (3, 5).
func.func @dense() -> (tensor<2x1x1xf32>, tensor<2x1xf32>) {
  %n = arith.constant 2 : index
  %q = arith.constant dense<[[[1.0]], [[2.0]]]> : tensor<2x1x1xf32>
  %v = arith.constant dense<[[[10.0]], [[100.0]]]> : tensor<2x1x1xf32>
  %o = arith.constant dense<[[[0.5]], [[0.0]]]> : tensor<2x1x1xf32>
  %s = arith.constant dense<0.0> : tensor<2x1xf32>
  %r:2 = attn.stream size(%n, %n) lhs(%q : tensor<2x1x1xf32>) rhs(%q : tensor<2x1x1xf32>)
      values(%v : tensor<2x1x1xf32>) outs(%o, %s : tensor<2x1x1xf32>, tensor<2x1xf32>)
      -> tensor<2x1x1xf32>, tensor<2x1xf32>
      attributes {distance = array<i1: false>, elements = array<i64: 0, 0>,
                  sinks = [#attn<sink apply>, #attn<sink row_sum>]} {
  ^bb0(%i: index, %j: index, %x: f32):
    %one = arith.constant 1.0 : f32
    %e = arith.addf %x, %one : f32
    attn.yield %e : f32
  }
  return %r#0, %r#1 : tensor<2x1x1xf32>, tensor<2x1xf32>
}
// CHECK: @dense -> [2, 1, 1] 320.5 530
// CHECK: @dense -> [2, 1] 5 8

// Only columns of the row's segment; within them only j <= i. The largest entry 10 i + j.
func.func @segments_masked() -> tensor<3x1xf32> {
  %n = arith.constant 3 : index
  %offsets = arith.constant dense<[0, 1, 3]> : tensor<3xi64>
  %s = arith.constant dense<-1.0> : tensor<3x1xf32>
  %r = attn.stream segments(%offsets : tensor<3xi64>) size(%n, %n)
      outs(%s : tensor<3x1xf32>) -> tensor<3x1xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, masked,
                  sinks = [#attn<sink row_max>]} {
  ^bb0(%i: index, %j: index):
    %ten = arith.constant 10 : index
    %p = arith.muli %i, %ten : index
    %q = arith.addi %p, %j : index
    %k = arith.index_cast %q : index to i32
    %e = arith.sitofp %k : i32 to f32
    %keep = arith.cmpi sle, %j, %i : index
    attn.yield %e, %keep : f32, i1
  }
  return %r : tensor<3x1xf32>
}
// CHECK: @segments_masked -> [3, 1] 0 11 22

// Edges 0 -> 1 (twice) and 1 -> 0, with values 1, 2, 4.
func.func @csr() -> tensor<2x1x1xf32> {
  %n = arith.constant 2 : index
  %offsets = arith.constant dense<[0, 2, 3]> : tensor<3xi64>
  %columns = arith.constant dense<[1, 1, 0]> : tensor<3xi32>
  %w = arith.constant dense<[[1.0], [2.0], [4.0]]> : tensor<3x1xf32>
  %v = arith.constant dense<[[[10.0]], [[100.0]]]> : tensor<2x1x1xf32>
  %o = arith.constant dense<0.0> : tensor<2x1x1xf32>
  %r = attn.stream csr(%offsets, %columns : tensor<3xi64>, tensor<3xi32>) size(%n, %n)
      edges(%w : tensor<3x1xf32>) values(%v : tensor<2x1x1xf32>)
      outs(%o : tensor<2x1x1xf32>) -> tensor<2x1x1xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index, %e: f32):
    attn.yield %e : f32
  }
  return %r : tensor<2x1x1xf32>
}
// CHECK: @csr -> [2, 1, 1] 300 40

// The same edges the other way round: the column gathers the row's value.
func.func @scatter() -> tensor<3x1x1xf32> {
  %n = arith.constant 2 : index
  %m = arith.constant 3 : index
  %offsets = arith.constant dense<[0, 2, 3]> : tensor<3xi64>
  %columns = arith.constant dense<[1, 2, 2]> : tensor<3xi32>
  %v = arith.constant dense<[[[10.0]], [[100.0]]]> : tensor<2x1x1xf32>
  %o = arith.constant dense<0.0> : tensor<3x1x1xf32>
  %r = attn.stream csr(%offsets, %columns : tensor<3xi64>, tensor<3xi32>) size(%n, %m)
      values(%v : tensor<2x1x1xf32>) outs(%o : tensor<3x1x1xf32>) -> tensor<3x1x1xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, scatter,
                  sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %one = arith.constant 1.0 : f32
    attn.yield %one : f32
  }
  return %r : tensor<3x1x1xf32>
}
// CHECK: @scatter -> [3, 1, 1] 0 10 110

// softmax of (0, ln 3) in row 1, of (0) in row 0; rows, columns, heads and a scalar add up to 0.
func.func @softmax() -> tensor<2x1x1xf32> {
  %n = arith.constant 2 : index
  %rows = arith.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %cols = arith.constant dense<[[0.0], [1.09861229]]> : tensor<2x1xf32>
  %heads = arith.constant dense<[5.0]> : tensor<1xf32>
  %c = arith.constant 7.0 : f32
  %v = arith.constant dense<[[[4.0]], [[8.0]]]> : tensor<2x1x1xf32>
  %o = arith.constant dense<0.0> : tensor<2x1x1xf32>
  %r = attn.stream size(%n, %n) rows(%rows : tensor<2x1xf32>) cols(%cols : tensor<2x1xf32>)
      heads(%heads : tensor<1xf32>) scalars(%c) values(%v : tensor<2x1x1xf32>)
      outs(%o : tensor<2x1x1xf32>) -> tensor<2x1x1xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, masked,
                  sinks = [#attn<sink softmax>]} {
  ^bb0(%i: index, %j: index, %row: f32, %column: f32, %head: f32, %scalar: f32):
    %a = arith.addf %row, %column : f32
    %b = arith.addf %a, %head : f32
    %e = arith.addf %b, %scalar : f32
    %keep = arith.cmpi sle, %j, %i : index
    attn.yield %e, %keep : f32, i1
  }
  return %r : tensor<2x1x1xf32>
}
// CHECK: @softmax -> [2, 1, 1] 4 7

// Squared distances; absent entries leave what was there.
func.func @materialize() -> tensor<1x2x2xf32> {
  %n = arith.constant 2 : index
  %q = arith.constant dense<[[[1.0]], [[4.0]]]> : tensor<2x1x1xf32>
  %o = arith.constant dense<-1.0> : tensor<1x2x2xf32>
  %r = attn.stream size(%n, %n) lhs(%q : tensor<2x1x1xf32>) rhs(%q : tensor<2x1x1xf32>)
      outs(%o : tensor<1x2x2xf32>) -> tensor<1x2x2xf32>
      attributes {distance = array<i1: true>, elements = array<i64: 0>, masked,
                  sinks = [#attn<sink materialize>]} {
  ^bb0(%i: index, %j: index, %x: f32):
    %keep = arith.cmpi ne, %j, %i : index
    attn.yield %x, %keep : f32, i1
  }
  return %r : tensor<1x2x2xf32>
}
// CHECK: @materialize -> [1, 2, 2] -1 9 9 -1
