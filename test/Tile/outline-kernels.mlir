// RUN: attune-opt %s --attune-outline-kernels -split-input-file | FileCheck %s
// DOC: two equal ops on different buffers
// CHECK-LABEL: func.func @twice(
// CHECK-SAME: %[[A:.*]]: memref<?xf32>, %[[B:.*]]: memref<?xf32>)
// CHECK: call @[[KERNEL:[a-z0-9_.]*]](%[[A]])
// CHECK-NEXT: call @[[KERNEL]](%[[B]])
// CHECK-NEXT: return
// CHECK: func.func private @[[KERNEL]](%[[X:.*]]: memref<?xf32>)
// CHECK: %[[TWO:.*]] = arith.constant 2.000000e+00 : f32
// CHECK: linalg.fill ins(%[[TWO]] : f32) outs(%[[X]] : memref<?xf32>)
// CHECK-NOT: func.func
func.func @twice(%a: memref<?xf32>, %b: memref<?xf32>) {
  %two = arith.constant 2.0 : f32
  linalg.fill ins(%two : f32) outs(%a : memref<?xf32>)
  linalg.fill ins(%two : f32) outs(%b : memref<?xf32>)
  return
}

// -----
// Other constants and other types are other code; numbers that are no constants are arguments.
// CHECK-LABEL: func.func @different(
// CHECK-SAME: %[[A:.*]]: memref<?xf32>, %[[B:.*]]: memref<4xf32>, %[[X:.*]]: f32)
// CHECK: call @[[FIRST:kernel]](
// CHECK: call @[[SECOND:kernel_0]](
// CHECK: scf.for
// CHECK: call @[[THIRD:kernel_1]](%[[X]], %[[A]])
// CHECK: func.func private @[[FIRST]]
// CHECK: func.func private @[[SECOND]]
// CHECK: func.func private @[[THIRD]](%{{.*}}: f32, %{{.*}}: memref<?xf32>)
func.func @different(%a: memref<?xf32>, %b: memref<4xf32>, %x: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %two = arith.constant 2.0 : f32
  %three = arith.constant 3.0 : f32
  linalg.fill ins(%two : f32) outs(%a : memref<?xf32>)
  linalg.fill ins(%three : f32) outs(%b : memref<4xf32>)
  scf.for %i = %c0 to %c8 step %c1 {
    linalg.fill ins(%x : f32) outs(%a : memref<?xf32>)
  }
  return
}

// -----
// What is on tensors stays.
// CHECK-LABEL: func.func @tensors(
// CHECK: linalg.fill
// CHECK-NOT: func.func
func.func @tensors(%a: tensor<?xf32>, %x: f32) -> tensor<?xf32> {
  %0 = linalg.fill ins(%x : f32) outs(%a : tensor<?xf32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
