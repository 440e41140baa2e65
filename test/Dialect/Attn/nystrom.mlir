// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @nystrom
// CHECK: attn.nystrom %{{.*}}, %{{.*}} : <2x?x49xf32>, tensor<2x49x49xf32>
// CHECK-NEXT: attn.nystrom %{{.*}}, %{{.*}} : <?x3xf32>, tensor<?x?xf32>
// CHECK-NEXT: attn.nystrom %{{.*}}, %{{.*}} : <7x1x5x?xf32>, tensor<1x4x3x3xf32>
// CHECK-NEXT: return {{.*}} : !attn.matrix<2x?x?xf32>, !attn.matrix<?x?xf32>, !attn.matrix<7x4x5x5xf32>
func.func @nystrom(%a: !attn.matrix<2x?x49xf32>, %x: tensor<2x49x49xf32>, %b: !attn.matrix<?x3xf32>, %y: tensor<?x?xf32>,
    %c: !attn.matrix<7x1x5x?xf32>, %z: tensor<1x4x3x3xf32>)
    -> (!attn.matrix<2x?x?xf32>, !attn.matrix<?x?xf32>, !attn.matrix<7x4x5x5xf32>) {
  %0 = attn.nystrom %a, %x : !attn.matrix<2x?x49xf32>, tensor<2x49x49xf32>
  %1 = attn.nystrom %b, %y : !attn.matrix<?x3xf32>, tensor<?x?xf32>
  %2 = attn.nystrom %c, %z : !attn.matrix<7x1x5x?xf32>, tensor<1x4x3x3xf32>
  return %0, %1, %2 : !attn.matrix<2x?x?xf32>, !attn.matrix<?x?xf32>, !attn.matrix<7x4x5x5xf32>
}

// -----

func.func @nystrom_c1(%a: !attn.matrix<2x?x3xf32>, %x: tensor<3x3xf32>) {
  // expected-error @+1 {{`x` is 'tensor<3x3xf32>', expected f32 of rank 3, that of the matrix (C1)}}
  %0 = attn.nystrom %a, %x : !attn.matrix<2x?x3xf32>, tensor<3x3xf32>
  return
}

// -----

func.func @nystrom_c1_type(%a: !attn.matrix<?x3xf32>, %x: tensor<3x3xf64>) {
  // expected-error @+1 {{`x` is 'tensor<3x3xf64>', expected f32 of rank 2, that of the matrix (C1)}}
  %0 = attn.nystrom %a, %x : !attn.matrix<?x3xf32>, tensor<3x3xf64>
  return
}

// -----

func.func @nystrom_c2(%a: !attn.matrix<?x3xf32>, %x: tensor<4x3xf32>) {
  // expected-error @+1 {{`x` is 'tensor<4x3xf32>', expected 3 rows and columns, those of the matrix (C2)}}
  %0 = attn.nystrom %a, %x : !attn.matrix<?x3xf32>, tensor<4x3xf32>
  return
}

// -----

func.func @nystrom_c2_columns(%a: !attn.matrix<?x3xf32>, %x: tensor<?x4xf32>) {
  // expected-error @+1 {{`x` is 'tensor<?x4xf32>', expected 3 rows and columns, those of the matrix (C2)}}
  %0 = attn.nystrom %a, %x : !attn.matrix<?x3xf32>, tensor<?x4xf32>
  return
}

// -----

func.func @nystrom_c3(%a: !attn.matrix<2x?x3xf32>, %x: tensor<4x3x3xf32>) {
  // expected-error @+1 {{`x` has size 4 in dim 0, expected 2 as the matrix or 1 (C3)}}
  %0 = attn.nystrom %a, %x : !attn.matrix<2x?x3xf32>, tensor<4x3x3xf32>
  return
}
