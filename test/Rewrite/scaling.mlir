// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks),canonicalize,cse)' | FileCheck %s --implicit-check-not='tensor<?x?xf32>'
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' | FileCheck %s --check-prefix=MEANING
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' --seed=3 | FileCheck %s --check-prefix=MEANING
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks{disable=scaling}))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=DISABLED
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks{disable=scaling})' | FileCheck %s --check-prefix=MEANING

// r (A (c V)): column factors go to the values, row factors to the result, the number to the small product.
// MEANING: ok @scaled
// CHECK-LABEL: func.func @scaled
// CHECK-SAME:    %[[R:[^:]+]]: tensor<?xf32> {attune.dims = ["N"]}, %[[C:[^:]+]]: tensor<?xf32> {attune.dims = ["M"]}
// CHECK:         %[[VALUES:.+]] = linalg.generic {{.*}} ins({{.*}}, %[[C]] :
// CHECK:         %[[SMALL:.+]] = linalg.generic {{.*}} ins({{.*}}, %[[VALUES]] : {{.*}} outs({{.*}} : tensor<8x4xf32>)
// CHECK:         linalg.generic {{.*}} ins(%[[SMALL]] : tensor<8x4xf32>)
// CHECK:         linalg.generic {{.*}} ins({{.*}}, %[[R]] :
// CHECK-NOT:     attn.stream
// REMARK:        [Passed] scaling {{.*}}Function=scaled
// DISABLED:      [Missed] scaling {{.*}}Function=scaled | Reason=disabled
func.func @scaled(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                  %k: tensor<?x8xf32> {attune.dims = ["M", ""]},
                  %v: tensor<?x4xf32> {attune.dims = ["M", ""]},
                  %r: tensor<?xf32> {attune.dims = ["N"]}, %c: tensor<?xf32> {attune.dims = ["M"]}) -> tensor<?x4xf32> {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %half = arith.constant 0.5 : f32
  %a = attn.scale %s rows(%r : tensor<?xf32>) cols(%c : tensor<?xf32>) scalar(%half) : !attn.matrix<?x?xf32>
  %o = attn.apply %a, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// Row sums of A diag(c) are the product A c.
// MEANING: ok @sums
// CHECK-LABEL: func.func @sums
// CHECK:         linalg.generic {{.*}} outs({{.*}} : tensor<8x1xf32>)
// CHECK-NOT:     attn.stream
func.func @sums(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                %k: tensor<?x8xf32> {attune.dims = ["M", ""]},
                %c: tensor<?xf32> {attune.dims = ["M"]}) -> tensor<?xf32> {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %a = attn.scale %s cols(%c : tensor<?xf32>) : !attn.matrix<?x?xf32>
  %o = attn.row_sums %a : !attn.matrix<?x?xf32>
  return %o : tensor<?xf32>
}

// A number for each head.
// MEANING: ok @heads
// CHECK-LABEL: func.func @heads
// CHECK:         linalg.generic {{.*}} outs({{.*}} : tensor<2x8x4xf32>)
// CHECK-NOT:     attn.stream
func.func @heads(%q: tensor<?x2x8xf32> {attune.dims = ["N", "", ""]}, %h: tensor<2xf32>,
                 %v: tensor<?x2x4xf32> {attune.dims = ["N", "", ""]}) -> tensor<?x2x4xf32> {
  %s = attn.dot %q, %q : tensor<?x2x8xf32>, tensor<?x2x8xf32>
  %a = attn.scale %s heads(%h : tensor<2xf32>) : !attn.matrix<2x?x?xf32>
  %o = attn.apply %a, %v : !attn.matrix<2x?x?xf32>, tensor<?x2x4xf32>
  return %o : tensor<?x2x4xf32>
}

// Must not fire inside of a function: the factor is part of its argument.
// MEANING: ok @within
// CHECK-LABEL: func.func @within
// CHECK:         attn.stream {{.*}}rows(
// CHECK:           arith.mulf
// CHECK:           math.exp
// REMARK-NOT:    [Passed] scaling {{.*}}Function=within
func.func @within(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                  %k: tensor<?x8xf32> {attune.dims = ["M", ""]},
                  %v: tensor<?x4xf32> {attune.dims = ["M", ""]},
                  %r: tensor<?xf32> {attune.dims = ["N"]}) -> tensor<?x4xf32> {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %a = attn.scale %s rows(%r : tensor<?xf32>) : !attn.matrix<?x?xf32>
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
