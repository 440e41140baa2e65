// RUN: attune-opt %s --attune-reuse-inits | FileCheck %s
// RUN: attune-compile %s --target=reference --before-after="func.func(attune-reuse-inits)"
#id = affine_map<(i) -> (i)>

// Both branches begin with the blank in front of them, each with its own fill.
// CHECK-LABEL: func.func @branches(
// CHECK: %[[E:.*]] = tensor.empty
// CHECK: scf.if
// CHECK: %[[F:.*]] = linalg.fill {{.*}} outs(%[[E]] : tensor<?xf32>)
// CHECK: %[[A:.*]] = linalg.add {{.*}} outs(%[[F]] : tensor<?xf32>)
// CHECK: yield %[[A]]
// CHECK: else
// CHECK-NOT: tensor.empty
// CHECK: %[[G:.*]] = linalg.fill {{.*}} outs(%[[E]] : tensor<?xf32>)
// CHECK: yield %[[G]]
func.func @branches(%x: tensor<?xf32> {attune.dims = ["N"]}) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %small = arith.cmpi ult, %n, %c3 : index
  %r = scf.if %small -> tensor<?xf32> {
    %y = linalg.add ins(%x, %x : tensor<?xf32>, tensor<?xf32>) outs(%f : tensor<?xf32>) -> tensor<?xf32>
    scf.yield %y : tensor<?xf32>
  } else {
    scf.yield %f : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}

// What a loop carries is written in place.
// CHECK-LABEL: func.func @carried(
// CHECK: scf.for {{.*}} iter_args(%[[U:.*]] = %arg0)
// CHECK: linalg.generic {{.*}} outs(%[[U]] : tensor<?xf32>)
func.func @carried(%x: tensor<?xf32> {attune.dims = ["N"]}) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %r = scf.for %i = %c0 to %c3 step %c1 iter_args(%u = %x) -> tensor<?xf32> {
    %e = tensor.empty(%n) : tensor<?xf32>
    %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
        ins(%u : tensor<?xf32>) outs(%e : tensor<?xf32>) {
    ^bb0(%in: f32, %out: f32):
      %0 = math.absf %in : f32
      linalg.yield %0 : f32
    } -> tensor<?xf32>
    scf.yield %y : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}

// A product cannot be: it is copied back, so that one buffer serves all iterations.
// CHECK-LABEL: func.func @product(
// CHECK: scf.for {{.*}} iter_args(%[[U:.*]] = %arg0)
// CHECK: %[[P:.*]] = linalg.matmul
// CHECK: %[[BACK:.*]] = linalg.copy ins(%[[P]] : tensor<4x4xf32>) outs(%[[U]] : tensor<4x4xf32>)
// CHECK: scf.yield %[[BACK]]
func.func @product(%x: tensor<4x4xf32>, %w: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %zero = arith.constant 0.0 : f32
  %r = scf.for %i = %c0 to %c3 step %c1 iter_args(%u = %x) -> tensor<4x4xf32> {
    %e = tensor.empty() : tensor<4x4xf32>
    %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4x4xf32>) -> tensor<4x4xf32>
    %p = linalg.matmul ins(%u, %w : tensor<4x4xf32>, tensor<4x4xf32>) outs(%f : tensor<4x4xf32>) -> tensor<4x4xf32>
    scf.yield %p : tensor<4x4xf32>
  }
  return %r : tensor<4x4xf32>
}
