// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks),canonicalize,cse)' | FileCheck %s --implicit-check-not='tensor<?x?xf32>'
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' | FileCheck %s --check-prefix=MEANING
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' --seed=3 | FileCheck %s --check-prefix=MEANING
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks{disable=distribute}))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=DISABLED
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks{disable=distribute})' | FileCheck %s --check-prefix=MEANING

// (A + B) V = A V + B V, the second product straight into the first.
// MEANING: ok @sum
// CHECK-LABEL: func.func @sum
// CHECK:         %[[FIRST:.+]] = linalg.generic {{.*}} outs({{.*}} : tensor<?x4xf32>)
// CHECK:         linalg.generic {{.*}} outs(%[[FIRST]] : tensor<?x4xf32>)
// CHECK-NOT:     attn.stream
// REMARK:        [Passed] distribute {{.*}}Function=sum | Remark="the product distributes over the sum"
// DISABLED:      [Missed] distribute {{.*}}Function=sum | Reason=disabled
func.func @sum(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
               %k: tensor<?x8xf32> {attune.dims = ["M", ""]},
               %v: tensor<?x4xf32> {attune.dims = ["M", ""]}) -> tensor<?x4xf32> {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %t = attn.dot %k, %q : tensor<?x8xf32>, tensor<?x8xf32>
  %u = attn.transpose %t : !attn.matrix<?x?xf32>
  %a = attn.add %s, %u : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %o = attn.apply %a, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// What has no linear form stays with its like in one stream, the rest leaves it.
// MEANING: ok @groups
// CHECK-LABEL: func.func @groups
// CHECK:         linalg.generic {{.*}} outs({{.*}} : tensor<8x4xf32>)
// CHECK:         attn.stream
// CHECK-NOT:     attn.stream
// REMARK:        [Passed] stream {{.*}}Function=groups {{.*}}(entrywise-function
// REMARK:        [Passed] distribute {{.*}}Function=groups
func.func @groups(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
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
  %a = attn.add %f, %s : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %b = attn.add %a, %f : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %o = attn.apply %b, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// Must not fire: a sum of streams only is visited once.
// MEANING: ok @streams
// CHECK-LABEL: func.func @streams
// CHECK:         attn.stream
// CHECK-NOT:     attn.stream
// REMARK-NOT:    [Passed] distribute {{.*}}Function=streams
func.func @streams(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
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
  %d = attn.distance %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %a = attn.add %f, %d : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %o = attn.apply %a, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}
