// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks),canonicalize,cse)' | FileCheck %s --implicit-check-not='tensor<?x?xf32>'
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' | FileCheck %s --check-prefix=MEANING
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' --seed=3 | FileCheck %s --check-prefix=MEANING
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks{disable=diagonal}))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=DISABLED
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks{disable=diagonal})' | FileCheck %s --check-prefix=MEANING

// diagonal(d) V scales the rows of V.
// MEANING: ok @diagonal
// CHECK-LABEL: func.func @diagonal
// CHECK:         linalg.generic {{.*}}iterator_types = ["parallel", "parallel"]{{.*}} ins({{.*}}, {{.*}} : tensor<?x4xf32>, tensor<?xf32>)
// CHECK-NOT:     reduction
// CHECK-NOT:     attn.stream
// REMARK:        [Passed] diagonal {{.*}}Function=diagonal | {{.*}}cost_after=4*N
// DISABLED:      [Missed] diagonal {{.*}}Function=diagonal | Reason=disabled
func.func @diagonal(%d: tensor<?xf32> {attune.dims = ["N"]},
                    %v: tensor<?x4xf32> {attune.dims = ["N", ""]}) -> tensor<?x4xf32> {
  %s = attn.diagonal values(%d : tensor<?xf32>) : !attn.matrix<?x?xf32>
  %o = attn.apply %s, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// With a number: the identity times it, next to a product.
// MEANING: ok @ridge
// CHECK-LABEL: func.func @ridge
// CHECK:         linalg.generic {{.*}} outs({{.*}} : tensor<8x4xf32>)
// CHECK-NOT:     attn.stream
func.func @ridge(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                 %v: tensor<?x4xf32> {attune.dims = ["N", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %q, %c0 : tensor<?x8xf32>
  %c = arith.constant 3.0 : f32
  %i = attn.diagonal scalar(%c) sizes(%n, %n) : !attn.matrix<?x?xf32>
  %s = attn.dot %q, %q : tensor<?x8xf32>, tensor<?x8xf32>
  %a = attn.add %s, %i : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %o = attn.apply %a, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// Must not fire within a function of the sum.
// MEANING: ok @within
// CHECK-LABEL: func.func @within
// CHECK:         attn.stream
// CHECK:           arith.cmpi eq
// REMARK:        [Passed] stream {{.*}}Function=within {{.*}}(entrywise-function
func.func @within(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                  %v: tensor<?x4xf32> {attune.dims = ["N", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %q, %c0 : tensor<?x8xf32>
  %c = arith.constant 3.0 : f32
  %i = attn.diagonal scalar(%c) sizes(%n, %n) : !attn.matrix<?x?xf32>
  %s = attn.dot %q, %q : tensor<?x8xf32>, tensor<?x8xf32>
  %a = attn.add %s, %i : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %f = attn.map %a kernel "sigmoid" : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
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
