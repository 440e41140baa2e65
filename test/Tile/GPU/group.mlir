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
