// RUN: attune-opt %s --attune-decompose -split-input-file | FileCheck %s
// RUN: attune-compile %s --target=reference --before-after="func.func(attune-decompose)"
// RUN: attune-compile %s --target=reference --before-after="func.func(attune-decompose)" --seed=7
// DOC: a softmax attention
// CHECK-LABEL: func.func @attention(
// CHECK: %[[DOT:.*]] = attn.dot
// CHECK: %[[S:.*]] = attn.scale %[[DOT]] scalar
// CHECK: %[[C:.*]] = attn.restrict %[[S]] causal
// CHECK: %[[P:.*]] = attn.softmax %[[C]]
// CHECK: %[[O:.*]] = attn.apply %[[P]]
// CHECK-NOT: attn.attention
func.func @attention(%q: tensor<?x4xf32> {attune.dims = ["N", ""]}, %k: tensor<?x4xf32> {attune.dims = ["N", ""]},
                     %v: tensor<?x4xf32> {attune.dims = ["N", ""]}) -> tensor<?x4xf32> {
  %o = attn.attention %q, %k, %v kernel = "exp" normalize = "softmax" causal {scale = 0.5}
      : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// -----
// Every row has its diagonal entry: one factor for both sides.
// CHECK-LABEL: func.func @self_loops(
// CHECK: %[[A:.*]] = attn.add
// CHECK: %[[SUMS:.*]] = attn.row_sums %[[A]]
// CHECK: %[[R:.*]] = nn.map %[[SUMS]]
// CHECK-NEXT: ^bb0(%[[S:.*]]: f32):
// CHECK-NEXT: math.rsqrt %[[S]]
// CHECK-NOT: arith.select
// CHECK: attn.scale %[[A]] rows(%[[R]] : tensor<?xf32>) cols(%[[R]] : tensor<?xf32>)
func.func @self_loops(%q: tensor<?x4xf32> {attune.dims = ["N", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %q, %c0 : tensor<?x4xf32>
  %one = arith.constant 1.0 : f32
  %eye = attn.diagonal scalar(%one) sizes(%n, %n) : !attn.matrix<?x?xf32>
  %s = attn.splat %one sizes(%n, %n) : !attn.matrix<?x?xf32>
  %a = attn.add %s, %eye : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %p = attn.normalize_symmetric %a : !attn.matrix<?x?xf32>
  %o = attn.apply %p, %q : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// -----
// A row without edges: its own factor is 0, so that 0 stays 0 in a linear form.
// CHECK-LABEL: func.func @graph(
// CHECK: %[[SUMS:.*]] = attn.row_sums
// CHECK: %[[COLS:.*]] = nn.map %[[SUMS]]
// CHECK: %[[ROWS:.*]] = nn.map %[[SUMS]]
// CHECK: arith.select
// CHECK: attn.scale %{{.*}} rows(%[[ROWS]] : tensor<?xf32>) cols(%[[COLS]] : tensor<?xf32>)
func.func @graph(%e: tensor<2x?xi64> {attune.dims = ["", "E"], attune.below = "N"},
                 %x: tensor<?x4xf32> {attune.dims = ["N", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %n1 = arith.addi %n, %c1 : index
  %m = tensor.dim %e, %c1 : tensor<2x?xi64>
  %i0 = tensor.empty(%n1) : tensor<?xi64>
  %i1 = tensor.empty(%m) : tensor<?xi32>
  %csr:3 = nn.csr %e outs(%i0, %i1, %i1 : tensor<?xi64>, tensor<?xi32>, tensor<?xi32>)
      : tensor<2x?xi64> -> tensor<?xi64>, tensor<?xi32>, tensor<?xi32>
  %a = attn.adjacency %csr#0, %csr#1 columns(%n) : tensor<?xi64>, tensor<?xi32>
  %p = attn.normalize_symmetric %a : !attn.matrix<?x?xf32>
  %o = attn.apply %p, %x : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// -----
// The smallest products first: C (X (C^T v)).
// CHECK-LABEL: func.func @nystrom(
// CHECK: %[[C:.*]] = attn.map
// CHECK: %[[X:.*]] = attn.dense %{{.*}} : tensor<2x4x4xf32>
// CHECK: %[[CT:.*]] = attn.transpose %[[C]]
// CHECK: %[[R:.*]] = attn.compose %[[X]], %[[CT]] : <2x4x4xf32>, <2x4x?xf32>
// CHECK: %[[K:.*]] = attn.compose %[[C]], %[[R]] : <2x?x4xf32>, <2x4x?xf32>
// CHECK: attn.apply %[[K]]
// CHECK-NOT: attn.nystrom
func.func @nystrom(%q: tensor<?x2x3xf32> {attune.dims = ["N", "", ""]}, %l: tensor<4x2x3xf32>, %x: tensor<2x4x4xf32>,
                   %v: tensor<?x2x3xf32> {attune.dims = ["N", "", ""]}) -> tensor<?x2x3xf32> {
  %d = attn.distance %q, %l : tensor<?x2x3xf32>, tensor<4x2x3xf32>
  %c = attn.map %d : (!attn.matrix<2x?x4xf32>) -> !attn.matrix<2x?x4xf32> {
  ^bb0(%s: f32):
    %minus = arith.negf %s : f32
    %e = math.exp %minus : f32
    attn.yield %e : f32
  }
  %k = attn.nystrom %c, %x : !attn.matrix<2x?x4xf32>, tensor<2x4x4xf32>
  %o = attn.apply %k, %v : !attn.matrix<2x?x?xf32>, tensor<?x2x3xf32>
  return %o : tensor<?x2x3xf32>
}

// -----
// A static 1 in heads of either side; rows come before heads in the result.
// CHECK-LABEL: func.func @residual(
// CHECK: %[[C:.*]] = attn.materialize %{{.*}} : <1x?x4xf32>
// CHECK: %[[CX:.*]] = linalg.generic {{.*}} ins(%[[C]], %{{.*}} : tensor<1x?x4xf32>, tensor<2x4x4xf32>) outs(%{{.*}} : tensor<2x?x4xf32>)
// CHECK: linalg.generic {{.*}} ins(%[[CX]], %[[C]] : {{.*}}) outs(%{{.*}} : tensor<?x2xf32>)
// CHECK: arith.subf
// CHECK-NOT: attn.nystrom_residual
func.func @residual(%q: tensor<?x1x3xf32> {attune.dims = ["N", "", ""]}, %l: tensor<4x1x3xf32>, %x: tensor<2x4x4xf32>)
    -> (tensor<?x2xf32>, tensor<?x1xf32>) {
  %c = attn.dot %q, %l : tensor<?x1x3xf32>, tensor<4x1x3xf32>
  %r = attn.nystrom_residual %c, %x {diagonal = 2.5} : !attn.matrix<1x?x4xf32>, tensor<2x4x4xf32>
  %y = tensor.extract_slice %x[0, 0, 0] [1, 4, 4] [1, 1, 1] : tensor<2x4x4xf32> to tensor<1x4x4xf32>
  %s = attn.nystrom_residual %c, %y : !attn.matrix<1x?x4xf32>, tensor<1x4x4xf32>
  return %r, %s : tensor<?x2xf32>, tensor<?x1xf32>
}

// -----
// Without heads; edges that are absent count as 0.
// CHECK-LABEL: func.func @residual_of_edges(
// CHECK: attn.materialize
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<?xf32>)
func.func @residual_of_edges(%offsets: tensor<?xi64> {attune.dims = ["N+1"], attune.offsets_of = "E"},
                             %columns: tensor<?xi32> {attune.dims = ["E"], attune.below = "4"},
                             %x: tensor<4x4xf32>) -> tensor<?xf32> {
  %m = arith.constant 4 : index
  %c = attn.adjacency %offsets, %columns columns(%m) : tensor<?xi64>, tensor<?xi32>
  %r = attn.nystrom_residual %c, %x : !attn.matrix<?x?xf32>, tensor<4x4xf32>
  return %r : tensor<?xf32>
}

// -----
// The table begins where the layout says and has its bytes; 511 classes.
// CHECK-LABEL: func.func @hops(
// CHECK: %[[S:.*]] = nn.hop_layout %arg0, %arg1, %arg2
// CHECK: %[[LAST:.*]] = tensor.extract %[[S]]
// CHECK: %[[BYTES:.*]] = arith.index_cast %[[LAST]]
// CHECK: %[[P:.*]] = attn.data_size %[[BYTES]] "P" {factor = 2 : i64}
// CHECK: tensor.empty(%[[P]]) : tensor<?xi8>
// CHECK: %[[T:.*]] = nn.hop_table %arg0, %arg1, %arg2, %[[S]]
// CHECK: attn.blocks %[[T]], %arg2 starts(%[[S]] : tensor<?xi64>) size(%{{.*}}) {num_classes = 511 : i64}
// CHECK-NOT: attn.hops
func.func @hops(%offsets: tensor<?xi64> {attune.dims = ["N+1"], attune.offsets_of = "E"},
                %columns: tensor<?xi32> {attune.dims = ["E"], attune.below = "N"},
                %graphs: tensor<?xi64> {attune.dims = ["G+1"], attune.offsets_of = "N"},
                %v: tensor<?x2x3xf32> {attune.dims = ["N", "", ""]}) -> tensor<?x2x3xf32> {
  %h = attn.hops %offsets, %columns, %graphs : tensor<?xi64>, tensor<?xi32>, tensor<?xi64> -> !attn.matrix<1x?x?xf32>
  %o = attn.apply %h, %v : !attn.matrix<1x?x?xf32>, tensor<?x2x3xf32>
  return %o : tensor<?x2x3xf32>
}
