// RUN: attune-opt %s --allow-unregistered-dialect --pass-pipeline='builtin.module(convert-scf-to-openmp,func.func(attune-place-scratch),canonicalize)' | FileCheck %s
// DOC: the panel of a task
// CHECK-LABEL: func.func @task(
// CHECK: omp.parallel
// CHECK-NEXT: memref.alloca() {alignment = 64 : i64} : memref<16x32xf32>
// CHECK-NOT: memref.alloc()
// CHECK-NOT: memref.dealloc
// CHECK: return
func.func @task(%n: index, %out: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    scf.for %j = %c0 to %n step %c1 {
      %panel = memref.alloc() {alignment = 64 : i64} : memref<16x32xf32>
      "test.use"(%panel, %out) : (memref<16x32xf32>, memref<?xf32>) -> ()
      memref.dealloc %panel : memref<16x32xf32>
    }
  }
  return
}
// DOC-END

// Out of the loops outside of which the size is known.
// CHECK-LABEL: func.func @loops(
// CHECK: scf.for
// CHECK: memref.alloc(
// CHECK-NEXT: scf.for
// CHECK-NEXT: "test.use"
// CHECK-NEXT: }
// CHECK-NEXT: memref.dealloc
// CHECK: return
func.func @loops(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %size = arith.addi %i, %c1 : index
    scf.for %j = %c0 to %n step %c1 {
      %a = memref.alloc(%size) : memref<?xf32>
      "test.use"(%a) : (memref<?xf32>) -> ()
      memref.dealloc %a : memref<?xf32>
    }
  }
  return
}

// The stack of a loop's tasks holds 256 KiB; sizes must be known.
// CHECK-LABEL: func.func @large(
// CHECK: omp.parallel
// CHECK-NEXT: memref.alloca() : memref<50000xf32>
// CHECK: omp.loop_nest
// CHECK: memref.alloc() : memref<20000xf32>
// CHECK: memref.alloc(%{{.*}}) : memref<?xf32>
func.func @large(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %a = memref.alloc() : memref<50000xf32>
    %b = memref.alloc() : memref<20000xf32>
    %c = memref.alloc(%n) : memref<?xf32>
    "test.use"(%a, %b, %c) : (memref<50000xf32>, memref<20000xf32>, memref<?xf32>) -> ()
    memref.dealloc %a : memref<50000xf32>
    memref.dealloc %b : memref<20000xf32>
    memref.dealloc %c : memref<?xf32>
  }
  return
}

// What is not freed in the loop stays.
// CHECK-LABEL: func.func @kept(
// CHECK: scf.for
// CHECK-NEXT: memref.alloc
func.func @kept(%n: index) -> memref<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = memref.alloc() : memref<4xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%last = %first) -> memref<4xf32> {
    %a = memref.alloc() : memref<4xf32>
    "test.use"(%last) : (memref<4xf32>) -> ()
    memref.dealloc %last : memref<4xf32>
    scf.yield %a : memref<4xf32>
  }
  return %r : memref<4xf32>
}
