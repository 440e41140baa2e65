// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @nystrom_residual
// CHECK: attn.nystrom_residual %{{.*}}, %{{.*}} : <2x?x49xf32>, tensor<2x49x49xf32>
// CHECK-NEXT: attn.nystrom_residual %{{.*}}, %{{.*}} {diagonal = 2.500000e+00 : f64} : <?x3xf32>, tensor<3x3xf32>
// CHECK-NEXT: attn.nystrom_residual %{{.*}}, %{{.*}} : <7x1x5x3xf32>, tensor<1x4x3x3xf32>
// CHECK-NEXT: return {{.*}} : tensor<?x2xf32>, tensor<?xf32>, tensor<7x5x4xf32>
func.func @nystrom_residual(%a: !attn.matrix<2x?x49xf32>, %x: tensor<2x49x49xf32>, %b: !attn.matrix<?x3xf32>,
    %y: tensor<3x3xf32>, %c: !attn.matrix<7x1x5x3xf32>, %z: tensor<1x4x3x3xf32>)
    -> (tensor<?x2xf32>, tensor<?xf32>, tensor<7x5x4xf32>) {
  %0 = attn.nystrom_residual %a, %x : !attn.matrix<2x?x49xf32>, tensor<2x49x49xf32>
  %1 = attn.nystrom_residual %b, %y {diagonal = 2.5} : !attn.matrix<?x3xf32>, tensor<3x3xf32>
  %2 = attn.nystrom_residual %c, %z : !attn.matrix<7x1x5x3xf32>, tensor<1x4x3x3xf32>
  return %0, %1, %2 : tensor<?x2xf32>, tensor<?xf32>, tensor<7x5x4xf32>
}

// -----

func.func @nystrom_residual_c1(%a: !attn.matrix<?x3xf32>, %x: tensor<1x3x3xf32>) {
  // expected-error @+1 {{`x` is 'tensor<1x3x3xf32>', expected f32 of rank 2, that of the matrix (C1)}}
  %0 = attn.nystrom_residual %a, %x : !attn.matrix<?x3xf32>, tensor<1x3x3xf32>
  return
}

// -----

func.func @nystrom_residual_c1_type(%a: !attn.matrix<?x3xf32>, %x: tensor<3x3xi32>) {
  // expected-error @+1 {{`x` is 'tensor<3x3xi32>', expected f32 of rank 2, that of the matrix (C1)}}
  %0 = attn.nystrom_residual %a, %x : !attn.matrix<?x3xf32>, tensor<3x3xi32>
  return
}

// -----

func.func @nystrom_residual_c2(%a: !attn.matrix<?x3xf32>, %x: tensor<3x2xf32>) {
  // expected-error @+1 {{`x` is 'tensor<3x2xf32>', expected 3 rows and columns, those of the matrix (C2)}}
  %0 = attn.nystrom_residual %a, %x : !attn.matrix<?x3xf32>, tensor<3x2xf32>
  return
}

// -----

func.func @nystrom_residual_c3(%a: !attn.matrix<7x2x?x3xf32>, %x: tensor<5x2x3x3xf32>) {
  // expected-error @+1 {{`x` has size 5 in dim 0, expected 7 as the matrix or 1 (C3)}}
  %0 = attn.nystrom_residual %a, %x : !attn.matrix<7x2x?x3xf32>, tensor<5x2x3x3xf32>
  return
}
