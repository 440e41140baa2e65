// RUN: attune-opt %s --attune-simplify -split-input-file | FileCheck %s
// RUN: attune-compile %s --target=reference --before-after="func.func(attune-simplify)"
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
