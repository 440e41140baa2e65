// RUN: attune-compile %s --target=reference --print | FileCheck %s

// Rows 0 and 1, none, row 2, none. A NaN stays in its segment and column; negative rows are not joined with 0.
func.func @segment_pool() -> (tensor<4x2xf32>, tensor<4x2xf32>, tensor<4x2xf32>) {
  %x = arith.constant dense<[[-1.0, 2.0], [-3.0, 0x7FC00000], [5.0, 0xFF800000]]> : tensor<3x2xf32>
  %s = arith.constant dense<[0, 2, 2, 3, 3]> : tensor<5xi64>
  %o = arith.constant dense<9.0> : tensor<4x2xf32>
  %sum = nn.segment_pool sum %x, %s outs(%o : tensor<4x2xf32>) : tensor<3x2xf32>, tensor<5xi64> -> tensor<4x2xf32>
  %mean = nn.segment_pool mean %x, %s outs(%o : tensor<4x2xf32>) : tensor<3x2xf32>, tensor<5xi64> -> tensor<4x2xf32>
  %max = nn.segment_pool max %x, %s outs(%o : tensor<4x2xf32>) : tensor<3x2xf32>, tensor<5xi64> -> tensor<4x2xf32>
  return %sum, %mean, %max : tensor<4x2xf32>, tensor<4x2xf32>, tensor<4x2xf32>
}
// CHECK: @segment_pool -> [4, 2] -4 nan 0 0 5 -inf 0 0
// CHECK-NEXT: @segment_pool -> [4, 2] -2 nan 0 0 5 -inf 0 0
// CHECK-NEXT: @segment_pool -> [4, 2] -1 nan 0 0 5 -inf 0 0

// A NaN in front of a number is not forgotten.
func.func @segment_pool_nan() -> tensor<1x1xf32> {
  %x = arith.constant dense<[[0x7FC00000], [1.0]]> : tensor<2x1xf32>
  %s = arith.constant dense<[0, 2]> : tensor<2xi64>
  %o = tensor.empty() : tensor<1x1xf32>
  %max = nn.segment_pool max %x, %s outs(%o : tensor<1x1xf32>) : tensor<2x1xf32>, tensor<2xi64> -> tensor<1x1xf32>
  return %max : tensor<1x1xf32>
}
// CHECK: @segment_pool_nan -> [1, 1] nan

func.func @segment_pool_none() -> tensor<0x2xf32> {
  %x = arith.constant dense<0.0> : tensor<0x2xf32>
  %s = arith.constant dense<0> : tensor<1xi64>
  %o = tensor.empty() : tensor<0x2xf32>
  %sum = nn.segment_pool sum %x, %s outs(%o : tensor<0x2xf32>) : tensor<0x2xf32>, tensor<1xi64> -> tensor<0x2xf32>
  return %sum : tensor<0x2xf32>
}
// CHECK: @segment_pool_none -> [0, 2]{{ *$}}

// Edges 2 -> 0, 1 -> 2, 2 -> 2, 0 -> 0 by source: rows 0 and 1 have one target each, row 2 has 0 and 2.
func.func @csr_by_source() -> (tensor<4xi64>, tensor<4xi32>, tensor<4xi32>) {
  %e = arith.constant dense<[[2, 1, 2, 0], [0, 2, 2, 0]]> : tensor<2x4xi64>
  %o = tensor.empty() : tensor<4xi64>
  %c = tensor.empty() : tensor<4xi32>
  %r:3 = nn.csr %e outs(%o, %c, %c : tensor<4xi64>, tensor<4xi32>, tensor<4xi32>) by_source
      : tensor<2x4xi64> -> tensor<4xi64>, tensor<4xi32>, tensor<4xi32>
  return %r#0, %r#1, %r#2 : tensor<4xi64>, tensor<4xi32>, tensor<4xi32>
}
// CHECK: @csr_by_source -> [4] 0 1 2 4
// CHECK-NEXT: @csr_by_source -> [4] 0 2 0 2
// CHECK-NEXT: @csr_by_source -> [4] 3 1 0 2

func.func @csr_by_source_without_self_loops() -> (tensor<4xi64>, tensor<4xi32>, tensor<4xi32>) {
  %e = arith.constant dense<[[2, 1, 2, 0], [0, 2, 2, 0]]> : tensor<2x4xi64>
  %o = tensor.empty() : tensor<4xi64>
  %c = tensor.empty() : tensor<4xi32>
  %r:3 = nn.csr %e outs(%o, %c, %c : tensor<4xi64>, tensor<4xi32>, tensor<4xi32>) drop_self_loops by_source
      : tensor<2x4xi64> -> tensor<4xi64>, tensor<4xi32>, tensor<4xi32>
  return %r#0, %r#1, %r#2 : tensor<4xi64>, tensor<4xi32>, tensor<4xi32>
}
// CHECK: @csr_by_source_without_self_loops -> [4] 0 0 1 2
// CHECK-NEXT: @csr_by_source_without_self_loops -> [4] 2 0 0 0
// CHECK-NEXT: @csr_by_source_without_self_loops -> [4] 1 0 0 0

// Four graphs: 0 -> 1 -> 2, none, node 3 alone with a loop, 4 <-> 5. Node 2 has a loop and an edge to node 3, which
// leaves its graph; the edge 4 -> 5 is there twice. No way back from 2 and 1: 255, which is -1 as i8.
func.func @hops_of_graphs() -> (tensor<5xi64>, tensor<14xi8>) {
  %offsets = arith.constant dense<[0, 1, 2, 4, 5, 7, 8]> : tensor<7xi64>
  %columns = arith.constant dense<[1, 2, 3, 2, 3, 5, 5, 4]> : tensor<8xi32>
  %graphs = arith.constant dense<[0, 3, 3, 4, 6]> : tensor<5xi64>
  %i = tensor.empty() : tensor<5xi64>
  %o = tensor.empty() : tensor<14xi8>
  %s = nn.hop_layout %offsets, %columns, %graphs outs(%i : tensor<5xi64>)
      : tensor<7xi64>, tensor<8xi32>, tensor<5xi64> -> tensor<5xi64>
  %t = nn.hop_table %offsets, %columns, %graphs, %s outs(%o : tensor<14xi8>)
      : tensor<7xi64>, tensor<8xi32>, tensor<5xi64>, tensor<5xi64> -> tensor<14xi8>
  return %s, %t : tensor<5xi64>, tensor<14xi8>
}
// CHECK: @hops_of_graphs -> [5] 0 9 9 10 14
// CHECK-NEXT: @hops_of_graphs -> [14] 0 1 2 -1 0 1 -1 -1 0 0 0 1 1 0

// As a matrix: absent between graphs, here -9, and 510 where there is no path.
func.func @hops() -> tensor<6x6xf32> {
  %offsets = arith.constant dense<[0, 1, 2, 4, 5, 7, 8]> : tensor<7xi64>
  %columns = arith.constant dense<[1, 2, 3, 2, 3, 5, 5, 4]> : tensor<8xi32>
  %graphs = arith.constant dense<[0, 3, 3, 4, 6]> : tensor<5xi64>
  %none = arith.constant -9.0 : f32
  %h = attn.hops %offsets, %columns, %graphs : tensor<7xi64>, tensor<8xi32>, tensor<5xi64> -> !attn.matrix<6x6xf32>
  %f = attn.fill %h, %none : !attn.matrix<6x6xf32>
  %t = attn.materialize %f : !attn.matrix<6x6xf32>
  return %t : tensor<6x6xf32>
}
// CHECK: @hops -> [6, 6] 0 1 2 -9 -9 -9 510 0 1 -9 -9 -9 510 510 0 -9 -9 -9 -9 -9 -9 0 -9 -9 -9 -9 -9 -9 0 1 -9 -9 -9 -9 1 0

// One graph of two components, 0 - 1 and 2 - 3, and a node 4 without edges; one head.
func.func @hops_components() -> tensor<1x5x5xf32> {
  %offsets = arith.constant dense<[0, 1, 2, 3, 4, 4]> : tensor<6xi64>
  %columns = arith.constant dense<[1, 0, 3, 2]> : tensor<4xi32>
  %graphs = arith.constant dense<[0, 5]> : tensor<2xi64>
  %h = attn.hops %offsets, %columns, %graphs : tensor<6xi64>, tensor<4xi32>, tensor<2xi64> -> !attn.matrix<1x5x5xf32>
  %t = attn.materialize %h : !attn.matrix<1x5x5xf32>
  return %t : tensor<1x5x5xf32>
}
// CHECK: @hops_components -> [1, 5, 5] 0 1 510 510 510 1 0 510 510 510 510 510 0 1 510 510 510 1 0 510 510 510 510 510 0

// The shorter of two ways: the ring 0 -> 1 -> 2 -> 3 -> 0 with the chord 0 -> 2.
func.func @hops_shortest() -> tensor<4x4xf32> {
  %offsets = arith.constant dense<[0, 2, 3, 4, 5]> : tensor<5xi64>
  %columns = arith.constant dense<[1, 2, 2, 3, 0]> : tensor<5xi32>
  %graphs = arith.constant dense<[0, 4]> : tensor<2xi64>
  %h = attn.hops %offsets, %columns, %graphs : tensor<5xi64>, tensor<5xi32>, tensor<2xi64> -> !attn.matrix<4x4xf32>
  %t = attn.materialize %h : !attn.matrix<4x4xf32>
  return %t : tensor<4x4xf32>
}
// CHECK: @hops_shortest -> [4, 4] 0 1 1 2 3 0 1 2 2 3 0 1 1 2 2 0

// No node in no graph, and no node in one.
func.func @hops_empty() -> (tensor<0x0xf32>, tensor<1xi64>, tensor<2xi64>) {
  %offsets = arith.constant dense<0> : tensor<1xi64>
  %columns = arith.constant dense<0> : tensor<0xi32>
  %graphs = arith.constant dense<0> : tensor<2xi64>
  %h = attn.hops %offsets, %columns, %offsets : tensor<1xi64>, tensor<0xi32>, tensor<1xi64> -> !attn.matrix<0x0xf32>
  %t = attn.materialize %h : !attn.matrix<0x0xf32>
  %i = tensor.empty() : tensor<1xi64>
  %s = nn.hop_layout %offsets, %columns, %offsets outs(%i : tensor<1xi64>)
      : tensor<1xi64>, tensor<0xi32>, tensor<1xi64> -> tensor<1xi64>
  %j = tensor.empty() : tensor<2xi64>
  %u = nn.hop_layout %offsets, %columns, %graphs outs(%j : tensor<2xi64>)
      : tensor<1xi64>, tensor<0xi32>, tensor<2xi64> -> tensor<2xi64>
  return %t, %s, %u : tensor<0x0xf32>, tensor<1xi64>, tensor<2xi64>
}
// CHECK: @hops_empty -> [0, 0]{{ *$}}
// CHECK-NEXT: @hops_empty -> [1] 0{{$}}
// CHECK-NEXT: @hops_empty -> [2] 0 0

// The edges i -> i + 1 of %n nodes.
func.func private @chain(%n: index) -> (tensor<?xi64>, tensor<?xi32>) {
  %c1 = arith.constant 1 : index
  %more = arith.addi %n, %c1 : index
  %fewer = arith.subi %n, %c1 : index
  %e = tensor.empty(%fewer) : tensor<2x?xi64>
  %list = linalg.generic {indexing_maps = [affine_map<(k, e) -> (k, e)>], iterator_types = ["parallel", "parallel"]}
      outs(%e : tensor<2x?xi64>) {
  ^bb0(%out: i64):
    %k = linalg.index 0 : index
    %i = linalg.index 1 : index
    %end = arith.addi %i, %k : index
    %node = arith.index_cast %end : index to i64
    linalg.yield %node : i64
  } -> tensor<2x?xi64>
  %o = tensor.empty(%more) : tensor<?xi64>
  %c = tensor.empty(%fewer) : tensor<?xi32>
  %csr:3 = nn.csr %list outs(%o, %c, %c : tensor<?xi64>, tensor<?xi32>, tensor<?xi32>) by_source
      : tensor<2x?xi64> -> tensor<?xi64>, tensor<?xi32>, tensor<?xi32>
  return %csr#0, %csr#1 : tensor<?xi64>, tensor<?xi32>
}

// A chain of 300 nodes needs two bytes for each pair, one of 10 next to it one byte; the edge between them is
// not taken. Entry (0, 299) is 299 = 256 + 43, the way back 510 = 256 + 254, which is -2 as i8.
func.func @hops_wide() -> (tensor<3xi64>, tensor<6xi8>) {
  %n = arith.constant 310 : index
  %offsets, %columns = func.call @chain(%n) : (index) -> (tensor<?xi64>, tensor<?xi32>)
  %graphs = arith.constant dense<[0, 300, 310]> : tensor<3xi64>
  %i = tensor.empty() : tensor<3xi64>
  %o = tensor.empty() : tensor<180100xi8>
  %s = nn.hop_layout %offsets, %columns, %graphs outs(%i : tensor<3xi64>)
      : tensor<?xi64>, tensor<?xi32>, tensor<3xi64> -> tensor<3xi64>
  %t = nn.hop_table %offsets, %columns, %graphs, %s outs(%o : tensor<180100xi8>)
      : tensor<?xi64>, tensor<?xi32>, tensor<3xi64>, tensor<3xi64> -> tensor<180100xi8>
  %low = arith.constant 299 : index
  %high = arith.constant 90299 : index
  %back = arith.constant 89700 : index
  %backHigh = arith.constant 179700 : index
  %small = arith.constant 180009 : index
  %smallBack = arith.constant 180090 : index
  %0 = tensor.extract %t[%low] : tensor<180100xi8>
  %1 = tensor.extract %t[%high] : tensor<180100xi8>
  %2 = tensor.extract %t[%back] : tensor<180100xi8>
  %3 = tensor.extract %t[%backHigh] : tensor<180100xi8>
  %4 = tensor.extract %t[%small] : tensor<180100xi8>
  %5 = tensor.extract %t[%smallBack] : tensor<180100xi8>
  %found = tensor.from_elements %0, %1, %2, %3, %4, %5 : tensor<6xi8>
  return %s, %found : tensor<3xi64>, tensor<6xi8>
}
// CHECK: @hops_wide -> [3] 0 180000 180100
// CHECK-NEXT: @hops_wide -> [6] 43 1 -2 1 9 -1

// The longest path that one byte holds has 254 edges.
func.func @hops_narrow() -> (tensor<2xi64>, tensor<2xi64>) {
  %n = arith.constant 255 : index
  %m = arith.constant 256 : index
  %offsets, %columns = func.call @chain(%n) : (index) -> (tensor<?xi64>, tensor<?xi32>)
  %others, %sources = func.call @chain(%m) : (index) -> (tensor<?xi64>, tensor<?xi32>)
  %graph = arith.constant dense<[0, 255]> : tensor<2xi64>
  %other = arith.constant dense<[0, 256]> : tensor<2xi64>
  %i = tensor.empty() : tensor<2xi64>
  %s = nn.hop_layout %offsets, %columns, %graph outs(%i : tensor<2xi64>)
      : tensor<?xi64>, tensor<?xi32>, tensor<2xi64> -> tensor<2xi64>
  %t = nn.hop_layout %others, %sources, %other outs(%i : tensor<2xi64>)
      : tensor<?xi64>, tensor<?xi32>, tensor<2xi64> -> tensor<2xi64>
  return %s, %t : tensor<2xi64>, tensor<2xi64>
}
// CHECK: @hops_narrow -> [2] 0 65025
// CHECK-NEXT: @hops_narrow -> [2] 0 131072

// Beyond 510 a path counts as none: row 0 at columns 299, 509, 510, 511 and 599.
func.func @hops_far() -> tensor<5xf32> {
  %n = arith.constant 600 : index
  %offsets, %columns = func.call @chain(%n) : (index) -> (tensor<?xi64>, tensor<?xi32>)
  %graphs = arith.constant dense<[0, 600]> : tensor<2xi64>
  %h = attn.hops %offsets, %columns, %graphs
      : tensor<?xi64>, tensor<?xi32>, tensor<2xi64> -> !attn.matrix<?x?xf32>
  %t = attn.materialize %h : !attn.matrix<?x?xf32>
  %c0 = arith.constant 0 : index
  %c299 = arith.constant 299 : index
  %c509 = arith.constant 509 : index
  %c510 = arith.constant 510 : index
  %c511 = arith.constant 511 : index
  %c599 = arith.constant 599 : index
  %0 = tensor.extract %t[%c0, %c299] : tensor<?x?xf32>
  %1 = tensor.extract %t[%c0, %c509] : tensor<?x?xf32>
  %2 = tensor.extract %t[%c0, %c510] : tensor<?x?xf32>
  %3 = tensor.extract %t[%c0, %c511] : tensor<?x?xf32>
  %4 = tensor.extract %t[%c0, %c599] : tensor<?x?xf32>
  %found = tensor.from_elements %0, %1, %2, %3, %4 : tensor<5xf32>
  return %found : tensor<5xf32>
}
// CHECK: @hops_far -> [5] 299 509 510 510 510
