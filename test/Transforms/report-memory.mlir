// The bytes that a call takes: slots of the arena, each with 63 for its alignment, and what is not in it.
// RUN: attune-opt %s --attune-report-memory --remarks-filter="attune.*" -o /dev/null 2>&1 | FileCheck %s

// Freed before the next one is made: one slot for the larger.
// CHECK: remark: {{.*}}memory{{.*}}Function=reused{{.*}}bytes="256*N + 127"
func.func @reused(%x: memref<?x8xf32> {attune.dims = ["N", ""], attune.name = "x"}) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?x8xf32>
  %small = memref.alloc() : memref<16xf32>
  %a = memref.alloc(%n) : memref<?x32xf32>
  memref.dealloc %a : memref<?x32xf32>
  %b = memref.alloc(%n) : memref<?x64xf32>
  memref.dealloc %small : memref<16xf32>
  memref.dealloc %b : memref<?x64xf32>
  return
}

// Neither is always the larger one.
// CHECK: remark: {{.*}}Function=either{{.*}}bytes="max(16*N, 12*E)"
func.func @either(%list: memref<2x?xi64> {attune.dims = ["", "E"], attune.name = "e"},
                  %x: memref<?xf32> {attune.dims = ["N"], attune.name = "x"},
                  %o: memref<?xi64> {attune.dims = ["N+1"], attune.name = "o"},
                  %c: memref<?xi32> {attune.dims = ["E"], attune.name = "c"},
                  %i: memref<?xi32> {attune.dims = ["E"], attune.name = "i"}, %if: i1) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %r = scf.if %if -> memref<?x4xf32> {
    %a = memref.alloc(%n) : memref<?x4xf32>
    scf.yield %a : memref<?x4xf32>
  } else {
    %a = memref.alloc(%n) : memref<?x4xf32>
    scf.yield %a : memref<?x4xf32>
  }
  memref.dealloc %r : memref<?x4xf32>
  nn.csr %list outs(%o, %c, %i : memref<?xi64>, memref<?xi32>, memref<?xi32>) : memref<2x?xi64>
  return
}

// Branches: the larger one; what a branch yields lives on under the name of the result.
// CHECK: remark: {{.*}}Function=branches{{.*}}bytes="40*N + 63"
func.func @branches(%x: memref<?xf32> {attune.dims = ["N"], attune.name = "x"}, %c: i1) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %r = scf.if %c -> memref<?x2xf32> {
    %t = memref.alloc(%n) : memref<?x8xf32>
    memref.dealloc %t : memref<?x8xf32>
    %a = memref.alloc(%n) : memref<?x2xf32>
    scf.yield %a : memref<?x2xf32>
  } else {
    %a = memref.alloc(%n) : memref<?x2xf32>
    scf.yield %a : memref<?x2xf32>
  }
  %b = memref.alloc(%n) : memref<?x8xf32>
  memref.dealloc %b : memref<?x8xf32>
  memref.dealloc %r : memref<?x2xf32>
  return
}

// Sorting edges takes 12 bytes for each on top of what is there.
// CHECK: remark: {{.*}}Function=sort{{.*}}bytes="20*E + 8*N + 197"
func.func @sort(%list: memref<2x?xi64> {attune.dims = ["", "E"], attune.name = "e"},
                %x: memref<?xf32> {attune.dims = ["N"], attune.name = "x"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %e = memref.dim %list, %c1 : memref<2x?xi64>
  %n1 = arith.addi %n, %c1 : index
  %o = memref.alloc(%n1) : memref<?xi64>
  %c = memref.alloc(%e) : memref<?xi32>
  %i = memref.alloc(%e) : memref<?xi32>
  nn.csr %list outs(%o, %c, %i : memref<?xi64>, memref<?xi32>, memref<?xi32>) : memref<2x?xi64>
  memref.dealloc %o : memref<?xi64>
  memref.dealloc %c : memref<?xi32>
  memref.dealloc %i : memref<?xi32>
  return
}

// CHECK: remark: {{.*}}Function=none{{.*}}bytes=0
func.func @none(%x: memref<?xf32> {attune.dims = ["N"], attune.name = "x"}) {
  return
}
