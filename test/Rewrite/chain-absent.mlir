// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks),canonicalize,cse)' | FileCheck %s --implicit-check-not='tensor<?x?xf32>'
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' | FileCheck %s --check-prefix=MEANING
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' --seed=3 | FileCheck %s --check-prefix=MEANING

// A chain has no entry where the inner dimension is empty or no pair of edges meets: rows without an entry are
// counted, and stay 0.
// MEANING: ok @normalized
// CHECK-LABEL: func.func @normalized
// CHECK-NOT:     attn.stream
// CHECK:         arith.cmpf oeq
// CHECK:         arith.divf
// REMARK:        [Passed] row-normalizer {{.*}}Function=normalized
func.func @normalized(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                      %k: tensor<?x8xf32> {attune.dims = ["M", ""]},
                      %l: tensor<?x8xf32> {attune.dims = ["L", ""]},
                      %v: tensor<?x4xf32> {attune.dims = ["M", ""]}) -> tensor<?x4xf32> {
  %hundred = arith.constant 100.0 : f32
  %c0 = arith.constant 0 : index
  %n = tensor.dim %q, %c0 : tensor<?x8xf32>
  %m = tensor.dim %k, %c0 : tensor<?x8xf32>
  %i = tensor.dim %l, %c0 : tensor<?x8xf32>
  %a = attn.splat %hundred sizes(%n, %i) : !attn.matrix<?x?xf32>
  %b = attn.splat %hundred sizes(%i, %m) : !attn.matrix<?x?xf32>
  %c = attn.compose %a, %b : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %p = attn.normalize_rows %c : !attn.matrix<?x?xf32>
  %o = attn.apply %p, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// Two steps along edges.
// MEANING: ok @two_steps
// CHECK-LABEL: func.func @two_steps
// CHECK:         attn.stream csr(
// CHECK:         arith.cmpf oeq
func.func @two_steps(%csr: tensor<?xi64> {attune.dims = ["N+1"], attune.offsets_of = "E"},
                     %columns: tensor<?xi32> {attune.dims = ["E"], attune.below = "N"},
                     %v: tensor<?x4xf32> {attune.dims = ["N", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %v, %c0 : tensor<?x4xf32>
  %g = attn.adjacency %csr, %columns columns(%n) : tensor<?xi64>, tensor<?xi32>
  %c = attn.compose %g, %g : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %p = attn.normalize_rows %c : !attn.matrix<?x?xf32>
  %o = attn.apply %p, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}
