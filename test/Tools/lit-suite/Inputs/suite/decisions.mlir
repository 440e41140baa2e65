// RUN: attune-compile %s --explain | FileCheck %s --check-prefix=EXPLAIN
// RUN: attune-opt %s --attune-linearize --remarks-filter='attune.*' -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=REMARK --implicit-check-not='[Missed]'
// RUN: attune-compile %s --explain --disable=associativity | FileCheck %s --check-prefix=DISABLED

// EXPLAIN:      function attention
// EXPLAIN-NEXT: attn.apply is computed as normalized(sum(constant, factored(rank 8)))
// EXPLAIN-NOT:  declined
// REMARK-DAG:   [Passed] associativity {{.*}} | Function=attention | {{.*}}, cost_after=152*N, cost_before=25*N^2,
// REMARK-DAG:   [Passed] row-normalizer {{.*}} | Function=attention
// DISABLED:     declined associativity, disabled
func.func @attention(%q: tensor<?x8xf32> {attune.name = "q", attune.dims = ["N", ""]},
                     %k: tensor<?x8xf32> {attune.name = "k", attune.dims = ["N", ""]},
                     %v: tensor<?x4xf32> {attune.name = "v", attune.dims = ["N", ""]})
    -> (tensor<?x4xf32> {attune.name = "out"}) {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %n = tensor.dim %q, %c0 : tensor<?x8xf32>
  %scores = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %ones = attn.splat %one sizes(%n, %n) : !attn.matrix<?x?xf32>
  %sum = attn.add %ones, %scores : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %weights = attn.normalize_rows %sum : !attn.matrix<?x?xf32>
  %out = attn.apply %weights, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %out : tensor<?x4xf32>
}
