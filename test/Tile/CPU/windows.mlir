// RUN: attune-opt %s --attune-tile-linalg | FileCheck %s
// RUN: attune-opt %s --attune-tile-linalg=lanes=8 | FileCheck %s --check-prefix=AVX2

// A convolution is a contraction whose rows are pixels of a row of the image: no copy of patches.
// CHECK-LABEL: func.func @convolution(
// CHECK-NOT: memref.alloc() {{.*}} : memref<{{.*}}x3x3x
// CHECK: scf.parallel
// CHECK: %[[ROW:.*]] = memref.subview {{.*}} : memref<?x30x30x16xf32> to memref<27x16xf32, strided<[16, 1], offset: ?>>
// CHECK: memref.subview %[[ROW]][0, 0] [14, 16] [2, 1] {{.*}} to memref<14x16xf32, strided<[32, 1], offset: ?>>
// CHECK: vector.fma {{.*}} : vector<16xf32>
// AVX2-LABEL: func.func @convolution(
// AVX2: vector.fma {{.*}} : vector<8xf32>
func.func @convolution(%x: memref<?x30x30x16xf32>, %w: memref<3x3x16x32xf32>, %o: memref<?x14x14x32xf32>) {
  linalg.generic {
      indexing_maps = [affine_map<(b, y, x, o, i, j, c) -> (b, y * 2 + i, x * 2 + j, c)>,
                       affine_map<(b, y, x, o, i, j, c) -> (i, j, c, o)>,
                       affine_map<(b, y, x, o, i, j, c) -> (b, y, x, o)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%x, %w : memref<?x30x30x16xf32>, memref<3x3x16x32xf32>) outs(%o : memref<?x14x14x32xf32>) {
  ^bb0(%a: f32, %b: f32, %s: f32):
    %m = arith.mulf %a, %b : f32
    %t = arith.addf %s, %m : f32
    linalg.yield %t : f32
  }
  return
}

// A depthwise one runs on vectors of channels.
// CHECK-LABEL: func.func @depthwise(
// CHECK: scf.for {{.*}} -> (vector<16xf32>
// CHECK: vector.load {{.*}} : memref<64xf32, strided<[1], offset: ?>>, vector<16xf32>
func.func @depthwise(%x: memref<?x18x18x64xf32>, %w: memref<5x5x64xf32>, %o: memref<?x14x14x64xf32>) {
  linalg.generic {
      indexing_maps = [affine_map<(b, y, x, c, i, j) -> (b, y + i, x + j, c)>,
                       affine_map<(b, y, x, c, i, j) -> (i, j, c)>,
                       affine_map<(b, y, x, c, i, j) -> (b, y, x, c)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction"]}
      ins(%x, %w : memref<?x18x18x64xf32>, memref<5x5x64xf32>) outs(%o : memref<?x14x14x64xf32>) {
  ^bb0(%a: f32, %b: f32, %s: f32):
    %m = arith.mulf %a, %b : f32
    %t = arith.addf %s, %m : f32
    linalg.yield %t : f32
  }
  return
}

// f64 products run on register tiles of half as many lanes.
// CHECK-LABEL: func.func @doubles(
// CHECK: vector.fma {{.*}} : vector<8xf64>
// AVX2-LABEL: func.func @doubles(
// AVX2: vector.fma {{.*}} : vector<4xf64>
func.func @doubles(%x: memref<?x49x49xf64>, %y: memref<?x49x49xf64>, %o: memref<?x49x49xf64>) {
  linalg.batch_matmul ins(%x, %y : memref<?x49x49xf64>, memref<?x49x49xf64>) outs(%o : memref<?x49x49xf64>)
  return
}

// Loops of a window whose sizes are not known become plain loops.
// CHECK-LABEL: func.func @open(
// CHECK-NOT: vector
// CHECK: return
func.func @open(%x: memref<?xf32>, %w: memref<?xf32>, %o: memref<?xf32>) {
  linalg.conv_1d ins(%x, %w : memref<?xf32>, memref<?xf32>) outs(%o : memref<?xf32>)
  return
}
