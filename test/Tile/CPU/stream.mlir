// RUN: attune-opt %s --attune-tile-stream --canonicalize | FileCheck %s
// RUN: attune-opt %s --attune-tile-stream=lanes=8 | FileCheck %s --check-prefix=NARROW
// DOC: a sigmoid of dot products, times values
// CHECK-LABEL: func.func @sigmoid(
// CHECK: scf.parallel
// CHECK: memref.alloc() {alignment = 64 : i64} : memref<32x64xf32>
// Packing, transposed.
// CHECK: vector.shuffle
// Dot products of 6 rows and 4 vectors of columns.
// CHECK: %[[S:.*]]:24 = scf.for
// CHECK: vector.fma
// Entries, a row of the tile at a time.
// CHECK: scf.for
// CHECK-COUNT-4: math.exp %{{.*}} : vector<16xf32>
// CHECK-NOT: math.exp
// Their products with the values, as many columns of it as there are.
// CHECK: %{{.*}}:12 = scf.for
// CHECK: vector.load %{{.*}} : memref<?x32xf32, strided<[32, 1]>>, vector<16xf32>
// CHECK: memref.dealloc
// NARROW-LABEL: func.func @sigmoid(
// NARROW: %{{.*}}:12 = scf.for
// NARROW: vector.fma %{{.*}} : vector<8xf32>
func.func @sigmoid(%q: memref<?x1x32xf32>, %k: memref<?x1x32xf32>, %v: memref<?x1x32xf32>,
                   %o: memref<?x1x32xf32>, %n: index, %m: index) {
  attn.stream size(%n, %m) lhs(%q : memref<?x1x32xf32>) rhs(%k : memref<?x1x32xf32>)
      values(%v : memref<?x1x32xf32>) outs(%o : memref<?x1x32xf32>)
      attributes {distance = array<i1: false>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index, %dot: f32):
    %one = arith.constant 1.0 : f32
    %negative = arith.negf %dot : f32
    %e = math.exp %negative : f32
    %sum = arith.addf %e, %one : f32
    %s = arith.divf %one, %sum : f32
    attn.yield %s : f32
  }
  return
}
// DOC-END

// Squared distances; sums and maxima mask the columns beyond the last.
// CHECK-LABEL: func.func @distances(
// CHECK: %[[D:.*]] = arith.subf
// CHECK: vector.fma %[[D]], %[[D]]
// CHECK: vector.create_mask
// CHECK: arith.select
// CHECK: arith.maximumf
// CHECK: vector.reduction <add>
// CHECK: vector.reduction <maximumf>
func.func @distances(%q: memref<?x2x5xf32>, %k: memref<?x2x5xf32>, %sums: memref<?x2xf32>,
                     %largest: memref<?x2xf32>, %n: index) {
  attn.stream size(%n, %n) lhs(%q : memref<?x2x5xf32>) rhs(%k : memref<?x2x5xf32>)
      outs(%sums, %largest : memref<?x2xf32>, memref<?x2xf32>)
      attributes {distance = array<i1: true>, elements = array<i64: 0, 0>,
                  sinks = [#attn<sink row_sum>, #attn<sink row_max>]} {
  ^bb0(%i: index, %j: index, %d: f32):
    attn.yield %d : f32
  }
  return
}

// Softmax with segments: the columns of the row's segment, scaled when the maximum grows.
// CHECK-LABEL: func.func @segments(
// CHECK: scf.parallel
// CHECK: memref.load %{{.*}} : memref<?xi64>
// CHECK: scf.for
// CHECK: scf.if
// CHECK: vector.shuffle %{{.*}} [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7]
// CHECK: math.exp
// CHECK: arith.divf
func.func @segments(%g: memref<?xi64>, %q: memref<?x1x16xf32>, %v: memref<?x1x7xf32>,
                    %o: memref<?x1x7xf32>, %n: index) {
  attn.stream segments(%g : memref<?xi64>) size(%n, %n) lhs(%q : memref<?x1x16xf32>)
      rhs(%q : memref<?x1x16xf32>) values(%v : memref<?x1x7xf32>) outs(%o : memref<?x1x7xf32>)
      attributes {distance = array<i1: false>, elements = array<i64: 0>, sinks = [#attn<sink softmax>]} {
  ^bb0(%i: index, %j: index, %dot: f32):
    attn.yield %dot : f32
  }
  return
}

// Edges: accumulators in registers over the row's edges, the last vector masked.
// CHECK-LABEL: func.func @edges(
// CHECK: scf.parallel
// CHECK: scf.for
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> (vector<16xf32>, vector<16xf32>)
// CHECK: vector.load
// CHECK: vector.maskedload
func.func @edges(%offsets: memref<?xi64>, %columns: memref<?xi32>, %w: memref<?x1xf32>,
                 %v: memref<?x1x20xf32>, %o: memref<?x1x20xf32>, %n: index) {
  attn.stream csr(%offsets, %columns : memref<?xi64>, memref<?xi32>) size(%n, %n)
      edges(%w : memref<?x1xf32>) values(%v : memref<?x1x20xf32>) outs(%o : memref<?x1x20xf32>)
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index, %weight: f32):
    attn.yield %weight : f32
  }
  return
}

// CHECK-LABEL: func.func @scatter(
// CHECK-NOT: scf.parallel
// CHECK: return
func.func @scatter(%offsets: memref<?xi64>, %columns: memref<?xi32>, %v: memref<?x1x16xf32>,
                   %o: memref<?x1x16xf32>, %n: index) {
  attn.stream csr(%offsets, %columns : memref<?xi64>, memref<?xi32>) size(%n, %n)
      values(%v : memref<?x1x16xf32>) outs(%o : memref<?x1x16xf32>)
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>], scatter} {
  ^bb0(%i: index, %j: index):
    %one = arith.constant 1.0 : f32
    attn.yield %one : f32
  }
  return
}
