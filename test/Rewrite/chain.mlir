// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks),canonicalize,cse)' | FileCheck %s --implicit-check-not='tensor<?x?xf32>'
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' | FileCheck %s --check-prefix=MEANING
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' --seed=3 | FileCheck %s --check-prefix=MEANING
// RUN: not attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks{disable=chain}))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=DISABLED

// (A B) V = A (B V): the product of the two is never formed.
// MEANING: ok @chain
// CHECK-LABEL: func.func @chain
// CHECK:         attn.stream
// CHECK:         attn.stream
// CHECK-NOT:     attn.stream
// REMARK:        [Passed] chain {{.*}}Function=chain
// DISABLED:      error: 'attn.apply' op is not supported for chain({{.*}}: 'attn.compose' has no entry form here
func.func @chain(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                 %k: tensor<?x8xf32> {attune.dims = ["M", ""]},
                 %v: tensor<?x4xf32> {attune.dims = ["N", ""]}) -> tensor<?x4xf32> {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %t = attn.dot %k, %q : tensor<?x8xf32>, tensor<?x8xf32>
  %f = attn.map %s kernel "sigmoid" : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %unit = arith.constant 1.0 : f32
    %minus = arith.negf %x : f32
    %power = math.exp %minus : f32
    %below = arith.addf %unit, %power : f32
    %y = arith.divf %unit, %below : f32
    attn.yield %y : f32
  }
  %g = attn.map %t kernel "sigmoid" : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %unit = arith.constant 1.0 : f32
    %minus = arith.negf %x : f32
    %power = math.exp %minus : f32
    %below = arith.addf %unit, %power : f32
    %y = arith.divf %unit, %below : f32
    attn.yield %y : f32
  }
  %a = attn.compose %f, %g : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %o = attn.apply %a, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// Landmarks: 5 in the middle, so nothing grows both ways; row sums go through the middle too.
// MEANING: ok @landmarks
// CHECK-LABEL: func.func @landmarks
// CHECK-NOT:     attn.stream
// CHECK:         return
func.func @landmarks(%q: tensor<?x8xf32> {attune.dims = ["N", ""]}, %l: tensor<5x8xf32>,
                     %k: tensor<?x8xf32> {attune.dims = ["M", ""]},
                     %v: tensor<?x4xf32> {attune.dims = ["M", ""]}) -> (tensor<?x4xf32>, tensor<?xf32>) {
  %s = attn.dot %q, %l : tensor<?x8xf32>, tensor<5x8xf32>
  %t = attn.dot %l, %k : tensor<5x8xf32>, tensor<?x8xf32>
  %a = attn.compose %s, %t : !attn.matrix<?x5xf32>, !attn.matrix<5x?xf32>
  %o = attn.apply %a, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  %r = attn.row_sums %a : !attn.matrix<?x?xf32>
  return %o, %r : tensor<?x4xf32>, tensor<?xf32>
}
