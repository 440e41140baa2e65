// RUN: attune-opt %s --attune-fuse-rows -split-input-file | FileCheck %s
// DOC: two ops on the rows of one buffer
// CHECK-LABEL: func.func @rows(
// CHECK: scf.parallel
// CHECK: %[[ROOM:.*]] = memref.alloc() {{.*}} : memref<192x8xf32>
// CHECK: %[[X:.*]] = memref.subview %arg0[%{{.*}}, 0] [%{{.*}}, 8] [1, 1]
// CHECK: linalg.generic {{.*}} ins(%[[X]]
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : memref<?x8xf32, strided<[8, 1], offset: ?>>)
// CHECK: memref.dealloc %[[ROOM]]
// CHECK: scf.reduce
// CHECK-NOT: memref.alloc
// CHECK-NOT: linalg
#all = affine_map<(i, j) -> (i, j)>
func.func @rows(%x: memref<?x8xf32> {attune.dims = ["N", ""]},
                %out: memref<?x8xf32> {attune.dims = ["N", ""]}) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?x8xf32>
  %twice = memref.alloc(%n) : memref<?x8xf32>
  linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<?x8xf32>) outs(%twice : memref<?x8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %r = arith.addf %a, %a : f32
    linalg.yield %r : f32
  }
  linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%twice : memref<?x8xf32>) outs(%out : memref<?x8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %r = math.exp %a : f32
    linalg.yield %r : f32
  }
  memref.dealloc %twice : memref<?x8xf32>
  return
}

// -----
// A sum over the rows gets a part for each task. What needs the sum stays behind, and so does what
// leads to no sum: it joins its reader in the loop behind.
// CHECK-LABEL: func.func @sums(
// CHECK: %[[ROOM:.*]] = memref.alloc() {{.*}} : memref<64x8xf32>
// CHECK: %[[PARTS:.*]] = memref.subview %[[ROOM]][0, 0] [%[[COUNT:.*]], 8] [1, 1]
// CHECK: scf.parallel (%[[TASK:.*]]) = (%{{.*}}) to (%[[COUNT]])
// CHECK: %[[OWN:.*]] = memref.subview %[[PARTS]][%[[TASK]], 0] [1, 8]
// CHECK: linalg.fill {{.*}} outs(%[[OWN]]
// CHECK: scf.for
// CHECK: math.absf
// CHECK: arith.addf
// CHECK-NOT: math.exp
// CHECK: scf.reduce
// CHECK: linalg.generic {{.*}} iterator_types = ["reduction", "parallel"]} ins(%[[PARTS]] {{.*}} outs(%arg1 {{.*}} attrs = {attune.short}
// CHECK: scf.parallel
// CHECK: math.exp
// CHECK: arith.mulf
#rows = affine_map<(i, j) -> (i, j)>
#columns = affine_map<(i, j) -> (j)>
func.func @sums(%x: memref<?x8xf32> {attune.dims = ["N", ""]}, %sum: memref<8xf32>,
                %y: memref<?x8xf32> {attune.dims = ["N", ""]},
                %out: memref<?x8xf32> {attune.dims = ["N", ""]}) {
  linalg.generic {indexing_maps = [#rows], iterator_types = ["parallel", "parallel"]}
      outs(%y : memref<?x8xf32>) {
  ^bb0(%o: f32):
    %r = math.exp %o : f32
    linalg.yield %r : f32
  }
  linalg.generic {indexing_maps = [#rows], iterator_types = ["parallel", "parallel"]}
      outs(%x : memref<?x8xf32>) {
  ^bb0(%o: f32):
    %r = math.absf %o : f32
    linalg.yield %r : f32
  }
  linalg.generic {indexing_maps = [#rows, #columns], iterator_types = ["reduction", "parallel"]}
      ins(%x : memref<?x8xf32>) outs(%sum : memref<8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %r = arith.addf %o, %a : f32
    linalg.yield %r : f32
  }
  linalg.generic {indexing_maps = [#rows, #columns, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%y, %sum : memref<?x8xf32>, memref<8xf32>) outs(%out : memref<?x8xf32>) {
  ^bb0(%a: f32, %s: f32, %o: f32):
    %r = arith.mulf %a, %s : f32
    linalg.yield %r : f32
  }
  return
}

// -----
// Rows that another op reads as a whole, transposed rows, and rows of a size that is a batch.
// CHECK-LABEL: func.func @whole(
// CHECK-NOT: scf.parallel
// CHECK-LABEL: func.func @transposed(
// CHECK-NOT: scf.parallel
// CHECK-LABEL: func.func @batch(
// CHECK-NOT: scf.parallel
#id = affine_map<(i) -> (i)>
#ij = affine_map<(i, j) -> (i, j)>
#ji = affine_map<(i, j) -> (j, i)>
#i = affine_map<(i, j) -> (i)>
#j = affine_map<(i, j) -> (j)>
func.func @whole(%x: memref<?xf32> {attune.dims = ["N"]}, %w: memref<8x?xf32> {attune.dims = ["", "M"]},
                 %out: memref<8xf32>, %y: memref<?xf32> {attune.dims = ["M"]}) {
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%y : memref<?xf32>) {
  ^bb0(%o: f32):
    %r = math.absf %o : f32
    linalg.yield %r : f32
  }
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%x : memref<?xf32>) {
  ^bb0(%o: f32):
    %r = math.absf %o : f32
    linalg.yield %r : f32
  }
  return
}

func.func @transposed(%x: memref<?x4xf32> {attune.dims = ["N", ""]},
                      %t: memref<4x?xf32> {attune.dims = ["", "N"]}) {
  linalg.generic {indexing_maps = [#ij, #ji], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<?x4xf32>) outs(%t : memref<4x?xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  }
  linalg.generic {indexing_maps = [#ji], iterator_types = ["parallel", "parallel"]}
      outs(%t : memref<4x?xf32>) {
  ^bb0(%o: f32):
    %r = math.absf %o : f32
    linalg.yield %r : f32
  }
  return
}

func.func @batch(%x: memref<?x4xf32> {attune.dims = ["B", ""]}) attributes {attune.sizes = {B = "batch"}} {
  linalg.generic {indexing_maps = [#ij], iterator_types = ["parallel", "parallel"]}
      outs(%x : memref<?x4xf32>) {
  ^bb0(%o: f32):
    %r = math.absf %o : f32
    linalg.yield %r : f32
  }
  linalg.generic {indexing_maps = [#ij], iterator_types = ["parallel", "parallel"]}
      outs(%x : memref<?x4xf32>) {
  ^bb0(%o: f32):
    %r = math.exp %o : f32
    linalg.yield %r : f32
  }
  return
}
