// RUN: attune-opt %s --attune-outline-tasks -split-input-file | FileCheck %s
// DOC: two equal loops on different buffers
// CHECK-LABEL: func.func @twice(
// CHECK-SAME: %[[A:.*]]: memref<?xf32>, %[[B:.*]]: memref<?xf32>, %[[N:.*]]: index)
// CHECK: call @[[TASK:[a-z0-9_.]*]](%[[N]], %[[A]])
// CHECK-NEXT: call @[[TASK]](%[[N]], %[[B]])
// CHECK-NEXT: return
// CHECK: func.func private @[[TASK]](%[[SIZE:.*]]: index, %[[X:.*]]: memref<?xf32>)
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0 : index
// CHECK-DAG: arith.constant 2.000000e+00 : f32
// CHECK: scf.parallel (%{{.*}}) = (%[[ZERO]]) to (%[[SIZE]])
// CHECK-NOT: func.func
func.func @twice(%a: memref<?xf32>, %b: memref<?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %two = arith.constant 2.0 : f32
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    memref.store %two, %a[%i] : memref<?xf32>
  }
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    memref.store %two, %b[%i] : memref<?xf32>
  }
  return
}

// -----
// Other constants are other code; a loop inside another stays there.
// CHECK-LABEL: func.func @different(
// CHECK: call @task(
// CHECK: call @[[OTHER:task_0]](
// CHECK: func.func private @task
// CHECK: scf.parallel
// CHECK: scf.parallel
// CHECK: func.func private @[[OTHER]]
func.func @different(%a: memref<?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %two = arith.constant 2.0 : f32
  %three = arith.constant 3.0 : f32
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    scf.parallel (%j) = (%c0) to (%n) step (%c1) {
      memref.store %two, %a[%j] : memref<?xf32>
    }
  }
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    memref.store %three, %a[%i] : memref<?xf32>
  }
  return
}

// -----
// A loop with a result stays.
// CHECK-LABEL: func.func @sum(
// CHECK: scf.parallel
// CHECK-NOT: func.func
func.func @sum(%n: index, %zero: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.parallel (%i) = (%c0) to (%n) step (%c1) init (%zero) -> f32 {
    scf.reduce(%zero : f32) {
    ^bb0(%x: f32, %y: f32):
      %s = arith.addf %x, %y : f32
      scf.reduce.return %s : f32
    }
  }
  return %r : f32
}
