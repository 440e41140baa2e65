// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-gpu-tile{precision=tf32}))' -split-input-file | FileCheck %s --check-prefixes=CHECK,TF32
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-gpu-tile{precision=tf32x3}))' -split-input-file | FileCheck %s --check-prefixes=CHECK,X3
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-gpu-tile{precision=bf16}))' -split-input-file | FileCheck %s --check-prefixes=CHECK,BF16
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-gpu-tile{precision=f32}))' -split-input-file | FileCheck %s --check-prefix=F32
// RUN: not attune-opt %s --pass-pipeline='builtin.module(func.func(attune-gpu-tile{precision=f16}))' -split-input-file 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not attune-opt %s --pass-pipeline='builtin.module(func.func(attune-gpu-tile{precision=tf32 chip=gfx90a}))' -split-input-file 2>&1 | FileCheck %s --check-prefix=CHIP
// F32-NOT: nvvm.mma.sync
// UNKNOWN: error: precision is `f16`, expected f32, tf32x3, tf32 or bf16
// CHIP: error: precision is `tf32`, expected f32 for `gfx90a`

// CHECK-LABEL: func.func @product(
// TF32: nvvm.convert.float.to.tf32 %{{.*}} {rnd = #nvvm.fp_rnd_mode<rna>}
// X3: arith.andi
// X3: arith.subf
// X3: nvvm.convert.float.to.tf32 %{{.*}} {rnd = #nvvm.fp_rnd_mode<rna>}
// BF16: nvvm.convert.f32x2.to.bf16x2 %{{.*}}, %{{.*}} {rnd = #nvvm.fp_rnd_mode<rn>}
// TF32: nvvm.mma.sync {{.*}} shape = #nvvm.shape<m = 16, n = 8, k = 8>
// X3-COUNT-3: nvvm.mma.sync {{.*}} shape = #nvvm.shape<m = 16, n = 8, k = 8>
// BF16: nvvm.mma.sync {{.*}} shape = #nvvm.shape<m = 16, n = 8, k = 16>
func.func @product(%a: memref<?x64xf32>, %b: memref<64x32xf32>, %out: memref<?x32xf32>) {
  linalg.matmul ins(%a, %b : memref<?x64xf32>, memref<64x32xf32>) outs(%out : memref<?x32xf32>)
  return
}

// -----
// Numbers of 64 bits are multiplied as they are.
// CHECK-LABEL: func.func @doubles(
// CHECK: gpu.launch
// CHECK-NOT: nvvm.mma.sync
// CHECK: return
func.func @doubles(%a: memref<?x64xf64>, %b: memref<64x32xf64>, %out: memref<?x32xf64>) {
  linalg.matmul ins(%a, %b : memref<?x64xf64>, memref<64x32xf64>) outs(%out : memref<?x32xf64>)
  return
}

// -----
// A sum of a row is no product of matrices.
// CHECK-LABEL: func.func @sum(
// CHECK: gpu.launch
// CHECK-NOT: nvvm.mma.sync
// CHECK: return
func.func @sum(%a: memref<?x64xf32>, %out: memref<?xf32>) {
  linalg.reduce { arith.addf } ins(%a : memref<?x64xf32>) outs(%out : memref<?xf32>) dimensions = [1]
  return
}
