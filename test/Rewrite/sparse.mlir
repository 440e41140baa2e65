// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks),canonicalize,cse)' | FileCheck %s --implicit-check-not='tensor<?x?xf32>'
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' | FileCheck %s --check-prefix=MEANING
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' --seed=3 | FileCheck %s --check-prefix=MEANING

// A graph is visited by its edges.
// MEANING: ok @product
// CHECK-LABEL: func.func @product
// CHECK:         attn.stream csr({{.*}}edges({{.*}}sinks = [#attn<sink apply>]
// REMARK:        [Passed] sparse {{.*}}Function=product | Remark="only the edges are visited", cost_after=8*E, cost_before=8*N^2
func.func @product(%csr: tensor<?xi64> {attune.dims = ["N+1"], attune.offsets_of = "E"},
                   %columns: tensor<?xi32> {attune.dims = ["E"], attune.below = "N"},
                   %w: tensor<?xf32> {attune.dims = ["E"]},
                   %v: tensor<?x4xf32> {attune.dims = ["N", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %v, %c0 : tensor<?x4xf32>
  %g = attn.adjacency %csr, %columns values(%w) columns(%n) unique : tensor<?xi64>, tensor<?xi32>, tensor<?xf32>
  %o = attn.apply %g, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// Its transpose scatters along the same edges.
// MEANING: ok @transposed
// CHECK-LABEL: func.func @transposed
// CHECK:         attn.stream csr({{.*}}scatter
func.func @transposed(%csr: tensor<?xi64> {attune.dims = ["N+1"], attune.offsets_of = "E"},
                      %columns: tensor<?xi32> {attune.dims = ["E"], attune.below = "N"},
                      %w: tensor<?xf32> {attune.dims = ["E"]},
                      %v: tensor<?x4xf32> {attune.dims = ["N", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %v, %c0 : tensor<?x4xf32>
  %g = attn.adjacency %csr, %columns values(%w) columns(%n) unique : tensor<?xi64>, tensor<?xi32>, tensor<?xf32>
  %t = attn.transpose %g : !attn.matrix<?x?xf32>
  %o = attn.apply %t, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// So does a function of its transpose.
// MEANING: ok @function_of_transposed
// CHECK-LABEL: func.func @function_of_transposed
// CHECK:         attn.stream csr({{.*}}scatter
func.func @function_of_transposed(%csr: tensor<?xi64> {attune.dims = ["N+1"], attune.offsets_of = "E"},
                                  %columns: tensor<?xi32> {attune.dims = ["E"], attune.below = "N"},
                                  %w: tensor<?xf32> {attune.dims = ["E"]},
                                  %v: tensor<?x4xf32> {attune.dims = ["N", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %v, %c0 : tensor<?x4xf32>
  %g = attn.adjacency %csr, %columns values(%w) columns(%n) unique : tensor<?xi64>, tensor<?xi32>, tensor<?xf32>
  %t = attn.transpose %g : !attn.matrix<?x?xf32>
  %f = attn.map %t kernel "sigmoid" : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %unit = arith.constant 1.0 : f32
    %minus = arith.negf %x : f32
    %power = math.exp %minus : f32
    %below = arith.addf %unit, %power : f32
    %y = arith.divf %unit, %below : f32
    attn.yield %y : f32
  }
  %o = attn.apply %f, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// Degrees need no edge.
// MEANING: ok @degrees
// CHECK-LABEL: func.func @degrees
// CHECK-NOT:     attn.stream
// CHECK:         arith.subi
func.func @degrees(%csr: tensor<?xi64> {attune.dims = ["N+1"], attune.offsets_of = "E"},
                   %columns: tensor<?xi32> {attune.dims = ["E"], attune.below = "N"},
                   %v: tensor<?x4xf32> {attune.dims = ["N", ""]}) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %v, %c0 : tensor<?x4xf32>
  %g = attn.adjacency %csr, %columns columns(%n) : tensor<?xi64>, tensor<?xi32>
  %o = attn.row_sums %g : !attn.matrix<?x?xf32>
  return %o : tensor<?xf32>
}

// Attention along the edges: softmax of scores, only where an edge is.
// MEANING: ok @graph_attention
// CHECK-LABEL: func.func @graph_attention
// CHECK:         attn.stream csr({{.*}}lhs({{.*}}sinks = [#attn<sink softmax>]
func.func @graph_attention(%csr: tensor<?xi64> {attune.dims = ["N+1"], attune.offsets_of = "E"},
                           %columns: tensor<?xi32> {attune.dims = ["E"], attune.below = "N"},
                           %w: tensor<?xf32> {attune.dims = ["E"]},
                           %v: tensor<?x4xf32> {attune.dims = ["N", ""]},
                           %q: tensor<?x8xf32> {attune.dims = ["N", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %v, %c0 : tensor<?x4xf32>
  %g = attn.adjacency %csr, %columns values(%w) columns(%n) unique : tensor<?xi64>, tensor<?xi32>, tensor<?xf32>
  %s = attn.dot %q, %q : tensor<?x8xf32>, tensor<?x8xf32>
  %a = attn.hadamard %g, %s : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %p = attn.softmax %a : !attn.matrix<?x?xf32>
  %o = attn.apply %p, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// Next to a dense term: the sum is taken apart.
// MEANING: ok @plus_dense
// CHECK-LABEL: func.func @plus_dense
// CHECK:         attn.stream csr(
// CHECK-NOT:     attn.stream
// REMARK:        [Passed] distribute {{.*}}Function=plus_dense
func.func @plus_dense(%csr: tensor<?xi64> {attune.dims = ["N+1"], attune.offsets_of = "E"},
                      %columns: tensor<?xi32> {attune.dims = ["E"], attune.below = "N"},
                      %w: tensor<?xf32> {attune.dims = ["E"]},
                      %v: tensor<?x4xf32> {attune.dims = ["N", ""]},
                      %q: tensor<?x8xf32> {attune.dims = ["N", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %v, %c0 : tensor<?x4xf32>
  %g = attn.adjacency %csr, %columns values(%w) columns(%n) unique : tensor<?xi64>, tensor<?xi32>, tensor<?xf32>
  %s = attn.dot %q, %q : tensor<?x8xf32>, tensor<?x8xf32>
  %a = attn.add %g, %s : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %o = attn.apply %a, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}
