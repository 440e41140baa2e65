// RUN: attune-opt %s --attune-lower-graph-ops | FileCheck %s
// DOC: the sum over the rows of each segment
// CHECK-LABEL: func.func @pool(
// CHECK-SAME: %[[X:.*]]: memref<?x32xf32>, %[[OFFSETS:.*]]: memref<?xi64>, %[[OUT:.*]]: memref<?x32xf32>)
// CHECK: scf.parallel
// CHECK:   scf.for
// CHECK:     memref.load %[[OFFSETS]]
// CHECK:     scf.for
// CHECK:       scf.for {{.*}} -> (vector<16xf32>)
// CHECK:         arith.addf
// CHECK:       vector.store %{{.*}}, %[[OUT]]
func.func @pool(%x: memref<?x32xf32>, %offsets: memref<?xi64>, %out: memref<?x32xf32>) {
  nn.segment_pool sum %x, %offsets outs(%out : memref<?x32xf32>) : memref<?x32xf32>, memref<?xi64>
  return
}
// DOC-END

// Graphs of at most 255 nodes are not searched for the layout; others until it is settled.
// CHECK-LABEL: func.func @layout(
// CHECK: scf.for {{.*}} -> (index)
// CHECK:   arith.cmpi slt, %{{.*}}, %{{.*}} : index
// CHECK:   scf.if
// CHECK:   } else {
// CHECK:     scf.while
// CHECK:     scf.if
// CHECK:       scf.while
func.func @layout(%offsets: memref<?xi64>, %columns: memref<?xi32>, %graphs: memref<?xi64>, %starts: memref<?xi64>) {
  nn.hop_layout %offsets, %columns, %graphs outs(%starts : memref<?xi64>) : memref<?xi64>, memref<?xi32>, memref<?xi64>
  return
}

// Rows run in parallel; one byte or two for each pair.
// CHECK-LABEL: func.func @table(
// CHECK: scf.parallel
// CHECK:   scf.while
// CHECK:   scf.if
// CHECK:     arith.trunci %{{.*}} : i32 to i8
// CHECK:   } else {
// CHECK:     arith.trunci %{{.*}} : i32 to i8
// CHECK:     arith.shrui
// CHECK:     arith.trunci %{{.*}} : i32 to i8
func.func @table(%offsets: memref<?xi64>, %columns: memref<?xi32>, %graphs: memref<?xi64>, %starts: memref<?xi64>, %t: memref<?xi8>) {
  nn.hop_table %offsets, %columns, %graphs, %starts outs(%t : memref<?xi8>) : memref<?xi64>, memref<?xi32>, memref<?xi64>, memref<?xi64>
  return
}

// In f64, matrices in parallel.
// CHECK-LABEL: func.func @cholesky(
// CHECK: scf.parallel
// CHECK:   memref.alloc() {{.*}} : memref<7x7xf64>
// CHECK:   math.sqrt %{{.*}} : f64
// CHECK:   arith.truncf %{{.*}} : f64 to f32
func.func @cholesky(%x: memref<?x7x7xf32>, %o: memref<?x7x7xf32>) {
  nn.cholesky_inverse %x outs(%o : memref<?x7x7xf32>) {ridge = 0.5} : memref<?x7x7xf32>
  return
}

// CHECK-LABEL: func.func @size(
// CHECK-SAME: %[[N:.*]]: index)
// CHECK: memref.alloc(%[[N]])
func.func @size(%n: index) -> memref<?xi8> {
  %p = attn.data_size %n "P"
  %a = memref.alloc(%p) : memref<?xi8>
  return %a : memref<?xi8>
}
