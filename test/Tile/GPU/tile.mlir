// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-gpu-tile{chip=sm_80}))' -split-input-file | FileCheck %s
// DOC: a product of matrices
func.func @product(%a: memref<?x64xf32>, %b: memref<64x32xf32>, %out: memref<?x32xf32>) {
  linalg.matmul ins(%a, %b : memref<?x64xf32>, memref<64x32xf32>) outs(%out : memref<?x32xf32>)
  return
}
// CHECK-LABEL: func.func @product(
// CHECK: gpu.launch{{.*}} dynamic_shared_memory_size %{{.*}} module(@kernels) function(@product_product0)
// CHECK: gpu.dynamic_shared_memory
// CHECK: nvgpu.device_async_copy
// CHECK: scf.for
// CHECK: nvgpu.device_async_wait
// CHECK: gpu.barrier
// CHECK: arith.addf %{{.*}} fastmath<contract> : f32
// CHECK: gpu.terminator
// DOC-END

// -----
// A sum over all rows to few results: parts, and a kernel that joins them.
// CHECK-LABEL: func.func @longsum(
// CHECK: memref.alloc(
// CHECK: function(@longsum_product0)
// CHECK: function(@longsum_join1)
func.func @longsum(%a: memref<?x16xf32>, %b: memref<?x16xf32>, %out: memref<16x16xf32>) {
  linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>,
                                   affine_map<(m, n, k) -> (m, n)>],
                  iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : memref<?x16xf32>, memref<?x16xf32>) outs(%out : memref<16x16xf32>) {
  ^bb0(%x: f32, %y: f32, %sum: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  }
  return
}

// -----
// Rows are summed up by warps, columns by threads.
// CHECK-LABEL: func.func @sums(
// CHECK: function(@sums_reduce0)
// CHECK: gpu.terminator
// CHECK: function(@sums_reduce1)
// CHECK: gpu.shuffle
func.func @sums(%a: memref<100x?xf32>, %b: memref<?x100xf32>, %columns: memref<?xf32>, %rows: memref<?xf32>) {
  linalg.reduce { arith.maximumf } ins(%a : memref<100x?xf32>) outs(%columns : memref<?xf32>) dimensions = [0]
  linalg.reduce { arith.addf } ins(%b : memref<?x100xf32>) outs(%rows : memref<?xf32>) dimensions = [1]
  return
}

// -----
// What no schedule serves becomes parallel loops.
// CHECK-LABEL: func.func @each(
// CHECK-NOT: gpu.launch
// CHECK: scf.parallel
func.func @each(%a: memref<?xf32>, %out: memref<?xf32>) {
  linalg.exp ins(%a : memref<?xf32>) outs(%out : memref<?xf32>)
  return
}

// -----
// A row of a matrix has a warp, which visits its edges.
// CHECK-LABEL: func.func @edges(
// CHECK: function(@edges_edges0)
// CHECK: scf.for
// CHECK: arith.addf %{{.*}} fastmath<contract> : f32
// CHECK-NOT: gpu.barrier
func.func @edges(%offsets: memref<?xi64>, %columns: memref<?xi32>, %n: index, %w: memref<?x1xf32>,
                 %v: memref<?x1x40xf32>, %out: memref<?x1x40xf32>) {
  attn.stream csr(%offsets, %columns : memref<?xi64>, memref<?xi32>) size(%n, %n)
      edges(%w : memref<?x1xf32>) values(%v : memref<?x1x40xf32>) outs(%out : memref<?x1x40xf32>)
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index, %weight: f32):
    attn.yield %weight : f32
  }
  return
}

// -----
// A list of edges by row: counts, begins, places, and the order of the list.
// CHECK-LABEL: func.func @csr(
// CHECK: function(@csr_csr0)
// CHECK: function(@csr_csr1)
// CHECK: memref.atomic_rmw addi
// CHECK: function(@csr_csr2)
// CHECK: gpu.shuffle xor
// CHECK: function(@csr_csr3)
// CHECK: gpu.shuffle up
// CHECK: function(@csr_csr4)
// CHECK: gpu.shuffle up
// CHECK: function(@csr_csr5)
// CHECK: function(@csr_csr6)
// CHECK-NOT: nn.csr
func.func @csr(%list: memref<2x?xi64>, %offsets: memref<?xi64>, %columns: memref<?xi32>, %edges: memref<?xi32>) {
  nn.csr %list outs(%offsets, %columns, %edges : memref<?xi64>, memref<?xi32>, memref<?xi32>) : memref<2x?xi64>
  return
}
