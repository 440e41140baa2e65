// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @segment_pool
// CHECK: nn.segment_pool sum %{{.*}}, %{{.*}} outs(%{{.*}} : tensor<?x64xf32>) : tensor<?x64xf32>, tensor<?xi64> -> tensor<?x64xf32>
// CHECK: nn.segment_pool mean %{{.*}}, %{{.*}} outs(%{{.*}} : tensor<?x64xf32>) : tensor<?x64xf32>, tensor<?xi64> -> tensor<?x64xf32>
// CHECK: nn.segment_pool max %{{.*}}, %{{.*}} outs(%{{.*}} : tensor<4x64xf32>) : tensor<?x64xf32>, tensor<5xi64> -> tensor<4x64xf32>
func.func @segment_pool(%x: tensor<?x64xf32>, %s: tensor<?xi64>, %t: tensor<5xi64>, %o: tensor<?x64xf32>,
    %p: tensor<4x64xf32>) -> (tensor<?x64xf32>, tensor<?x64xf32>, tensor<4x64xf32>) {
  %0 = nn.segment_pool sum %x, %s outs(%o : tensor<?x64xf32>) : tensor<?x64xf32>, tensor<?xi64> -> tensor<?x64xf32>
  %1 = nn.segment_pool mean %x, %s outs(%o : tensor<?x64xf32>) : tensor<?x64xf32>, tensor<?xi64> -> tensor<?x64xf32>
  %2 = nn.segment_pool max %x, %t outs(%p : tensor<4x64xf32>) : tensor<?x64xf32>, tensor<5xi64> -> tensor<4x64xf32>
  return %0, %1, %2 : tensor<?x64xf32>, tensor<?x64xf32>, tensor<4x64xf32>
}

// -----

// CHECK-LABEL: func.func @buffers
// CHECK: nn.segment_pool max %{{.*}}, %{{.*}} outs(%{{.*}} : memref<0x3xf32>) : memref<9x3xf32>, memref<1xi64>
func.func @buffers(%x: memref<9x3xf32>, %s: memref<1xi64>, %o: memref<0x3xf32>) {
  nn.segment_pool max %x, %s outs(%o : memref<0x3xf32>) : memref<9x3xf32>, memref<1xi64>
  return
}

// -----

func.func @segment_pool_c1(%x: memref<9xf32>, %s: memref<5xi64>, %o: memref<4x3xf32>) {
  // expected-error @+1 {{'nn.segment_pool' op `x` is 'memref<9xf32>', expected rank 2 (C1)}}
  nn.segment_pool sum %x, %s outs(%o : memref<4x3xf32>) : memref<9xf32>, memref<5xi64>
  return
}

// -----

func.func @segment_pool_c1_type(%x: memref<9x3xf64>, %s: memref<5xi64>, %o: memref<4x3xf32>) {
  // expected-error @+1 {{`x` has element type 'f64', expected 'f32' (C1)}}
  nn.segment_pool sum %x, %s outs(%o : memref<4x3xf32>) : memref<9x3xf64>, memref<5xi64>
  return
}

// -----

func.func @segment_pool_c2(%x: memref<9x3xf32>, %s: memref<5xi32>, %o: memref<4x3xf32>) {
  // expected-error @+1 {{`offsets` has element type 'i32', expected 'i64' (C2)}}
  nn.segment_pool sum %x, %s outs(%o : memref<4x3xf32>) : memref<9x3xf32>, memref<5xi32>
  return
}

// -----

func.func @segment_pool_c2_rank(%x: memref<9x3xf32>, %s: memref<1x5xi64>, %o: memref<4x3xf32>) {
  // expected-error @+1 {{`offsets` is 'memref<1x5xi64>', expected rank 1 (C2)}}
  nn.segment_pool sum %x, %s outs(%o : memref<4x3xf32>) : memref<9x3xf32>, memref<1x5xi64>
  return
}

// -----

func.func @segment_pool_c2_empty(%x: memref<9x3xf32>, %s: memref<0xi64>, %o: memref<4x3xf32>) {
  // expected-error @+1 {{`offsets` has length 0, expected G + 1 (C2)}}
  nn.segment_pool sum %x, %s outs(%o : memref<4x3xf32>) : memref<9x3xf32>, memref<0xi64>
  return
}

// -----

// expected-note @+1 {{`offsets` comes from here}}
func.func @segment_pool_c3(%x: memref<9x3xf32>, %s: memref<5xi64>, %o: memref<5x3xf32>) {
  // expected-error @+1 {{`outs` has shape [5, 3], expected [4, 3] (C3)}}
  nn.segment_pool sum %x, %s outs(%o : memref<5x3xf32>) : memref<9x3xf32>, memref<5xi64>
  return
}

// -----

// expected-note @+1 {{`x` comes from here}}
func.func @segment_pool_c3_width(%x: memref<?x3xf32>, %s: memref<?xi64>, %o: memref<?x4xf32>) {
  // expected-error @+1 {{`outs` has shape [?, 4], expected [?, 3] (C3)}}
  nn.segment_pool sum %x, %s outs(%o : memref<?x4xf32>) : memref<?x3xf32>, memref<?xi64>
  return
}

// -----

func.func @segment_pool_c3_type(%x: memref<9x3xf32>, %s: memref<5xi64>, %o: memref<4x3xf16>) {
  // expected-error @+1 {{`outs` has element type 'f16', expected 'f32' (C3)}}
  nn.segment_pool sum %x, %s outs(%o : memref<4x3xf16>) : memref<9x3xf32>, memref<5xi64>
  return
}
