// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks),canonicalize,cse)' | FileCheck %s --implicit-check-not='tensor<?x?xf32>'
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' | FileCheck %s --check-prefix=MEANING
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' --seed=3 | FileCheck %s --check-prefix=MEANING
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks{disable=associativity}))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=DISABLED
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks{disable=associativity})' | FileCheck %s --check-prefix=MEANING

// dot(Q, K) V is Q (K^T V): a small product first, then one of its size with the rows.
// MEANING: ok @product
// CHECK-LABEL: func.func @product
// CHECK-SAME:    %[[Q:[^:]+]]: tensor<?x8xf32>{{.*}}, %[[K:[^:]+]]: tensor<?x8xf32>{{.*}}, %[[V:[^:]+]]: tensor<?x4xf32>
// CHECK:         %[[SMALL:.+]] = linalg.generic {{.*}} ins(%[[K]], %[[V]] : {{.*}} outs({{.*}} : tensor<8x4xf32>)
// CHECK:         linalg.generic {{.*}} ins(%[[Q]], %[[SMALL]] : {{.*}} outs({{.*}} : tensor<?x4xf32>)
// CHECK-NOT:     attn.stream
// REMARK:        [Passed] associativity {{.*}}Function=product{{.*}}cost_after="64*M + 64*N", cost_before=24*M*N
// REMARK:        [Passed] plan {{.*}}form="factored(rank 8)"
// DISABLED:      [Missed] associativity {{.*}}Function=product | Reason=disabled
// DISABLED-NOT:  [Passed] associativity
func.func @product(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                   %k: tensor<?x8xf32> {attune.dims = ["M", ""]},
                   %v: tensor<?x4xf32> {attune.dims = ["M", ""]}) -> tensor<?x4xf32> {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %o = attn.apply %s, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// Row sums: Q (K^T 1).
// MEANING: ok @sums
// CHECK-LABEL: func.func @sums
// CHECK:         linalg.generic {{.*}} outs({{.*}} : tensor<8xf32>)
// CHECK:         linalg.generic {{.*}} outs({{.*}} : tensor<?xf32>)
// CHECK-NOT:     attn.stream
func.func @sums(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                %k: tensor<?x8xf32> {attune.dims = ["M", ""]}) -> tensor<?xf32> {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %o = attn.row_sums %s : !attn.matrix<?x?xf32>
  return %o : tensor<?xf32>
}

// Heads: one small product for each, a single head of K is shared.
// MEANING: ok @heads
// CHECK-LABEL: func.func @heads
// CHECK:         linalg.generic {{.*}} outs({{.*}} : tensor<2x8x4xf32>)
// CHECK-NOT:     attn.stream
func.func @heads(%q: tensor<?x2x8xf32> {attune.dims = ["N", "", ""]},
                 %k: tensor<?x1x8xf32> {attune.dims = ["M", "", ""]},
                 %v: tensor<?x2x4xf32> {attune.dims = ["M", "", ""]}) -> tensor<?x2x4xf32> {
  %s = attn.dot %q, %k : tensor<?x2x8xf32>, tensor<?x1x8xf32>
  %o = attn.apply %s, %v : !attn.matrix<2x?x?xf32>, tensor<?x2x4xf32>
  return %o : tensor<?x2x4xf32>
}

// Must not fire: with 2 rows and wide factors all pairs are cheaper.
// MEANING: ok @few_rows
// CHECK-LABEL: func.func @few_rows
// CHECK:         attn.stream
// REMARK:        [Passed] stream {{.*}}Function=few_rows {{.*}}cheaper at these sizes
func.func @few_rows(%q: tensor<2x64xf32>, %k: tensor<2x64xf32>, %v: tensor<2x64xf32>) -> tensor<2x64xf32> {
  %s = attn.dot %q, %k : tensor<2x64xf32>, tensor<2x64xf32>
  %o = attn.apply %s, %v : !attn.matrix<2x2xf32>, tensor<2x64xf32>
  return %o : tensor<2x64xf32>
}
