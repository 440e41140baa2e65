// The examples of docs/spec/attn.md, with the results that the reference gives.
//
// RUN: attune-compile %s --target=reference --print | FileCheck %s --check-prefix=RESULT

// DOC: dot
func.func @dot() -> tensor<2x2xf32> {
  %q = arith.constant dense<[[1.0, 0.0], [2.0, 3.0]]> : tensor<2x2xf32>
  %k = arith.constant dense<[[1.0, 1.0], [0.0, 2.0]]> : tensor<2x2xf32>
  %a = attn.dot %q, %k : tensor<2x2xf32>, tensor<2x2xf32>
  %t = attn.materialize %a : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// RESULT: @dot -> [2, 2] 1 0 5 6
// DOC-END

// DOC: distance
func.func @distance() -> tensor<2x2xf32> {
  %q = arith.constant dense<[[1.0, 0.0], [2.0, 3.0]]> : tensor<2x2xf32>
  %k = arith.constant dense<[[1.0, 1.0], [0.0, 2.0]]> : tensor<2x2xf32>
  %a = attn.distance %q, %k : tensor<2x2xf32>, tensor<2x2xf32>
  %t = attn.materialize %a : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// RESULT: @distance -> [2, 2] 1 5 5 5
// DOC-END

// DOC: adjacency
func.func @adjacency() -> tensor<3xf32> {
  // Row 0 has an edge to column 1 and two to column 2, row 1 has none, row 2 one to column 0.
  %offsets = arith.constant dense<[0, 3, 3, 4]> : tensor<4xi64>
  %columns = arith.constant dense<[1, 2, 2, 0]> : tensor<4xi32>
  %weights = arith.constant dense<[0.5, 1.0, 2.0, 4.0]> : tensor<4xf32>
  %n = arith.constant 3 : index
  %a = attn.adjacency %offsets, %columns values(%weights) columns(%n)
      : tensor<4xi64>, tensor<4xi32>, tensor<4xf32>
  %s = attn.row_sums %a : !attn.matrix<3x?xf32>
  return %s : tensor<3xf32>
}
// RESULT: @adjacency -> [3] 3.5 0 4
// DOC-END

// DOC: splat
func.func @splat() -> tensor<2x1xf32> {
  %half = arith.constant 0.5 : f32
  %v = arith.constant dense<[[1.0], [3.0], [4.0]]> : tensor<3x1xf32>
  %a = attn.splat %half sizes() : !attn.matrix<2x3xf32>
  %o = attn.apply %a, %v : !attn.matrix<2x3xf32>, tensor<3x1xf32>
  return %o : tensor<2x1xf32>
}
// RESULT: @splat -> [2, 1] 4 4
// DOC-END

// DOC: diagonal
func.func @diagonal() -> tensor<2x2xf32> {
  %d = arith.constant dense<[5.0, 7.0]> : tensor<2xf32>
  %minus = arith.constant -1.0 : f32
  %a = attn.diagonal values(%d : tensor<2xf32>) : !attn.matrix<2x2xf32>
  %f = attn.fill %a, %minus : !attn.matrix<2x2xf32>
  %t = attn.materialize %f : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// RESULT: @diagonal -> [2, 2] 5 -1 -1 7
// DOC-END

// DOC: offset
func.func @offset() -> tensor<2x3xf32> {
  %a = attn.offset sizes() : !attn.matrix<2x3xf32>
  %t = attn.materialize %a : !attn.matrix<2x3xf32>
  return %t : tensor<2x3xf32>
}
// RESULT: @offset -> [2, 3] 0 -1 -2 1 0 -1
// DOC-END

// DOC: dense
func.func @dense() -> tensor<2xf32> {
  %table = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %a = attn.dense %table : tensor<2x2xf32>
  %s = attn.row_sums %a : !attn.matrix<2x2xf32>
  return %s : tensor<2xf32>
}
// RESULT: @dense -> [2] 3 7
// DOC-END

// DOC: map
func.func @map() -> tensor<2x2xf32> {
  %table = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %shift = arith.constant dense<[10.0, 20.0]> : tensor<2xf32>
  %a = attn.dense %table : tensor<2x2xf32>
  %m = attn.map %a rows(%shift : tensor<2xf32>) : (!attn.matrix<2x2xf32>) -> !attn.matrix<2x2xf32> {
  ^bb0(%x: f32, %r: f32):
    %square = arith.mulf %x, %x : f32
    %sum = arith.addf %square, %r : f32
    attn.yield %sum : f32
  }
  %t = attn.materialize %m : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// RESULT: @map -> [2, 2] 11 14 29 36
// DOC-END

// DOC: restrict
func.func @restrict() -> tensor<3x3xf32> {
  // Two graphs: node 0, and nodes 1 and 2.
  %offsets = arith.constant dense<[0, 1, 3]> : tensor<3xi64>
  %one = arith.constant 1.0 : f32
  %minus = arith.constant -1.0 : f32
  %a = attn.splat %one sizes() : !attn.matrix<3x3xf32>
  %r = attn.restrict %a segments(%offsets : tensor<3xi64>) : !attn.matrix<3x3xf32>
  %f = attn.fill %r, %minus : !attn.matrix<3x3xf32>
  %t = attn.materialize %f : !attn.matrix<3x3xf32>
  return %t : tensor<3x3xf32>
}
// RESULT: @restrict -> [3, 3] 1 -1 -1 -1 1 1 -1 1 1
// DOC-END

// DOC: fill
func.func @fill() -> tensor<2xf32> {
  %table = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %ten = arith.constant 10.0 : f32
  %a = attn.dense %table : tensor<2x2xf32>
  %r = attn.restrict %a causal : !attn.matrix<2x2xf32>
  %f = attn.fill %r, %ten : !attn.matrix<2x2xf32>
  %s = attn.row_sums %f : !attn.matrix<2x2xf32>
  return %s : tensor<2xf32>
}
// RESULT: @fill -> [2] 11 7
// DOC-END

// DOC: add
func.func @add() -> tensor<2x2xf32> {
  %table = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %one = arith.constant 1.0 : f32
  %minus = arith.constant -1.0 : f32
  %a = attn.dense %table : tensor<2x2xf32>
  %lower = attn.restrict %a causal : !attn.matrix<2x2xf32>
  %eye = attn.diagonal scalar(%one) : !attn.matrix<2x2xf32>
  %sum = attn.add %lower, %eye : !attn.matrix<2x2xf32>, !attn.matrix<2x2xf32>
  %f = attn.fill %sum, %minus : !attn.matrix<2x2xf32>
  %t = attn.materialize %f : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// RESULT: @add -> [2, 2] 2 -1 3 5
// DOC-END

// DOC: hadamard
func.func @hadamard() -> tensor<2x2xf32> {
  %table = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %minus = arith.constant -1.0 : f32
  %a = attn.dense %table : tensor<2x2xf32>
  %lower = attn.restrict %a causal : !attn.matrix<2x2xf32>
  %p = attn.hadamard %a, %lower : !attn.matrix<2x2xf32>, !attn.matrix<2x2xf32>
  %f = attn.fill %p, %minus : !attn.matrix<2x2xf32>
  %t = attn.materialize %f : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// RESULT: @hadamard -> [2, 2] 1 -1 9 16
// DOC-END

// DOC: scale
func.func @scale() -> tensor<2x2xf32> {
  %table = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %r = arith.constant dense<[1.0, 10.0]> : tensor<2xf32>
  %c = arith.constant dense<[1.0, 0.5]> : tensor<2xf32>
  %a = attn.dense %table : tensor<2x2xf32>
  %s = attn.scale %a rows(%r : tensor<2xf32>) cols(%c : tensor<2xf32>) : !attn.matrix<2x2xf32>
  %t = attn.materialize %s : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// RESULT: @scale -> [2, 2] 1 1 30 20
// DOC-END

// DOC: transpose
func.func @transpose() -> tensor<3x2xf32> {
  %table = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %a = attn.dense %table : tensor<2x3xf32>
  %x = attn.transpose %a : !attn.matrix<2x3xf32>
  %t = attn.materialize %x : !attn.matrix<3x2xf32>
  return %t : tensor<3x2xf32>
}
// RESULT: @transpose -> [3, 2] 1 4 2 5 3 6
// DOC-END

// DOC: compose
func.func @compose() -> tensor<2x1xf32> {
  %table = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %v = arith.constant dense<[[1.0], [1.0]]> : tensor<2x1xf32>
  %a = attn.dense %table : tensor<2x2xf32>
  %at = attn.transpose %a : !attn.matrix<2x2xf32>
  %p = attn.compose %a, %at : !attn.matrix<2x2xf32>, !attn.matrix<2x2xf32>
  %o = attn.apply %p, %v : !attn.matrix<2x2xf32>, tensor<2x1xf32>
  return %o : tensor<2x1xf32>
}
// RESULT: @compose -> [2, 1] 16 36
// DOC-END

// DOC: normalize_rows
func.func @normalize_rows() -> tensor<2x2xf32> {
  %table = arith.constant dense<[[1.0, 9.0], [3.0, 1.0]]> : tensor<2x2xf32>
  %a = attn.dense %table : tensor<2x2xf32>
  %r = attn.restrict %a causal : !attn.matrix<2x2xf32>
  %p = attn.normalize_rows %r : !attn.matrix<2x2xf32>
  %t = attn.materialize %p : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// RESULT: @normalize_rows -> [2, 2] 1 0 0.75 0.25
// DOC-END

// DOC: softmax
func.func @softmax() -> tensor<2x2xf32> {
  %table = arith.constant dense<[[0.0, 9.0], [100.0, 100.0]]> : tensor<2x2xf32>
  %a = attn.dense %table : tensor<2x2xf32>
  %r = attn.restrict %a causal : !attn.matrix<2x2xf32>
  %p = attn.softmax %r : !attn.matrix<2x2xf32>
  %t = attn.materialize %p : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// RESULT: @softmax -> [2, 2] 1 0 0.5 0.5
// DOC-END

// DOC: normalize_symmetric
func.func @normalize_symmetric() -> tensor<2x2xf32> {
  %table = arith.constant dense<[[1.0, 3.0], [3.0, 6.0]]> : tensor<2x2xf32>
  %a = attn.dense %table : tensor<2x2xf32>
  %p = attn.normalize_symmetric %a : !attn.matrix<2x2xf32>
  %t = attn.materialize %p : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// RESULT: @normalize_symmetric -> [2, 2] 0.25 0.5 0.5 0.666
// DOC-END

// DOC: apply
func.func @apply() -> tensor<2x1xf32> {
  // Row 0 has no entry in column 1, so the infinity there does not reach it.
  %table = arith.constant dense<[[1.0, 0.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %v = arith.constant dense<[[1.0], [0x7F800000]]> : tensor<2x1xf32>
  %x = arith.constant dense<[[100.0], [200.0]]> : tensor<2x1xf32>
  %a = attn.dense %table : tensor<2x2xf32>
  %r = attn.restrict %a causal : !attn.matrix<2x2xf32>
  %o = attn.apply %r, %v into %x : !attn.matrix<2x2xf32>, tensor<2x1xf32>, tensor<2x1xf32>
  return %o : tensor<2x1xf32>
}
// RESULT: @apply -> [2, 1] 101 inf
// DOC-END

// DOC: row_sums
func.func @row_sums() -> tensor<2xf32> {
  %table = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %a = attn.dense %table : tensor<2x2xf32>
  %s = attn.row_sums %a : !attn.matrix<2x2xf32>
  return %s : tensor<2xf32>
}
// RESULT: @row_sums -> [2] 3 7
// DOC-END

// DOC: materialize
func.func @materialize() -> tensor<2x2xf32> {
  %three = arith.constant 3.0 : f32
  %a = attn.diagonal scalar(%three) : !attn.matrix<2x2xf32>
  %t = attn.materialize %a : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// RESULT: @materialize -> [2, 2] 3 0 0 3
// DOC-END

// DOC: attention
func.func @attention() -> tensor<2x1xf32> {
  %q = arith.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %k = arith.constant dense<[[1.0], [3.0]]> : tensor<2x1xf32>
  %v = arith.constant dense<[[1.0], [4.0]]> : tensor<2x1xf32>
  %o = attn.attention %q, %k, %v kernel = "linear" normalize = "rows"
      : tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>
  return %o : tensor<2x1xf32>
}
// RESULT: @attention -> [2, 1] 3 3.1
// DOC-END

// DOC: stream
func.func @stream() -> (tensor<2x1x1xf32>, tensor<2x1xf32>) {
  %n = arith.constant 2 : index
  %q = arith.constant dense<[[[1.0]], [[2.0]]]> : tensor<2x1x1xf32>
  %v = arith.constant dense<[[[10.0]], [[100.0]]]> : tensor<2x1x1xf32>
  %o = arith.constant dense<0.0> : tensor<2x1x1xf32>
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
// RESULT: @stream -> [2, 1, 1] 320 530
// RESULT-NEXT: @stream -> [2, 1] 5 8
// DOC-END

// DOC: dim
func.func @dim() -> tensor<1xf32> {
  %one = arith.constant 1.0 : f32
  %a = attn.splat %one sizes() : !attn.matrix<2x5xf32>
  %columns = attn.dim %a, 1 : !attn.matrix<2x5xf32>
  %i = arith.index_cast %columns : index to i64
  %f = arith.sitofp %i : i64 to f32
  %t = tensor.from_elements %f : tensor<1xf32>
  return %t : tensor<1xf32>
}
// RESULT: @dim -> [1] 5
// DOC-END

// DOC: blocks
func.func @blocks() -> tensor<3x3xf32> {
  // Two segments: rows 0 and 1, and row 2.
  %table = arith.constant dense<[1.0, 2.0, 3.0, 4.0, 5.0]> : tensor<5xf32>
  %offsets = arith.constant dense<[0, 2, 3]> : tensor<3xi64>
  %n = arith.constant 3 : index
  %minus = arith.constant -1.0 : f32
  %a = attn.blocks %table, %offsets size(%n) : tensor<5xf32>, tensor<3xi64> -> !attn.matrix<3x3xf32>
  %f = attn.fill %a, %minus : !attn.matrix<3x3xf32>
  %t = attn.materialize %f : !attn.matrix<3x3xf32>
  return %t : tensor<3x3xf32>
}
// RESULT: @blocks -> [3, 3] 1 2 -1 3 4 -1 -1 -1 5
// DOC-END

// DOC: hops
func.func @hops() -> tensor<3x3xf32> {
  // Two graphs: 0 -> 1, and node 2. There is no way from node 1 to node 0.
  %offsets = arith.constant dense<[0, 1, 1, 1]> : tensor<4xi64>
  %columns = arith.constant dense<[1]> : tensor<1xi32>
  %graphs = arith.constant dense<[0, 2, 3]> : tensor<3xi64>
  %minus = arith.constant -1.0 : f32
  %a = attn.hops %offsets, %columns, %graphs
      : tensor<4xi64>, tensor<1xi32>, tensor<3xi64> -> !attn.matrix<3x3xf32>
  %f = attn.fill %a, %minus : !attn.matrix<3x3xf32>
  %t = attn.materialize %f : !attn.matrix<3x3xf32>
  return %t : tensor<3x3xf32>
}
// RESULT: @hops -> [3, 3] 0 1 -1 510 0 -1 -1 -1 0
// DOC-END

// DOC: nystrom
func.func @nystrom() -> tensor<3x3xf32> {
  // C X = [[2, 3], [0, 1], [6, 3]].
  %table = arith.constant dense<[[1.0, 2.0], [0.0, 1.0], [3.0, 0.0]]> : tensor<3x2xf32>
  %x = arith.constant dense<[[2.0, 1.0], [0.0, 1.0]]> : tensor<2x2xf32>
  %c = attn.dense %table : tensor<3x2xf32>
  %k = attn.nystrom %c, %x : !attn.matrix<3x2xf32>, tensor<2x2xf32>
  %t = attn.materialize %k : !attn.matrix<3x3xf32>
  return %t : tensor<3x3xf32>
}
// RESULT: @nystrom -> [3, 3] 8 3 6 2 1 0 12 3 18
// DOC-END

// DOC: nystrom_residual
func.func @nystrom_residual() -> tensor<2xf32> {
  // A kernel of two rows and one landmark, which is the first row.
  %table = arith.constant dense<[[1.0], [0.5]]> : tensor<2x1xf32>
  %x = arith.constant dense<[[1.0]]> : tensor<1x1xf32>
  %c = attn.dense %table : tensor<2x1xf32>
  %r = attn.nystrom_residual %c, %x : !attn.matrix<2x1xf32>, tensor<1x1xf32>
  return %r : tensor<2xf32>
}
// RESULT: @nystrom_residual -> [2] 0 0.75
// DOC-END

// DOC: data_size
func.func @data_size() -> index {
  %bytes = arith.constant 180 : index
  %size = attn.data_size %bytes "P" {factor = 2}
  return %size : index
}
// RESULT: @data_size -> [] 180
// DOC-END
