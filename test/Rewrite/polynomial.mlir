// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks),canonicalize,cse)' | FileCheck %s --implicit-check-not='tensor<?x?xf32>'
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' | FileCheck %s --check-prefix=MEANING
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' --seed=3 | FileCheck %s --check-prefix=MEANING
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks{disable=polynomial}))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=DISABLED
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks{disable=polynomial})' | FileCheck %s --check-prefix=MEANING

// (1 + x)^2 of x = q . k with 8 columns: 1 + 2 x + x^2, each with its own linear form.
// MEANING: ok @square
// CHECK-LABEL: func.func @square
// CHECK:         linalg.generic {{.*}} outs({{.*}} : tensor<4xf32>)
// CHECK:         linalg.generic {{.*}} outs({{.*}} : tensor<8x4xf32>)
// CHECK:         scf.for
// CHECK-NOT:     attn.stream
// REMARK:        [Passed] polynomial {{.*}}Function=square | {{.*}}form="polynomial(degree 2, factored(rank 8))"
// DISABLED:      [Missed] polynomial {{.*}}Function=square | Reason=disabled
func.func @square(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                  %k: tensor<?x8xf32> {attune.dims = ["M", ""]},
                  %v: tensor<?x4xf32> {attune.dims = ["M", ""]}) -> tensor<?x4xf32> {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %f = attn.map %s : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %unit = arith.constant 1.0 : f32
    %t = arith.addf %unit, %x : f32
    %y = arith.mulf %t, %t : f32
    attn.yield %y : f32
  }
  %o = attn.apply %f, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// An affine function of a scaled dot product.
// MEANING: ok @affine
// CHECK-LABEL: func.func @affine
// CHECK-NOT:     attn.stream
// CHECK-NOT:     scf.for
// CHECK:         return
// REMARK:        [Passed] polynomial {{.*}}Function=affine | {{.*}}degree 1
func.func @affine(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                  %k: tensor<?x8xf32> {attune.dims = ["M", ""]}, %f: f32,
                  %v: tensor<?x4xf32> {attune.dims = ["M", ""]}) -> tensor<?x4xf32> {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %c = attn.scale %s scalar(%f) : !attn.matrix<?x?xf32>
  %a = attn.map %c scalars(%f) : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32, %f0: f32):
    %three = arith.constant 3.0 : f32
    %t = arith.mulf %x, %three : f32
    %y = arith.subf %t, %f0 : f32
    attn.yield %y : f32
  }
  %o = attn.apply %a, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// Must not fire: a quotient, a cube, and a row's own value are no polynomials of degree 2.
// MEANING: ok @sigmoid
// CHECK-LABEL: func.func @sigmoid
// CHECK:         attn.stream
// REMARK:        [Passed] stream {{.*}}Function=sigmoid {{.*}}(entrywise-function
func.func @sigmoid(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
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
  %o = attn.apply %f, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// MEANING: ok @cube
// CHECK-LABEL: func.func @cube
// CHECK:         attn.stream
// REMARK:        [Passed] stream {{.*}}Function=cube {{.*}}(entrywise-function
func.func @cube(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                %k: tensor<?x8xf32> {attune.dims = ["M", ""]},
                %v: tensor<?x4xf32> {attune.dims = ["M", ""]}) -> tensor<?x4xf32> {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %f = attn.map %s : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %t = arith.mulf %x, %x : f32
    %y = arith.mulf %t, %x : f32
    attn.yield %y : f32
  }
  %o = attn.apply %f, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}
