// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-gpu-group))' | FileCheck %s
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-gpu-group,attune-gpu-tile))' | FileCheck %s --check-prefix=TILE
// DOC: a mean of rows
// CHECK-LABEL: func.func @mean(
// CHECK: scf.execute_region
// CHECK: linalg.fill
// CHECK: linalg.reduce
// CHECK: linalg.generic
// CHECK: scf.yield
// TILE-LABEL: func.func @mean(
// TILE: gpu.launch
// TILE: arith.mulf
// TILE: gpu.terminator
// TILE-NOT: gpu.launch
// TILE-NOT: scf.parallel
// TILE: return
func.func @mean(%x: memref<?x64xf32>, %out: memref<?xf32>) {
  %zero = arith.constant 0.0 : f32
  %factor = arith.constant 0.015625 : f32
  linalg.fill ins(%zero : f32) outs(%out : memref<?xf32>)
  linalg.reduce { arith.addf } ins(%x : memref<?x64xf32>) outs(%out : memref<?xf32>) dimensions = [1]
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%out : memref<?xf32>) {
  ^bb0(%sum: f32):
    %mean = arith.mulf %sum, %factor : f32
    linalg.yield %mean : f32
  }
  return
}
// DOC-END

// Another op reads the buffer in between, or the op around reads it elsewhere: nothing moves.
// CHECK-LABEL: func.func @between(
// CHECK-NOT: scf.execute_region
// CHECK: return
func.func @between(%x: memref<8x64xf32>, %out: memref<8xf32>, %copy: memref<8xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%out : memref<8xf32>)
  memref.copy %out, %copy : memref<8xf32> to memref<8xf32>
  linalg.reduce { arith.addf } ins(%x : memref<8x64xf32>) outs(%out : memref<8xf32>) dimensions = [1]
  linalg.generic {indexing_maps = [affine_map<(i) -> (0)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%out : memref<8xf32>) outs(%out : memref<8xf32>) {
  ^bb0(%first: f32, %own: f32):
    %s = arith.addf %first, %own : f32
    linalg.yield %s : f32
  }
  return
}

// A reduction that no schedule serves, two results at once, stands alone again.
// TILE-LABEL: func.func @none(
// TILE-NOT: scf.execute_region
// TILE-NOT: gpu.launch
// TILE: scf.parallel
// TILE: scf.parallel
func.func @none(%x: memref<8x64xf32>, %out: memref<8xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%out : memref<8xf32>)
  linalg.generic {indexing_maps = [affine_map<(i, k) -> (i, k)>, affine_map<(i, k) -> (i)>],
                  iterator_types = ["parallel", "reduction"]} ins(%x : memref<8x64xf32>) outs(%out : memref<8xf32>) {
  ^bb0(%a: f32, %s: f32):
    %t = arith.addf %s, %s : f32
    %u = arith.addf %t, %a : f32
    linalg.yield %u : f32
  }
  return
}

// Ops over the same rows come together, each row's warp does one after the other: a mean is subtracted.
// CHECK-LABEL: func.func @center(
// CHECK: scf.execute_region
// CHECK: linalg.fill
// CHECK: linalg.reduce
// CHECK: linalg.generic
// CHECK: } {attune.row_loops = 1 : i64}
// TILE-LABEL: func.func @center(
// TILE: gpu.launch{{.*}} function(@center_rows0)
// TILE: nvvm.bar.warp.sync
// TILE-COUNT-5: gpu.shuffle xor
// TILE: nvvm.bar.warp.sync
// TILE: gpu.terminator
// TILE-NOT: gpu.launch
// TILE: return
func.func @center(%x: memref<?x48xf32> {attune.dims = ["N", ""]}, %out: memref<?xf32> {attune.dims = ["N"]}) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%out : memref<?xf32>)
  linalg.reduce { arith.addf } ins(%x : memref<?x48xf32>) outs(%out : memref<?xf32>) dimensions = [1]
  linalg.generic {indexing_maps = [affine_map<(i, k) -> (i)>, affine_map<(i, k) -> (i, k)>],
                  iterator_types = ["parallel", "parallel"]} ins(%out : memref<?xf32>) outs(%x : memref<?x48xf32>) {
  ^bb0(%mean: f32, %own: f32):
    %s = arith.subf %own, %mean : f32
    linalg.yield %s : f32
  }
  return
}

// Elements of a row are few: four lanes a row. Memory that ends in between ends behind the group.
// CHECK-LABEL: func.func @short(
// CHECK: scf.execute_region
// CHECK: } {attune.row_loops = 2 : i64}
// CHECK-NEXT: memref.dealloc
// TILE-LABEL: func.func @short(
// TILE: gpu.launch{{.*}} function(@short_rows0)
// TILE-COUNT-2: gpu.shuffle xor
// TILE-NOT: gpu.shuffle
// TILE: gpu.terminator
func.func @short(%x: memref<?x9x4xf32> {attune.dims = ["N", "", ""]}, %n: index, %out: memref<?x9xf32> {attune.dims = ["N", ""]}) {
  %zero = arith.constant 0.0 : f32
  %y = memref.alloc(%n) : memref<?x9x4xf32>
  memref.copy %x, %y : memref<?x9x4xf32> to memref<?x9x4xf32>
  linalg.fill ins(%zero : f32) outs(%out : memref<?x9xf32>)
  linalg.reduce { arith.addf } ins(%y : memref<?x9x4xf32>) outs(%out : memref<?x9xf32>) dimensions = [2]
  memref.dealloc %y : memref<?x9x4xf32>
  linalg.generic {indexing_maps = [affine_map<(i, h) -> (i, h)>], iterator_types = ["parallel", "parallel"]}
      outs(%out : memref<?x9xf32>) {
  ^bb0(%own: f32):
    %e = math.exp %own : f32
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i, h) -> (i, h)>], iterator_types = ["parallel", "parallel"]}
      outs(%out : memref<?x9xf32>) {
  ^bb0(%own: f32):
    %e = math.sqrt %own : f32
    linalg.yield %e : f32
  }
  return
}

// Rows of two sizes; another row of what was just written; a row that is too long: nothing moves.
// CHECK-LABEL: func.func @apart(
// CHECK-NOT: scf.execute_region
// CHECK: return
func.func @apart(%x: memref<?xf32> {attune.dims = ["N"]}, %y: memref<?xf32> {attune.dims = ["M"]},
                 %z: memref<?x8xf32> {attune.dims = ["N", ""]}, %t: memref<8x?xf32> {attune.dims = ["", "N"]},
                 %wide: memref<?x5000xf32> {attune.dims = ["N", ""]}) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%x : memref<?xf32>) {
  ^bb0(%own: f32):
    %e = math.exp %own : f32
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%y : memref<?xf32>) {
  ^bb0(%own: f32):
    %e = math.exp %own : f32
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i, k) -> (i, k)>], iterator_types = ["parallel", "parallel"]} outs(%z : memref<?x8xf32>) {
  ^bb0(%own: f32):
    %e = math.exp %own : f32
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [affine_map<(k, i) -> (i, k)>, affine_map<(k, i) -> (k, i)>],
                  iterator_types = ["parallel", "parallel"]} ins(%z : memref<?x8xf32>) outs(%t : memref<8x?xf32>) {
  ^bb0(%in: f32, %own: f32):
    linalg.yield %in : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i, k) -> (i, k)>], iterator_types = ["parallel", "parallel"]} outs(%wide : memref<?x5000xf32>) {
  ^bb0(%own: f32):
    %e = math.exp %own : f32
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%x : memref<?xf32>) {
  ^bb0(%own: f32):
    %e = math.exp %own : f32
    linalg.yield %e : f32
  }
  return
}

// A stream sets what it would add to zeros: through a reshape as well, not where something reads the zeros.
// CHECK-LABEL: func.func @zeros(
// CHECK: linalg.fill ins(%{{.*}}) outs(%arg4 : memref<?xf32>)
// CHECK-NOT: linalg.fill
// CHECK: attn.stream{{.*}} {attune.from_zero = array<i64: 0>
// TILE-LABEL: func.func @zeros(
// TILE: gpu.launch{{.*}} function(@zeros_stream
func.func @zeros(%q: memref<?x1x16xf32>, %v: memref<?x1x16xf32>, %n: index, %out: memref<?x16xf32>, %sums: memref<?xf32>) {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  linalg.fill ins(%zero : f32) outs(%out : memref<?x16xf32>)
  linalg.fill ins(%one : f32) outs(%sums : memref<?xf32>)
  %o = memref.expand_shape %out [[0, 1], [2]] output_shape [%n, 1, 16] : memref<?x16xf32> into memref<?x1x16xf32>
  %s = memref.expand_shape %sums [[0, 1]] output_shape [%n, 1] : memref<?xf32> into memref<?x1xf32>
  attn.stream size(%n, %n) lhs(%q : memref<?x1x16xf32>) rhs(%q : memref<?x1x16xf32>) values(%v : memref<?x1x16xf32>)
      outs(%o, %s : memref<?x1x16xf32>, memref<?x1xf32>)
      attributes {distance = array<i1: false>, elements = array<i64: 0, 0>, sinks = [#attn<sink apply>, #attn<sink row_sum>]} {
  ^bb0(%i: index, %j: index, %dot: f32):
    attn.yield %dot : f32
  }
  return
}

// A loop of ops on the entries of a batch: a block for each, with barriers, and what stands around the loop.
// CHECK-LABEL: func.func @iterate(
// CHECK: scf.execute_region
// CHECK-NEXT: linalg.fill
// CHECK-NEXT: scf.for
// CHECK: linalg.generic
// CHECK: } {attune.item_loops = 1 : i64}
// TILE-LABEL: func.func @iterate(
// TILE: gpu.launch{{.*}} function(@iterate_entries0)
// TILE: gpu.barrier
// TILE: scf.for
// TILE: gpu.barrier
// TILE: gpu.barrier
// TILE-COUNT-16: arith.addf %{{.*}} fastmath<contract> : f64
// TILE: gpu.terminator
// TILE-NOT: gpu.launch
// TILE: return
#out = affine_map<(b, i, j, k) -> (b, i, j)>
func.func @iterate(%a: memref<?x9x9xf64> {attune.dims = ["B", "", ""]}, %x: memref<?x9x9xf64> {attune.dims = ["B", "", ""]},
                   %y: memref<?x9x9xf64> {attune.dims = ["B", "", ""]}) {
  %zero = arith.constant 0.0 : f64
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c20 = arith.constant 20 : index
  linalg.fill ins(%zero : f64) outs(%x : memref<?x9x9xf64>)
  scf.for %step = %c0 to %c20 step %c1 {
    linalg.fill ins(%zero : f64) outs(%y : memref<?x9x9xf64>)
    linalg.generic {indexing_maps = [affine_map<(b, i, j, k) -> (b, i, k)>, affine_map<(b, i, j, k) -> (b, k, j)>, #out],
                    iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
        ins(%a, %x : memref<?x9x9xf64>, memref<?x9x9xf64>) outs(%y : memref<?x9x9xf64>) {
    ^bb0(%l: f64, %r: f64, %sum: f64):
      %p = arith.mulf %l, %r : f64
      %s = arith.addf %sum, %p : f64
      linalg.yield %s : f64
    }
    linalg.generic {indexing_maps = [affine_map<(b, i, j) -> (b, i, j)>, affine_map<(b, i, j) -> (b, i, j)>],
                    iterator_types = ["parallel", "parallel", "parallel"]} ins(%y : memref<?x9x9xf64>) outs(%x : memref<?x9x9xf64>) {
    ^bb0(%l: f64, %own: f64):
      %s = arith.subf %own, %l : f64
      linalg.yield %s : f64
    }
  }
  return
}

// Entries that look at each other: the batch is summed up in the loop.
// CHECK-LABEL: func.func @coupled(
// CHECK-NOT: attune.item_loops
// CHECK: return
func.func @coupled(%x: memref<?x9xf32> {attune.dims = ["B", ""]}, %sum: memref<9xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c20 = arith.constant 20 : index
  scf.for %step = %c0 to %c20 step %c1 {
    linalg.reduce { arith.addf } ins(%x : memref<?x9xf32>) outs(%sum : memref<9xf32>) dimensions = [0]
    linalg.generic {indexing_maps = [affine_map<(b, i) -> (i)>, affine_map<(b, i) -> (b, i)>],
                    iterator_types = ["parallel", "parallel"]} ins(%sum : memref<9xf32>) outs(%x : memref<?x9xf32>) {
    ^bb0(%l: f32, %own: f32):
      %s = arith.subf %own, %l : f32
      linalg.yield %s : f32
    }
  }
  return
}

// A loop over segments of the rows: a block for each where there are many, with its own buffers.
// CHECK-LABEL: func.func @segments(
// CHECK: scf.execute_region
// CHECK-NEXT: scf.for
// CHECK: memref.alloca() : memref<4x4xf32>
// CHECK: } {attune.segment_loop}
// CHECK-NOT: memref.dealloc
// TILE-LABEL: func.func @segments(
// TILE: scf.if
// TILE: memref.alloc() : memref<4x4xf32>
// TILE: scf.for
// TILE: } else {
// TILE: gpu.launch{{.*}} function(@segments_segments
// TILE: memref.view
// TILE-COUNT-3: gpu.barrier
// TILE: gpu.terminator
#seg = affine_map<(i, j, k) -> (i, j)>
func.func @segments(%q: memref<?x4xf32>, %v: memref<?x4xf32>, %out: memref<?x4xf32>, %offsets: memref<?xi64>, %count: index) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %kv = memref.alloc() : memref<4x4xf32>
  scf.for %g = %c0 to %count step %c1 {
    %next = arith.addi %g, %c1 : index
    %last = memref.load %offsets[%next] : memref<?xi64>
    %end = arith.index_cast %last : i64 to index
    %first = memref.load %offsets[%g] : memref<?xi64>
    %begin = arith.index_cast %first : i64 to index
    %n = arith.subi %end, %begin : index
    %qg = memref.subview %q[%begin, 0] [%n, 4] [1, 1] : memref<?x4xf32> to memref<?x4xf32, strided<[4, 1], offset: ?>>
    %vg = memref.subview %v[%begin, 0] [%n, 4] [1, 1] : memref<?x4xf32> to memref<?x4xf32, strided<[4, 1], offset: ?>>
    %og = memref.subview %out[%begin, 0] [%n, 4] [1, 1] : memref<?x4xf32> to memref<?x4xf32, strided<[4, 1], offset: ?>>
    linalg.fill ins(%zero : f32) outs(%kv : memref<4x4xf32>)
    linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (k, i)>, affine_map<(i, j, k) -> (k, j)>, #seg],
                    iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%qg, %vg : memref<?x4xf32, strided<[4, 1], offset: ?>>, memref<?x4xf32, strided<[4, 1], offset: ?>>)
        outs(%kv : memref<4x4xf32>) {
    ^bb0(%l: f32, %r: f32, %sum: f32):
      %p = arith.mulf %l, %r : f32
      %s = arith.addf %sum, %p : f32
      linalg.yield %s : f32
    }
    linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (k, j)>, #seg],
                    iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%qg, %kv : memref<?x4xf32, strided<[4, 1], offset: ?>>, memref<4x4xf32>)
        outs(%og : memref<?x4xf32, strided<[4, 1], offset: ?>>) {
    ^bb0(%l: f32, %r: f32, %sum: f32):
      %p = arith.mulf %l, %r : f32
      %s = arith.addf %sum, %p : f32
      linalg.yield %s : f32
    }
  }
  memref.dealloc %kv : memref<4x4xf32>
  return
}

// What one segment leaves the next one reads: the sum is not set anew. The loop stays the host's.
// CHECK-LABEL: func.func @running(
// CHECK-NOT: attune.segment_loop
// CHECK: return
func.func @running(%v: memref<?x4xf32>, %out: memref<?x4xf32>, %offsets: memref<?xi64>, %count: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %sum = memref.alloc() : memref<4xf32>
  scf.for %g = %c0 to %count step %c1 {
    %next = arith.addi %g, %c1 : index
    %last = memref.load %offsets[%next] : memref<?xi64>
    %end = arith.index_cast %last : i64 to index
    %first = memref.load %offsets[%g] : memref<?xi64>
    %begin = arith.index_cast %first : i64 to index
    %n = arith.subi %end, %begin : index
    %vg = memref.subview %v[%begin, 0] [%n, 4] [1, 1] : memref<?x4xf32> to memref<?x4xf32, strided<[4, 1], offset: ?>>
    %og = memref.subview %out[%begin, 0] [%n, 4] [1, 1] : memref<?x4xf32> to memref<?x4xf32, strided<[4, 1], offset: ?>>
    linalg.reduce { arith.addf } ins(%vg : memref<?x4xf32, strided<[4, 1], offset: ?>>) outs(%sum : memref<4xf32>) dimensions = [0]
    linalg.generic {indexing_maps = [affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
        ins(%sum : memref<4xf32>) outs(%og : memref<?x4xf32, strided<[4, 1], offset: ?>>) {
    ^bb0(%l: f32, %own: f32):
      linalg.yield %l : f32
    }
  }
  memref.dealloc %sum : memref<4xf32>
  return
}

// Segments that reach into the next one's rows write what it writes as well.
// CHECK-LABEL: func.func @overlapping(
// CHECK-NOT: attune.segment_loop
// CHECK: return
func.func @overlapping(%out: memref<?x4xf32>, %offsets: memref<?xi64>, %count: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %g = %c0 to %count step %c1 {
    %first = memref.load %offsets[%g] : memref<?xi64>
    %begin = arith.index_cast %first : i64 to index
    %og = memref.subview %out[%begin, 0] [2, 4] [1, 1] : memref<?x4xf32> to memref<2x4xf32, strided<[4, 1], offset: ?>>
    linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
        outs(%og : memref<2x4xf32, strided<[4, 1], offset: ?>>) {
    ^bb0(%own: f32):
      %e = math.exp %own : f32
      linalg.yield %e : f32
    }
  }
  return
}

// A norm that the host would read, take the root of and hand to two ops: they read it themselves.
// CHECK-LABEL: func.func @norm(
// CHECK-NOT: memref.load
// CHECK: linalg.generic
// CHECK: memref.load %{{.*}}[] : memref<f32>
// CHECK: math.sqrt
// CHECK: linalg.generic
// CHECK: memref.load %{{.*}}[] : memref<f32>
// CHECK: math.sqrt
// CHECK: memref.dealloc
func.func @norm(%x: memref<?xf32>, %y: memref<8xf32>) {
  %zero = arith.constant 0.0 : f32
  %sum = memref.alloc() : memref<f32>
  linalg.fill ins(%zero : f32) outs(%sum : memref<f32>)
  linalg.reduce { arith.addf } ins(%x : memref<?xf32>) outs(%sum : memref<f32>) dimensions = [0]
  %s = memref.load %sum[] : memref<f32>
  memref.dealloc %sum : memref<f32>
  %norm = math.sqrt %s : f32
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%x : memref<?xf32>) {
  ^bb0(%own: f32):
    %q = arith.divf %own, %norm : f32
    linalg.yield %q : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%y : memref<8xf32>) {
  ^bb0(%own: f32):
    %q = arith.divf %own, %norm : f32
    linalg.yield %q : f32
  }
  return
}

// The host decides by one number, and another one is written anew before its op: both are read where they were.
// CHECK-LABEL: func.func @decide(
// CHECK: %[[A:.*]] = memref.load %arg1[]
// CHECK: %[[B:.*]] = memref.load %arg2[]
// CHECK: linalg.fill ins(%{{.*}}) outs(%arg2
// CHECK: linalg.generic
// CHECK-NOT: memref.load
// CHECK: arith.mulf %{{.*}}, %[[B]]
func.func @decide(%x: memref<?xf32>, %a: memref<f32>, %b: memref<f32>) {
  %zero = arith.constant 0.0 : f32
  %first = memref.load %a[] : memref<f32>
  %second = memref.load %b[] : memref<f32>
  linalg.fill ins(%zero : f32) outs(%b : memref<f32>)
  %large = arith.cmpf ogt, %first, %zero : f32
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%x : memref<?xf32>) {
  ^bb0(%own: f32):
    %q = arith.mulf %own, %second : f32
    linalg.yield %q : f32
  }
  scf.if %large {
    linalg.fill ins(%zero : f32) outs(%x : memref<?xf32>)
  }
  return
}
