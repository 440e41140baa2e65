// RUN: attune-opt %s -canonicalize -cse -split-input-file | FileCheck %s
// RUN: attune-opt %s -resolve-ranked-shaped-type-result-dims -canonicalize -cse -split-input-file | FileCheck %s --check-prefix=REIFY

// The dimensions of expressions are those of the tensors they are made of.
// CHECK-LABEL: func.func @pairs
// CHECK-SAME: (%[[Q:.*]]: tensor<?x?x6xf32>, %[[K:.*]]: tensor<?x1x6xf32>)
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[C1:.*]] = arith.constant 1 : index
// CHECK-DAG: %[[H:.*]] = tensor.dim %[[Q]], %[[C1]]
// CHECK-DAG: %[[N:.*]] = tensor.dim %[[Q]], %[[C0]]
// CHECK-DAG: %[[M:.*]] = tensor.dim %[[K]], %[[C0]]
// CHECK: return %[[H]], %[[N]], %[[M]]
func.func @pairs(%q: tensor<?x?x6xf32>, %k: tensor<?x1x6xf32>) -> (index, index, index) {
  %0 = attn.dot %q, %k : tensor<?x?x6xf32>, tensor<?x1x6xf32>
  %h = attn.dim %0, 0 : !attn.matrix<?x?x?xf32>
  %n = attn.dim %0, 1 : !attn.matrix<?x?x?xf32>
  %m = attn.dim %0, 2 : !attn.matrix<?x?x?xf32>
  return %h, %n, %m : index, index, index
}

// -----

// CHECK-LABEL: func.func @chain
// CHECK-SAME: (%[[Q:.*]]: tensor<?x6xf32>, %[[K:.*]]: tensor<?x6xf32>
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[N:.*]] = tensor.dim %[[Q]], %[[C0]]
// CHECK-DAG: %[[M:.*]] = tensor.dim %[[K]], %[[C0]]
// CHECK: return %[[M]], %[[N]], %[[M]], %[[M]]
func.func @chain(%q: tensor<?x6xf32>, %k: tensor<?x6xf32>, %c: f32) -> (index, index, index, index) {
  %0 = attn.distance %q, %k : tensor<?x6xf32>, tensor<?x6xf32>
  %1 = attn.scale %0 scalar(%c) : !attn.matrix<?x?xf32>
  %2 = attn.map %1 : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %e = math.exp %x : f32
    attn.yield %e : f32
  }
  %3 = attn.fill %2, %c : !attn.matrix<?x?xf32>
  %4 = attn.normalize_rows %3 : !attn.matrix<?x?xf32>
  %5 = attn.transpose %4 : !attn.matrix<?x?xf32>
  %m = attn.dim %5, 0 : !attn.matrix<?x?xf32>
  %n = attn.dim %5, 1 : !attn.matrix<?x?xf32>
  %6 = attn.compose %5, %4 : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %r = attn.dim %6, 0 : !attn.matrix<?x?xf32>
  %s = attn.dim %6, 1 : !attn.matrix<?x?xf32>
  return %m, %n, %r, %s : index, index, index, index
}

// -----

// The rows of a graph are one less than its offsets; its columns and the sizes of a constant are named.
// CHECK-LABEL: func.func @named
// CHECK-SAME: (%[[OFF:.*]]: tensor<?xi64>, %[[COL:.*]]: tensor<?xi32>, %[[W:.*]]: tensor<?x?xf32>, %[[C:.*]]: f32, %[[M:.*]]: index)
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[C1:.*]] = arith.constant 1 : index
// CHECK-DAG: %[[LESS:.*]] = arith.constant -1 : index
// CHECK-DAG: %[[LENGTH:.*]] = tensor.dim %[[OFF]], %[[C0]]
// CHECK-DAG: %[[N:.*]] = arith.addi %[[LENGTH]], %[[LESS]]
// CHECK-DAG: %[[H:.*]] = tensor.dim %[[W]], %[[C1]]
// CHECK: return %[[H]], %[[N]], %[[M]], %[[M]]
func.func @named(%off: tensor<?xi64>, %col: tensor<?xi32>, %w: tensor<?x?xf32>, %c: f32, %cols: index)
    -> (index, index, index, index) {
  %0 = attn.adjacency %off, %col values(%w) columns(%cols) : tensor<?xi64>, tensor<?xi32>, tensor<?x?xf32>
  %h = attn.dim %0, 0 : !attn.matrix<?x?x?xf32>
  %n = attn.dim %0, 1 : !attn.matrix<?x?x?xf32>
  %m = attn.dim %0, 2 : !attn.matrix<?x?x?xf32>
  %1 = attn.splat %c sizes(%cols) : !attn.matrix<3x?xf32>
  %k = attn.dim %1, 1 : !attn.matrix<3x?xf32>
  return %h, %n, %m, %k : index, index, index, index
}

// -----

// A static dimension is a number; that of an argument stays as it is, also behind an expression.
// CHECK-LABEL: func.func @arguments
// CHECK-SAME: (%[[A:.*]]: !attn.matrix<3x?xf32>
// CHECK-DAG: %[[THREE:.*]] = arith.constant 3 : index
// CHECK-DAG: %[[M:.*]] = attn.dim %[[A]], 1 : <3x?xf32>
// CHECK: return %[[THREE]], %{{.*}}, %[[THREE]], %{{.*}}
func.func @arguments(%a: !attn.matrix<3x?xf32>) -> (index, index, index, index) {
  %n = attn.dim %a, 0 : !attn.matrix<3x?xf32>
  %m = attn.dim %a, 1 : !attn.matrix<3x?xf32>
  %t = attn.transpose %a : !attn.matrix<3x?xf32>
  %r = attn.dim %t, 1 : !attn.matrix<?x3xf32>
  %s = attn.dim %t, 0 : !attn.matrix<?x3xf32>
  return %n, %m, %r, %s : index, index, index, index
}

// -----

// Results of sinks: rows of the matrix, heads of the wider side, width of the values.
// REIFY-LABEL: func.func @sinks
// REIFY-SAME: (%[[Q:.*]]: tensor<?x?x6xf32>, %[[V:.*]]: tensor<?x1x?xf32>)
// REIFY-DAG: %[[C0:.*]] = arith.constant 0 : index
// REIFY-DAG: %[[C1:.*]] = arith.constant 1 : index
// REIFY-DAG: %[[C2:.*]] = arith.constant 2 : index
// REIFY-DAG: %[[N:.*]] = tensor.dim %[[Q]], %[[C0]]
// REIFY-DAG: %[[H:.*]] = tensor.dim %[[Q]], %[[C1]]
// REIFY-DAG: %[[E:.*]] = tensor.dim %[[V]], %[[C2]]
// REIFY-NOT: attn
// REIFY: return %[[N]], %[[H]], %[[E]], %[[N]], %[[H]], %[[N]]
func.func @sinks(%q: tensor<?x?x6xf32>, %v: tensor<?x1x?xf32>) -> (index, index, index, index, index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %0 = attn.dot %q, %q : tensor<?x?x6xf32>, tensor<?x?x6xf32>
  %1 = attn.apply %0, %v : !attn.matrix<?x?x?xf32>, tensor<?x1x?xf32>
  %n = tensor.dim %1, %c0 : tensor<?x?x?xf32>
  %h = tensor.dim %1, %c1 : tensor<?x?x?xf32>
  %e = tensor.dim %1, %c2 : tensor<?x?x?xf32>
  %2 = attn.row_sums %0 : !attn.matrix<?x?x?xf32>
  %r = tensor.dim %2, %c0 : tensor<?x?xf32>
  %s = tensor.dim %2, %c1 : tensor<?x?xf32>
  %3 = attn.materialize %0 : !attn.matrix<?x?x?xf32>
  %t = tensor.dim %3, %c2 : tensor<?x?x?xf32>
  return %n, %h, %e, %r, %s, %t : index, index, index, index, index, index
}

// -----

// REIFY-LABEL: func.func @attention
// REIFY-SAME: (%[[Q:.*]]: tensor<?x6xf32>, %[[K:.*]]: tensor<?x6xf32>, %[[V:.*]]: tensor<?x8xf32>)
// REIFY: %[[N:.*]] = tensor.dim %[[Q]]
// REIFY-NEXT: return %[[N]]
func.func @attention(%q: tensor<?x6xf32>, %k: tensor<?x6xf32>, %v: tensor<?x8xf32>) -> index {
  %c0 = arith.constant 0 : index
  %0 = attn.attention %q, %k, %v kernel = "linear" normalize = "rows"
      : tensor<?x6xf32>, tensor<?x6xf32>, tensor<?x8xf32>
  %n = tensor.dim %0, %c0 : tensor<?x8xf32>
  return %n : index
}
