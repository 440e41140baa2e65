// RUN: attune-opt %s --attune-plan-arena | FileCheck %s
// DOC: buffers that are not alive together share a slot
// CHECK-LABEL: func.func @two_slots(
// CHECK: %[[N:.*]] = memref.dim %arg0
// CHECK: arith.muli %{{.*}}, %[[N]]
// CHECK: %[[ARENA:.*]] = memref.alloc(%{{.*}}) {alignment = 64 : i64} : memref<?xi8>
// CHECK: memref.view %[[ARENA]][%[[FIRST:.*]]][%{{.*}}] : memref<?xi8> to memref<?x32xf32>
// CHECK: memref.view %[[ARENA]][%[[SECOND:.*]]][%{{.*}}] : memref<?xi8> to memref<?x32xf32>
// CHECK-NEXT: memref.view %[[ARENA]][%[[FIRST]]][%{{.*}}] : memref<?xi8> to memref<?x16xf32>
// CHECK-NEXT: memref.dealloc %[[ARENA]]
// CHECK-NEXT: return
func.func @two_slots(%x: memref<?x8xf32> {attune.dims = ["N", ""], attune.name = "x"}) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?x8xf32>
  %a = memref.alloc(%n) : memref<?x32xf32>
  %b = memref.alloc(%n) : memref<?x32xf32>
  memref.dealloc %a : memref<?x32xf32>
  %c = memref.alloc(%n) : memref<?x16xf32>
  memref.dealloc %b : memref<?x32xf32>
  memref.dealloc %c : memref<?x16xf32>
  return
}
// DOC-END

// The largest choose first; E may be less than N, or more.
// CHECK-LABEL: func.func @slots(
// CHECK: %[[ARENA:.*]] = memref.alloc(%{{.*}}) {alignment = 64 : i64} : memref<?xi8>
// CHECK: memref.view %[[ARENA]][%[[FIRST:.*]]][%{{.*}}] : memref<?xi8> to memref<?xf32>
// CHECK: memref.view %[[ARENA]][%[[FIRST]]][%{{.*}}] : memref<?xi8> to memref<?x32xf32>
// CHECK: memref.view %[[ARENA]][%[[SECOND:.*]]][%{{.*}}] : memref<?xi8> to memref<?x8xf32>
// CHECK: memref.view %[[ARENA]][%[[THIRD:.*]]][%{{.*}}] : memref<?xi8> to memref<?xi8>
// CHECK: memref.view %[[ARENA]][%[[FIRST]]][%{{.*}}] : memref<?xi8> to memref<?x32xf32>
func.func @slots(%x: memref<?xi64> {attune.dims = ["N+1"], attune.name = "x"},
                 %y: memref<?xf32> {attune.dims = ["E"], attune.name = "y"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n1 = memref.dim %x, %c0 : memref<?xi64>
  %n = arith.subi %n1, %c1 : index
  %e = memref.dim %y, %c0 : memref<?xf32>
  %a = memref.alloc(%n) : memref<?xf32>
  memref.dealloc %a : memref<?xf32>
  %b = memref.alloc(%n) : memref<?x32xf32>
  memref.dealloc %b : memref<?x32xf32>
  %c = memref.alloc(%e) : memref<?x8xf32>
  memref.dealloc %c : memref<?x8xf32>
  %d = memref.alloc(%n) : memref<?xi8>
  %f = memref.alloc(%n) : memref<?x32xf32>
  memref.dealloc %d : memref<?xi8>
  memref.dealloc %f : memref<?x32xf32>
  return
}

// A size may stand in a sum only: N = (2 N - 1 + 1) / 2.
// CHECK-LABEL: func.func @sum(
// CHECK: %[[SUM:.*]] = memref.dim %arg0
// CHECK: %[[MORE:.*]] = arith.subi %[[SUM]], %c-1
// CHECK: %[[N:.*]] = arith.divsi %[[MORE]], %c2
// CHECK: arith.muli %{{.*}}, %[[N]]
// CHECK: %[[ARENA:.*]] = memref.alloc(%{{.*}}) {alignment = 64 : i64} : memref<?xi8>
// CHECK: memref.view %[[ARENA]]
func.func @sum(%x: memref<?xf32> {attune.dims = ["2*N-1"], attune.name = "x"}) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %a = memref.alloc(%n) : memref<?x32xf32>
  %b = memref.alloc(%n) : memref<?x32xf32>
  memref.dealloc %a : memref<?x32xf32>
  memref.dealloc %b : memref<?x32xf32>
  return
}

// Sizes from data, buffers that outlive their block, and single buffers stay.
// CHECK-LABEL: func.func @kept(
// CHECK-NOT: memref.view
// CHECK: return
func.func @kept(%x: memref<?xi64> {attune.dims = ["N"], attune.name = "x"}, %if: i1) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xi64>
  %i = memref.load %x[%c0] : memref<?xi64>
  %s = arith.index_cast %i : i64 to index
  %a = memref.alloc(%s) : memref<?xf32>
  %b = memref.alloc(%n) : memref<?xf32>
  %c = scf.if %if -> memref<?xf32> {
    %t = memref.alloc(%n) : memref<?xf32>
    scf.yield %t : memref<?xf32>
  } else {
    %t = memref.alloc(%n) : memref<?xf32>
    scf.yield %t : memref<?xf32>
  }
  memref.dealloc %a : memref<?xf32>
  memref.dealloc %b : memref<?xf32>
  memref.dealloc %c : memref<?xf32>
  return
}
