// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-gpu-group,attune-gpu-tile,attune-gpu-merge-launches))' -split-input-file | FileCheck %s
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-gpu-group))' -split-input-file | FileCheck %s --check-prefix=GROUP
// DOC: two sums of columns
// GROUP-LABEL: func.func @sums(
// GROUP: scf.execute_region
// GROUP: } {attune.parallel}
// CHECK-LABEL: func.func @sums(
// CHECK-NOT: attune.merge_launches
// CHECK: gpu.launch{{.*}} function(@sums_reduce_reduce
// CHECK: %[[B:.*]] = gpu.block_id x
// CHECK: arith.cmpi slt, %[[B]]
// CHECK: scf.if
// CHECK: } else {
// CHECK: gpu.terminator
// CHECK: gpu.launch{{.*}} function(@sums_join_join
// CHECK: gpu.terminator
// CHECK-NOT: gpu.launch
// CHECK: memref.dealloc
// CHECK: memref.dealloc
func.func @sums(%a: memref<?x64xf32>, %b: memref<?x64xf32>, %x: memref<64xf32>, %y: memref<64xf32>) {
  linalg.reduce { arith.addf } ins(%a : memref<?x64xf32>) outs(%x : memref<64xf32>) dimensions = [0]
  linalg.reduce { arith.addf } ins(%b : memref<?x64xf32>) outs(%y : memref<64xf32>) dimensions = [0]
  return
}
// DOC-END

// -----
// The second one needs the first: nothing is merged.
// GROUP-LABEL: func.func @chain(
// GROUP-NOT: attune.parallel
// CHECK-LABEL: func.func @chain(
// CHECK: function(@chain_reduce0)
// CHECK: function(@chain_reduce1)
func.func @chain(%a: memref<?x64x8xf32>, %x: memref<?x64xf32>, %y: memref<?xf32>) {
  linalg.reduce { arith.addf } ins(%a : memref<?x64x8xf32>) outs(%x : memref<?x64xf32>) dimensions = [2]
  linalg.reduce { arith.addf } ins(%x : memref<?x64xf32>) outs(%y : memref<?xf32>) dimensions = [1]
  return
}

// -----
// Two results in one buffer are left apart.
// GROUP-LABEL: func.func @halves(
// GROUP-NOT: attune.parallel
func.func @halves(%a: memref<?x64xf32>, %x: memref<128xf32>) {
  %low = memref.subview %x[0] [64] [1] : memref<128xf32> to memref<64xf32, strided<[1]>>
  %high = memref.subview %x[64] [64] [1] : memref<128xf32> to memref<64xf32, strided<[1], offset: 64>>
  linalg.reduce { arith.addf } ins(%a : memref<?x64xf32>) outs(%low : memref<64xf32, strided<[1]>>) dimensions = [0]
  linalg.reduce { arith.maximumf } ins(%a : memref<?x64xf32>) outs(%high : memref<64xf32, strided<[1], offset: 64>>) dimensions = [0]
  return
}
