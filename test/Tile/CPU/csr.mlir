// RUN: attune-opt %s --attune-lower-csr | FileCheck %s
// DOC: an edge list sorted by target
// CHECK-LABEL: func.func @sort(
// CHECK: scf.if
// Zeros, counts, running sums.
// CHECK: scf.for
// CHECK: scf.for
// CHECK-NOT: scf.if
// CHECK: scf.for {{.*}} -> (i64)
// Each edge to its place.
// CHECK: scf.for
// CHECK: arith.trunci %{{.*}} : i64 to i32
// Offsets back by one row.
// CHECK: scf.for {{.*}} -> (i64)
// CHECK-NOT: scf.for
// Long lists: parts of the list count and move, ranges of rows are sorted.
// CHECK: } else {
// CHECK: math.ctlz
// CHECK: memref.alloc(%{{.*}}) {{.*}} : memref<?x256xi64>
// CHECK: scf.parallel
// CHECK: scf.for {{.*}} -> (i64)
// CHECK: scf.parallel
// CHECK: scf.parallel
// CHECK-NOT: memref.alloc
// CHECK: return
func.func @sort(%e: memref<2x?xi64>, %offsets: memref<?xi64>, %columns: memref<?xi32>,
                %edges: memref<?xi32>) {
  nn.csr %e outs(%offsets, %columns, %edges : memref<?xi64>, memref<?xi32>, memref<?xi32>)
      : memref<2x?xi64>
  return
}
// DOC-END

// Self loops are left out, and the rest of the lists is 0.
// CHECK-LABEL: func.func @drop(
// CHECK: arith.cmpi ne
// CHECK: scf.if
// CHECK: arith.cmpi ne
// CHECK: scf.if
// CHECK: } else {
// CHECK: scf.parallel
// CHECK: arith.cmpi ne
// CHECK: scf.parallel
// CHECK: arith.cmpi ne
// CHECK: scf.parallel
// CHECK-NOT: arith.cmpi ne
// CHECK: %[[ZERO:.*]] = arith.constant 0 : i32
// CHECK-NEXT: memref.store %[[ZERO]], %{{.*}} : memref<?xi32>
// CHECK: return
func.func @drop(%e: memref<2x?xi64>, %offsets: memref<?xi64>, %columns: memref<?xi32>,
                %edges: memref<?xi32>) {
  "nn.csr"(%e, %offsets, %columns, %edges) {drop_self_loops}
      : (memref<2x?xi64>, memref<?xi64>, memref<?xi32>, memref<?xi32>) -> ()
  return
}
