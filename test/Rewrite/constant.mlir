// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks),canonicalize,cse)' | FileCheck %s --implicit-check-not='tensor<?x?xf32>'
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' | FileCheck %s --check-prefix=MEANING
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' --seed=3 | FileCheck %s --check-prefix=MEANING
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks{disable=constant}))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=DISABLED
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks{disable=constant})' | FileCheck %s --check-prefix=MEANING

// splat(c) V: every row is c times the column sums of V.
// MEANING: ok @constant
// CHECK-LABEL: func.func @constant
// CHECK:         %[[SUMS:.+]] = linalg.generic {{.*}}iterator_types = ["parallel", "reduction"]{{.*}} outs({{.*}} : tensor<4xf32>)
// CHECK:         linalg.generic {{.*}} outs({{.*}} : tensor<?x4xf32>)
// CHECK-NOT:     attn.stream
// REMARK:        [Passed] constant {{.*}}Function=constant | Remark="the constant matrix becomes column sums of V", cost_after="4*M + 4"
// DISABLED:      [Missed] constant {{.*}}Function=constant | Reason=disabled
func.func @constant(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                    %k: tensor<?x8xf32> {attune.dims = ["M", ""]},
                    %v: tensor<?x4xf32> {attune.dims = ["M", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %q, %c0 : tensor<?x8xf32>
  %m = tensor.dim %k, %c0 : tensor<?x8xf32>
  %c = arith.constant 2.0 : f32
  %s = attn.splat %c sizes(%n, %m) : !attn.matrix<?x?xf32>
  %o = attn.apply %s, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// Its row sums are a number: c M.
// MEANING: ok @sums
// CHECK-LABEL: func.func @sums
// CHECK:         arith.sitofp
// CHECK-NOT:     reduction
// CHECK:         return
func.func @sums(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                %k: tensor<?x8xf32> {attune.dims = ["M", ""]}) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %q, %c0 : tensor<?x8xf32>
  %m = tensor.dim %k, %c0 : tensor<?x8xf32>
  %c = arith.constant 2.0 : f32
  %s = attn.splat %c sizes(%n, %m) : !attn.matrix<?x?xf32>
  %o = attn.row_sums %s : !attn.matrix<?x?xf32>
  return %o : tensor<?xf32>
}

// Must not fire: masked, not all entries are there.
// MEANING: ok @masked
// CHECK-LABEL: func.func @masked
// CHECK:         attn.stream
// REMARK:        [Passed] stream {{.*}}Function=masked {{.*}}(causal-mask
func.func @masked(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                  %v: tensor<?x4xf32> {attune.dims = ["N", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %q, %c0 : tensor<?x8xf32>
  %c = arith.constant 2.0 : f32
  %s = attn.splat %c sizes(%n, %n) : !attn.matrix<?x?xf32>
  %r = attn.restrict %s causal : !attn.matrix<?x?xf32>
  %o = attn.apply %r, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}
