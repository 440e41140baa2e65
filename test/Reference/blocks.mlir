// RUN: attune-compile %s --target=reference --print | FileCheck %s

// Blocks of 2, 0 and 1 rows; absent beyond them, here -1.
func.func @blocks() -> (tensor<3x3xf32>, tensor<1x3x3xf32>) {
  %f = arith.constant dense<[1.5, 2.5, 3.5, 4.5, 5.5]> : tensor<5xf32>
  %t = arith.constant dense<[1, 2, 3, 4, -5]> : tensor<5xi32>
  %off = arith.constant dense<[0, 2, 2, 3]> : tensor<4xi64>
  %n = arith.constant 3 : index
  %none = arith.constant -1.0 : f32
  %a = attn.blocks %f, %off size(%n) : tensor<5xf32>, tensor<4xi64> -> !attn.matrix<3x3xf32>
  %g = attn.fill %a, %none : !attn.matrix<3x3xf32>
  %b = attn.blocks %t, %off size(%n) : tensor<5xi32>, tensor<4xi64> -> !attn.matrix<1x3x3xf32>
  %x = attn.materialize %g : !attn.matrix<3x3xf32>
  %y = attn.materialize %b : !attn.matrix<1x3x3xf32>
  return %x, %y : tensor<3x3xf32>, tensor<1x3x3xf32>
}
// CHECK: @blocks -> [3, 3] 1.5 2.5 -1 3.5 4.5 -1 -1 -1 5.5
// CHECK-NEXT: @blocks -> [1, 3, 3] 1 2 0 3 4 0 0 0 -5

// One table for both heads; a function of the class and the head.
func.func @blocks_heads() -> tensor<2x2x1xf32> {
  %t = arith.constant dense<[0, 1, 2, 0]> : tensor<4xi64>
  %off = arith.constant dense<[0, 2]> : tensor<2xi64>
  %n = arith.constant 2 : index
  %h = arith.constant dense<[10.0, 100.0]> : tensor<2xf32>
  %q = arith.constant dense<1.0> : tensor<2x2x1xf32>
  %v = arith.constant dense<[[[1.0], [1.0]], [[2.0], [2.0]]]> : tensor<2x2x1xf32>
  %s = attn.dot %q, %q : tensor<2x2x1xf32>, tensor<2x2x1xf32>
  %b = attn.blocks %t, %off size(%n) {num_classes = 3} : tensor<4xi64>, tensor<2xi64> -> !attn.matrix<1x?x?xf32>
  %m = attn.map %s, %b heads(%h : tensor<2xf32>) : (!attn.matrix<2x2x2xf32>, !attn.matrix<1x?x?xf32>) -> !attn.matrix<2x2x2xf32> {
  ^bb0(%x: f32, %c: f32, %p: f32):
    %y = arith.mulf %c, %p : f32
    %z = arith.addf %x, %y : f32
    attn.yield %z : f32
  }
  %o = attn.apply %m, %v : !attn.matrix<2x2x2xf32>, tensor<2x2x1xf32>
  return %o : tensor<2x2x1xf32>
}
// Entries 1, 11, 21, 1 and 1, 101, 201, 1; v is 1 and 2.
// CHECK: @blocks_heads -> [2, 2, 1] 23 203 23 203

// A compact table: one byte for each pair of the first two nodes, where 255 stands for 510, two for the last.
func.func @blocks_compact() -> tensor<3x3xf32> {
  %t = arith.constant dense<[0, -2, -1, 0, 44, 1]> : tensor<6xi8>
  %off = arith.constant dense<[0, 2, 3]> : tensor<3xi64>
  %starts = arith.constant dense<[0, 4, 6]> : tensor<3xi64>
  %n = arith.constant 3 : index
  %b = attn.blocks %t, %off starts(%starts : tensor<3xi64>) size(%n) {num_classes = 511}
      : tensor<6xi8>, tensor<3xi64> -> !attn.matrix<3x3xf32>
  %x = attn.materialize %b : !attn.matrix<3x3xf32>
  return %x : tensor<3x3xf32>
}
// CHECK: @blocks_compact -> [3, 3] 0 254 0 510 0 0 0 0 300

func.func @blocks_empty() -> tensor<0x0xf32> {
  %t = arith.constant dense<0.0> : tensor<0xf32>
  %off = arith.constant dense<0> : tensor<1xi64>
  %n = arith.constant 0 : index
  %b = attn.blocks %t, %off size(%n) : tensor<0xf32>, tensor<1xi64> -> !attn.matrix<0x0xf32>
  %x = attn.materialize %b : !attn.matrix<0x0xf32>
  return %x : tensor<0x0xf32>
}
// CHECK: @blocks_empty -> [0, 0]{{ *$}}

// What a plan makes of them: the entry, then the first lookup for its head and the second for all heads.
func.func @stream() -> tensor<2x2x1xf32> {
  %n = arith.constant 2 : index
  %t = arith.constant dense<[0, 1, 2, 0]> : tensor<4xi32>
  %off = arith.constant dense<[0, 2]> : tensor<2xi64>
  %starts = arith.constant dense<[0, 4]> : tensor<2xi64>
  %l = arith.constant dense<[[1.0, 10.0, 100.0], [2.0, 20.0, 200.0]]> : tensor<2x3xf32>
  %k = arith.constant dense<[[0.0, 0.25, 0.5]]> : tensor<1x3xf32>
  %v = arith.constant dense<1.0> : tensor<2x1x1xf32>
  %o = arith.constant dense<0.0> : tensor<2x2x1xf32>
  %r = attn.stream segments(%off : tensor<2xi64>) size(%n, %n) blocks(%t, %starts : tensor<4xi32>, tensor<2xi64>)
      lookups(%l, %k : tensor<2x3xf32>, tensor<1x3xf32>) values(%v : tensor<2x1x1xf32>)
      outs(%o : tensor<2x2x1xf32>) -> tensor<2x2x1xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index, %c: f32, %a: f32, %b: f32):
    %thousand = arith.constant 1000.0 : f32
    %p = arith.mulf %c, %thousand : f32
    %q = arith.addf %p, %a : f32
    %e = arith.addf %q, %b : f32
    attn.yield %e : f32
  }
  return %r : tensor<2x2x1xf32>
}
// Row 0: 1 + (1000 + 10 + 0.25), row 1: (2000 + 100 + 0.5) + 1.
// CHECK: @stream -> [2, 2, 1] 1011.25 1022.25 2101.5 2202.5

// The table of the second segment begins where its start says, in two bytes.
func.func @stream_compact() -> tensor<3x1xf32> {
  %n = arith.constant 3 : index
  %t = arith.constant dense<[0, -1, 1, 0, 44, 1]> : tensor<6xi8>
  %off = arith.constant dense<[0, 2, 3]> : tensor<3xi64>
  %starts = arith.constant dense<[0, 4, 6]> : tensor<3xi64>
  %o = arith.constant dense<0.0> : tensor<3x1xf32>
  %r = attn.stream segments(%off : tensor<3xi64>) size(%n, %n) blocks(%t, %starts : tensor<6xi8>, tensor<3xi64>)
      outs(%o : tensor<3x1xf32>) -> tensor<3x1xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink row_sum>]} {
  ^bb0(%i: index, %j: index, %c: f32):
    attn.yield %c : f32
  }
  return %r : tensor<3x1xf32>
}
// CHECK: @stream_compact -> [3, 1] 510 1 300

func.func @data_size() -> index {
  %n = arith.constant 7 : index
  %s = attn.data_size %n "P" {factor = 2}
  return %s : index
}
// CHECK: @data_size -> [] 7
