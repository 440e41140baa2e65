// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-gpu-map-loops))' -split-input-file | FileCheck %s
// DOC: a parallel loop with a buffer of its own
func.func @loop(%n: index, %out: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %own = memref.alloc(%n) : memref<?xf32>
    %x = memref.load %own[%i] : memref<?xf32>
    memref.store %x, %out[%i] : memref<?xf32>
    memref.dealloc %own : memref<?xf32>
    scf.reduce
  }
  return
}
// CHECK-LABEL: func.func @loop(
// CHECK: %[[ROOM:.*]] = memref.alloc(%{{.*}}) {alignment = 64 : i64} : memref<?xi8>
// CHECK: gpu.launch
// CHECK: scf.if
// CHECK: memref.view %[[ROOM]][%{{.*}}][%{{.*}}] : memref<?xi8> to memref<?xf32>
// CHECK: memref.store
// CHECK: gpu.terminator
// CHECK: memref.dealloc %[[ROOM]]
// DOC-END

// -----
// Serial code is one kernel; the number that the host needs comes back through a buffer.
// CHECK-LABEL: func.func @serial(
// CHECK: %[[SUM:.*]] = memref.alloc() {alignment = 64 : i64} : memref<1xindex>
// CHECK: gpu.launch
// CHECK: scf.for
// CHECK: memref.store %{{.*}}, %[[SUM]]
// CHECK: gpu.terminator
// CHECK: %[[SIZE:.*]] = memref.load %[[SUM]]
// CHECK: memref.alloc(%[[SIZE]])
func.func @serial(%n: index, %in: memref<?xindex>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %sum = scf.for %i = %c0 to %n step %c1 iter_args(%s = %c0) -> (index) {
    %x = memref.load %in[%i] : memref<?xindex>
    %next = arith.addi %s, %x : index
    scf.yield %next : index
  }
  %room = memref.alloc(%sum) : memref<?xf32>
  memref.dealloc %room : memref<?xf32>
  return
}

// -----
// A single load stays on the host, where it reads from the device; arithmetic is no kernel.
// CHECK-LABEL: func.func @load(
// CHECK-NOT: gpu.launch
// CHECK: memref.load
func.func @load(%in: memref<?xindex>) -> index {
  %c0 = arith.constant 0 : index
  %x = memref.load %in[%c0] : memref<?xindex>
  %y = arith.addi %x, %x : index
  return %y : index
}

// -----
// Branches on sizes are the host's.
// CHECK-LABEL: func.func @branch(
// CHECK: scf.if
// CHECK: gpu.launch
// CHECK: else
// CHECK: gpu.launch
func.func @branch(%few: i1, %n: index, %out: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  scf.if %few {
    memref.store %zero, %out[%c0] : memref<?xf32>
  } else {
    scf.parallel (%i) = (%c0) to (%n) step (%c1) {
      memref.store %zero, %out[%i] : memref<?xf32>
      scf.reduce
    }
  }
  return
}
