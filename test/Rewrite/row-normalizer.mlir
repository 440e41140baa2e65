// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks),canonicalize,cse)' | FileCheck %s --implicit-check-not='tensor<?x?xf32>'
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' | FileCheck %s --check-prefix=MEANING
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' --seed=3 | FileCheck %s --check-prefix=MEANING
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks{disable=row-normalizer}))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=DISABLED
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks{disable=row-normalizer})' | FileCheck %s --check-prefix=MEANING

// normalize(A) V = (A V) / (A 1); the sums take the linear form too.
// MEANING: ok @normalized
// CHECK-LABEL: func.func @normalized
// CHECK:         linalg.generic {{.*}} outs({{.*}} : tensor<8x4xf32>)
// CHECK:         linalg.generic {{.*}} outs({{.*}} : tensor<?x4xf32>)
// CHECK:         linalg.generic {{.*}} outs({{.*}} : tensor<8xf32>)
// CHECK:         arith.divf
// CHECK-NOT:     attn.stream
// REMARK:        [Passed] row-normalizer {{.*}}Function=normalized
// DISABLED:      [Missed] row-normalizer {{.*}}Function=normalized | Reason=disabled
func.func @normalized(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                      %k: tensor<?x8xf32> {attune.dims = ["M", ""]},
                      %v: tensor<?x4xf32> {attune.dims = ["M", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %q, %c0 : tensor<?x8xf32>
  %m = tensor.dim %k, %c0 : tensor<?x8xf32>
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %two = arith.constant 200.0 : f32
  %c = attn.splat %two sizes(%n, %m) : !attn.matrix<?x?xf32>
  %a = attn.add %c, %s : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %p = attn.normalize_rows %a : !attn.matrix<?x?xf32>
  %o = attn.apply %p, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// A matrix that is visited gives product and sums in one pass.
// MEANING: ok @one_pass
// CHECK-LABEL: func.func @one_pass
// CHECK:         attn.stream {{.*}}sinks = [#attn<sink apply>, #attn<sink row_sum>]
// CHECK-NOT:     attn.stream
// REMARK:        [Passed] stream {{.*}}Function=one_pass {{.*}}(entrywise-function
func.func @one_pass(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                    %k: tensor<?x8xf32> {attune.dims = ["M", ""]},
                    %v: tensor<?x4xf32> {attune.dims = ["M", ""]}) -> tensor<?x4xf32> {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %f = attn.map %s kernel "sigmoid" : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %unit = arith.constant 1.0 : f32
    %minus = arith.negf %x : f32
    %power = math.exp %minus : f32
    %below = arith.addf %unit, %power : f32
    %y = arith.divf %unit, %below : f32
    attn.yield %y : f32
  }
  %p = attn.normalize_rows %f : !attn.matrix<?x?xf32>
  %o = attn.apply %p, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// Must not fire: softmax is no quotient of sums that distribute; the running maximum is one stream.
// MEANING: ok @softmax
// CHECK-LABEL: func.func @softmax
// CHECK:         attn.stream {{.*}}sinks = [#attn<sink softmax>]
// CHECK-NOT:     attn.stream
// REMARK:        [Passed] stream {{.*}}Function=softmax {{.*}}(softmax-not-separable
func.func @softmax(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                   %k: tensor<?x8xf32> {attune.dims = ["M", ""]},
                   %v: tensor<?x4xf32> {attune.dims = ["M", ""]}) -> tensor<?x4xf32> {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %p = attn.softmax %s : !attn.matrix<?x?xf32>
  %o = attn.apply %p, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// A row without entries stays 0: its sum is counted, not divided by.
// MEANING: ok @empty_rows
// CHECK-LABEL: func.func @empty_rows
// CHECK:         arith.cmpf oeq
// CHECK:         arith.select
// CHECK:         arith.divf
func.func @empty_rows(%offsets: tensor<?xi64> {attune.dims = ["N+1"], attune.offsets_of = "E"},
                      %columns: tensor<?xi32> {attune.dims = ["E"], attune.below = "N"},
                      %v: tensor<?x4xf32> {attune.dims = ["N", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %v, %c0 : tensor<?x4xf32>
  %a = attn.adjacency %offsets, %columns columns(%n) unique : tensor<?xi64>, tensor<?xi32>
  %p = attn.normalize_rows %a : !attn.matrix<?x?xf32>
  %o = attn.apply %p, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}
