// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-move-norms),canonicalize,cse)' | FileCheck %s
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-move-norms))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-move-norms{disable=norm}))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=DISABLED
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-move-norms)' | FileCheck %s --check-prefix=MEANING
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-move-norms)' --seed=3 | FileCheck %s --check-prefix=MEANING

// DOC: the norms of q and k divide their product
// MEANING: ok @both
// CHECK-LABEL: func.func @both
// CHECK-DAG:     nn.frobenius_norm %arg0
// CHECK-DAG:     nn.frobenius_norm %arg1
// CHECK:         %[[DOT:.*]] = attn.dot %arg0, %arg1
// CHECK:         %[[SCALED:.*]] = attn.scale %[[DOT]] scalar
// CHECK:         attn.apply %[[SCALED]]
// CHECK-NOT:     nn.frobenius_normalize
// REMARK-DAG:    [Passed] norm {{.*}}Function=both | {{.*}}cost_before={{.*}}
// DISABLED:      [Missed] norm {{.*}}Function=both | Reason=disabled
func.func @both(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                %k: tensor<?x8xf32> {attune.dims = ["M", ""]},
                %v: tensor<?x4xf32> {attune.dims = ["M", ""]}) -> tensor<?x4xf32> {
  %qn = nn.frobenius_normalize %q : tensor<?x8xf32>
  %kn = nn.frobenius_normalize %k : tensor<?x8xf32>
  %s = attn.dot %qn, %kn : tensor<?x8xf32>, tensor<?x8xf32>
  %o = attn.apply %s, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// Inside of a polynomial, as `attn.attention` with the linear kernel makes it.
// MEANING: ok @polynomial
// CHECK-LABEL: func.func @polynomial
// CHECK-NOT:     nn.frobenius_normalize
// CHECK:         attn.scale
func.func @polynomial(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                      %k: tensor<?x8xf32> {attune.dims = ["M", ""]},
                      %v: tensor<?x4xf32> {attune.dims = ["M", ""]}) -> tensor<?x4xf32> {
  %kn = nn.frobenius_normalize %k : tensor<?x8xf32>
  %s = attn.dot %q, %kn : tensor<?x8xf32>, tensor<?x8xf32>
  %w = attn.map %s kernel "linear" : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %one = arith.constant 1.0 : f32
    %r = arith.addf %x, %one : f32
    attn.yield %r : f32
  }
  %n = attn.normalize_rows %w : <?x?xf32>
  %o = attn.apply %n, %v : <?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// A sigmoid is streamed: the number would be multiplied with every entry.
// MEANING: ok @streamed
// CHECK-LABEL: func.func @streamed
// CHECK:         nn.frobenius_normalize
// CHECK-NOT:     attn.scale
func.func @streamed(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                    %v: tensor<?x4xf32> {attune.dims = ["N", ""]}) -> tensor<?x4xf32> {
  %qn = nn.frobenius_normalize %q : tensor<?x8xf32>
  %s = attn.dot %qn, %q : tensor<?x8xf32>, tensor<?x8xf32>
  %w = attn.map %s kernel "sigmoid" : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %n = arith.negf %x : f32
    %e = math.exp %n : f32
    %one = arith.constant 1.0 : f32
    %d = arith.addf %one, %e : f32
    %r = arith.divf %one, %d : f32
    attn.yield %r : f32
  }
  %o = attn.apply %w, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}
