// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @cholesky_inverse
// CHECK: nn.cholesky_inverse %{{.*}} outs(%{{.*}} : tensor<?x2x49x49xf32>) : tensor<?x2x49x49xf32> -> tensor<?x2x49x49xf32>
// CHECK: nn.cholesky_inverse %{{.*}} outs(%{{.*}} : tensor<?x2x49x49xf32>) {ridge = 1.000000e-02 : f64} : tensor<?x2x49x49xf32> -> tensor<?x2x49x49xf32>
func.func @cholesky_inverse(%x: tensor<?x2x49x49xf32>, %o: tensor<?x2x49x49xf32>)
    -> (tensor<?x2x49x49xf32>, tensor<?x2x49x49xf32>) {
  %0 = nn.cholesky_inverse %x outs(%o : tensor<?x2x49x49xf32>) : tensor<?x2x49x49xf32> -> tensor<?x2x49x49xf32>
  %1 = nn.cholesky_inverse %x outs(%o : tensor<?x2x49x49xf32>) {ridge = 1.0e-2}
      : tensor<?x2x49x49xf32> -> tensor<?x2x49x49xf32>
  return %0, %1 : tensor<?x2x49x49xf32>, tensor<?x2x49x49xf32>
}

// -----

// CHECK-LABEL: func.func @buffers
// CHECK: nn.cholesky_inverse %{{.*}} outs(%{{.*}} : memref<3x3xf32>) : memref<3x3xf32>
func.func @buffers(%x: memref<3x3xf32>, %o: memref<3x3xf32>) {
  nn.cholesky_inverse %x outs(%o : memref<3x3xf32>) : memref<3x3xf32>
  return
}

// -----

func.func @cholesky_inverse_c1(%x: memref<3xf32>) {
  // expected-error @+1 {{'nn.cholesky_inverse' op `x` is 'memref<3xf32>', expected a rank of at least 2 (C1)}}
  nn.cholesky_inverse %x outs(%x : memref<3xf32>) : memref<3xf32>
  return
}

// -----

func.func @cholesky_inverse_c1_square(%x: tensor<2x3x4xf32>) {
  // expected-error @+1 {{`x` has matrices of 3 x 4, expected square ones (C1)}}
  %0 = nn.cholesky_inverse %x outs(%x : tensor<2x3x4xf32>) : tensor<2x3x4xf32> -> tensor<2x3x4xf32>
  return
}

// -----

func.func @cholesky_inverse_c2(%x: tensor<3x3xf32>) {
  // expected-error @+1 {{`ridge` is -1.000000e+00, must be at least 0 (C2)}}
  %0 = nn.cholesky_inverse %x outs(%x : tensor<3x3xf32>) {ridge = -1.0} : tensor<3x3xf32> -> tensor<3x3xf32>
  return
}

// -----

// expected-note @+1 {{`x` comes from here}}
func.func @cholesky_inverse_c3(%x: tensor<3x3xf32>, %o: tensor<1x3x3xf32>) {
  // expected-error @+1 {{`outs` is 'tensor<1x3x3xf32>', expected the shape [3, 3] of `x` (C3)}}
  %0 = nn.cholesky_inverse %x outs(%o : tensor<1x3x3xf32>) : tensor<3x3xf32> -> tensor<1x3x3xf32>
  return
}

// -----

// expected-note @+1 {{`x` comes from here}}
func.func @cholesky_inverse_c3_size(%x: tensor<5x3x3xf32>, %o: tensor<6x3x3xf32>) {
  // expected-error @+1 {{`outs` is 'tensor<6x3x3xf32>', expected the shape [5, 3, 3] of `x` (C3)}}
  %0 = nn.cholesky_inverse %x outs(%o : tensor<6x3x3xf32>) : tensor<5x3x3xf32> -> tensor<6x3x3xf32>
  return
}

// -----

func.func @cholesky_inverse_c4(%x: tensor<3x3xf64>, %o: tensor<3x3xf32>) {
  // expected-error @+1 {{`x` has element type 'f64', expected f32 (C4)}}
  %0 = nn.cholesky_inverse %x outs(%o : tensor<3x3xf32>) : tensor<3x3xf64> -> tensor<3x3xf32>
  return
}

// -----

func.func @cholesky_inverse_c4_outs(%x: tensor<3x3xf32>, %o: tensor<3x3xf64>) {
  // expected-error @+1 {{`outs` has element type 'f64', expected f32 (C4)}}
  %0 = nn.cholesky_inverse %x outs(%o : tensor<3x3xf64>) : tensor<3x3xf32> -> tensor<3x3xf64>
  return
}

// -----

func.func @cholesky_inverse_c1_matrix(%x: !attn.matrix<3x3xf32>, %o: tensor<3x3xf32>) {
  // expected-error @+1 {{operands must be ranked tensors only, or memrefs only (C1)}}
  %0 = nn.cholesky_inverse %x outs(%o : tensor<3x3xf32>) : !attn.matrix<3x3xf32> -> tensor<3x3xf32>
  return
}

// -----

func.func @cholesky_inverse_c1_mixed(%x: tensor<3x3xf32>, %o: memref<3x3xf32>) {
  // expected-error @+1 {{operands must be ranked tensors only, or memrefs only (C1)}}
  nn.cholesky_inverse %x outs(%o : memref<3x3xf32>) : tensor<3x3xf32>
  return
}
