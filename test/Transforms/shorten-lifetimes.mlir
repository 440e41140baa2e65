// RUN: attune-opt %s --attune-shorten-lifetimes -split-input-file | FileCheck %s
// RUN: attune-compile %s --target=reference --before-after="func.func(attune-shorten-lifetimes)"
// DOC: the column sums of k come before the large value in between
// CHECK-LABEL: func.func @sums(
// CHECK: %[[K:.*]] = math.absf
// CHECK: linalg.reduce {{.*}} ins(%[[K]] : tensor<?x4xf32>)
// CHECK: math.exp
func.func @sums(%x: tensor<?x4xf32> {attune.dims = ["N", ""]}, %y: tensor<?x4xf32> {attune.dims = ["N", ""]})
    -> (tensor<?x4xf32>, tensor<4xf32>) {
  %k = math.absf %x : tensor<?x4xf32>
  %large = math.exp %y : tensor<?x4xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %s = linalg.reduce {arith.addf} ins(%k : tensor<?x4xf32>) outs(%f : tensor<4xf32>) dimensions = [0]
  return %large, %s : tensor<?x4xf32>, tensor<4xf32>
}

// -----
// What writes memory stays where it is, and so does what grows.
// CHECK-LABEL: func.func private @stays(
// CHECK: memref.store
// CHECK: memref.load
// CHECK: math.exp
func.func private @stays(%m: memref<f32>, %x: tensor<?xf32> {attune.dims = ["N"]}) -> (f32, tensor<?xf32>) {
  %zero = arith.constant 0.0 : f32
  memref.store %zero, %m[] : memref<f32>
  %v = memref.load %m[] : memref<f32>
  %y = math.exp %x : tensor<?xf32>
  return %v, %y : f32, tensor<?xf32>
}
