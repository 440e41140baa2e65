// RUN: attune-opt %s --attune-tile-linalg --canonicalize | FileCheck %s
// DOC: K^T V, of which only the reduction is long: parts of the rows, each with its own result
// CHECK-LABEL: func.func @tall(
// CHECK: %[[P:.*]] = memref.alloc(%{{.*}}) {{.*}} : memref<?x12x16xf32>
// CHECK: scf.parallel
// CHECK: %{{.*}}:6 = scf.for
// CHECK: vector.fma
// CHECK: scf.for {{.*}} -> (vector<16xf32>)
// CHECK: vector.load %[[P]]
// CHECK: memref.dealloc %[[P]]
func.func @tall(%k: memref<?x12xf32>, %v: memref<?x16xf32>, %o: memref<12x16xf32>) {
  linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>,
                                   affine_map<(m, n, k) -> (m, n)>],
                  iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%k, %v : memref<?x12xf32>, memref<?x16xf32>) outs(%o : memref<12x16xf32>) {
  ^bb0(%a: f32, %b: f32, %sum: f32):
    %product = arith.mulf %a, %b : f32
    %next = arith.addf %sum, %product : f32
    linalg.yield %next : f32
  }
  return
}
// DOC-END

// A linear layer as checkpoints store it: the weights are packed, transposed.
// CHECK-LABEL: func.func @linear(
// CHECK: scf.parallel
// CHECK: vector.shuffle
// CHECK: %{{.*}}:6 = scf.for
// CHECK: scf.if
// CHECK: vector.maskedstore
func.func @linear(%x: memref<?x50xf32>, %w: memref<7x50xf32>, %o: memref<?x7xf32>) {
  linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
                                   affine_map<(m, n, k) -> (m, n)>],
                  iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : memref<?x50xf32>, memref<7x50xf32>) outs(%o : memref<?x7xf32>) {
  ^bb0(%a: f32, %b: f32, %sum: f32):
    %product = arith.mulf %a, %b : f32
    %next = arith.addf %sum, %product : f32
    linalg.yield %next : f32
  }
  return
}

// Small static ops start no threads.
// CHECK-LABEL: func.func @small(
// CHECK-NOT: scf.parallel
// CHECK: vector.fma
func.func @small(%a: memref<8x8xf32>, %b: memref<8x16xf32>, %o: memref<8x16xf32>) {
  linalg.matmul ins(%a, %b : memref<8x8xf32>, memref<8x16xf32>) outs(%o : memref<8x16xf32>)
  return
}

// Elementwise: vectors along the contiguous dimension, then single elements; what does not depend on
// it stays scalar.
// CHECK-LABEL: func.func @elementwise(
// CHECK: scf.parallel
// CHECK: scf.for
// CHECK: vector.load
// CHECK: memref.load %{{.*}} : memref<?xf32>
// CHECK: math.exp %{{.*}} : vector<16xf32>
// CHECK: vector.store
// CHECK: math.exp %{{.*}} : f32
func.func @elementwise(%x: memref<?x20xf32>, %r: memref<?xf32>, %o: memref<?x20xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>,
                                   affine_map<(i, j) -> (i, j)>],
                  iterator_types = ["parallel", "parallel"]}
      ins(%x, %r : memref<?x20xf32>, memref<?xf32>) outs(%o : memref<?x20xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %e = math.exp %a : f32
    %y = arith.mulf %e, %b : f32
    linalg.yield %y : f32
  }
  return
}

// A gather copies rows with vectors.
// CHECK-LABEL: func.func @gather(
// CHECK: %[[I:.*]] = arith.index_cast
// CHECK: vector.load %{{.*}}[%[[I]], %{{.*}}] : memref<?x32xf32>, vector<16xf32>
func.func @gather(%table: memref<?x32xf32>, %rows: memref<?xi64>, %o: memref<?x32xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>],
                  iterator_types = ["parallel", "parallel"]}
      ins(%rows : memref<?xi64>) outs(%o : memref<?x32xf32>) {
  ^bb0(%row: i64, %out: f32):
    %i = arith.index_cast %row : i64 to index
    %j = linalg.index 1 : index
    %x = memref.load %table[%i, %j] : memref<?x32xf32>
    linalg.yield %x : f32
  }
  return
}

// A reduction along the rows: lanes are joined at the end of each.
// CHECK-LABEL: func.func @row_sums(
// CHECK: scf.parallel
// CHECK: scf.for {{.*}} -> (vector<16xf32>)
// CHECK: vector.reduction <add>
func.func @row_sums(%x: memref<?x64xf32>, %o: memref<?xf32>) {
  linalg.reduce ins(%x : memref<?x64xf32>) outs(%o : memref<?xf32>) dimensions = [1]
    (%a: f32, %sum: f32) {
      %next = arith.addf %a, %sum : f32
      linalg.yield %next : f32
    }
  return
}

// Fills, copies and transpositions.
// CHECK-LABEL: func.func @moves(
// CHECK-NOT: memref.store
// CHECK: vector.store
// CHECK: vector.load
// CHECK: vector.store
// CHECK: vector.shuffle
// CHECK-NOT: linalg.
// CHECK-NOT: memref.copy
// CHECK: return
func.func @moves(%x: memref<32x16xf32>, %y: memref<32x16xf32>, %t: memref<16x32xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%x : memref<32x16xf32>)
  memref.copy %x, %y : memref<32x16xf32> to memref<32x16xf32>
  linalg.transpose ins(%y : memref<32x16xf32>) outs(%t : memref<16x32xf32>) permutation = [1, 0]
  return
}

// No kernel fits: plain loops.
// CHECK-LABEL: func.func @window(
// CHECK: scf.parallel
// CHECK: scf.for
// CHECK: memref.store
// CHECK-NOT: linalg.
// CHECK: return
func.func @window(%x: memref<?xf32>, %w: memref<3xf32>, %o: memref<?xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, k) -> (i + k)>, affine_map<(i, k) -> (k)>,
                                   affine_map<(i, k) -> (i)>],
                  iterator_types = ["parallel", "reduction"]}
      ins(%x, %w : memref<?xf32>, memref<3xf32>) outs(%o : memref<?xf32>) {
  ^bb0(%a: f32, %b: f32, %sum: f32):
    %product = arith.mulf %a, %b : f32
    %next = arith.addf %sum, %product : f32
    linalg.yield %next : f32
  }
  return
}
