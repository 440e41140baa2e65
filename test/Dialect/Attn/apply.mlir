// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @apply
// CHECK: attn.apply %{{.*}}, %{{.*}} : <?x5xf32>, tensor<5x6xf32>
// CHECK-NEXT: attn.apply %{{.*}}, %{{.*}} into %{{.*}} : <?x5xf32>, tensor<5x6xf32>, tensor<?x6xf32>
// CHECK-NEXT: attn.apply %{{.*}}, %{{.*}} : <1x4x3x?xf32>, tensor<7x?x1x6xf32>
// CHECK-NEXT: return {{.*}} : tensor<?x6xf32>, tensor<?x6xf32>, tensor<7x3x4x6xf32>
func.func @apply(%a: !attn.matrix<?x5xf32>, %b: !attn.matrix<1x4x3x?xf32>, %v: tensor<5x6xf32>, %x: tensor<?x6xf32>,
    %w: tensor<7x?x1x6xf32>) -> (tensor<?x6xf32>, tensor<?x6xf32>, tensor<7x3x4x6xf32>) {
  %0 = attn.apply %a, %v : !attn.matrix<?x5xf32>, tensor<5x6xf32>
  %1 = attn.apply %a, %v into %x : !attn.matrix<?x5xf32>, tensor<5x6xf32>, tensor<?x6xf32>
  %2 = attn.apply %b, %w : !attn.matrix<1x4x3x?xf32>, tensor<7x?x1x6xf32>
  return %0, %1, %2 : tensor<?x6xf32>, tensor<?x6xf32>, tensor<7x3x4x6xf32>
}

// -----

func.func @apply_c1(%a: !attn.matrix<3x5xf32>, %v: tensor<5x1x6xf32>) {
  // expected-error @+1 {{`v` is 'tensor<5x1x6xf32>', expected a tensor of rank 2, that of the matrix (C1)}}
  %0 = attn.apply %a, %v : !attn.matrix<3x5xf32>, tensor<5x1x6xf32>
  return
}

// -----

func.func @apply_c1_vector(%a: !attn.matrix<3x5xf32>, %v: tensor<5xf32>) {
  // expected-error @+1 {{`v` is 'tensor<5xf32>', expected a tensor of rank 2, that of the matrix (C1)}}
  %0 = attn.apply %a, %v : !attn.matrix<3x5xf32>, tensor<5xf32>
  return
}

// -----

func.func @apply_c1_scalar(%a: !attn.matrix<3x5xf32>, %v: tensor<f32>) {
  // expected-error @+1 {{`v` is 'tensor<f32>', expected a tensor of rank 2, that of the matrix (C1)}}
  %0 = attn.apply %a, %v : !attn.matrix<3x5xf32>, tensor<f32>
  return
}

// -----

func.func @apply_c1_type(%a: !attn.matrix<3x5xf32>, %v: tensor<5x6xi32>) {
  // expected-error @+1 {{`v` must hold f32, got 'i32' (C1)}}
  %0 = attn.apply %a, %v : !attn.matrix<3x5xf32>, tensor<5x6xi32>
  return
}

// -----

func.func @apply_c2(%a: !attn.matrix<3x5xf32>, %v: tensor<3x6xf32>) {
  // expected-error @+1 {{`v` has 3 rows, expected 5, the columns of the matrix (C2)}}
  %0 = attn.apply %a, %v : !attn.matrix<3x5xf32>, tensor<3x6xf32>
  return
}

// -----

func.func @apply_c3(%a: !attn.matrix<2x3x5xf32>, %v: tensor<5x4x6xf32>) {
  // expected-error @+1 {{`v` has size 4 in dim 1, expected 2 as the matrix or 1 (C3)}}
  %0 = attn.apply %a, %v : !attn.matrix<2x3x5xf32>, tensor<5x4x6xf32>
  return
}

// -----

func.func @apply_c3_batch(%a: !attn.matrix<7x2x3x5xf32>, %v: tensor<8x5x2x6xf32>) {
  // expected-error @+1 {{`v` has size 8 in dim 0, expected 7 as the matrix or 1 (C3)}}
  %0 = attn.apply %a, %v : !attn.matrix<7x2x3x5xf32>, tensor<8x5x2x6xf32>
  return
}

// -----

func.func @apply_c4(%a: !attn.matrix<3x5xf32>, %v: tensor<5x6xf32>, %x: tensor<5x6xf32>) {
  // expected-error @+1 {{'attn.apply' op `init` is 'tensor<5x6xf32>', expected the result's type 'tensor<3x6xf32>' (C4)}}
  %0 = attn.apply %a, %v into %x : !attn.matrix<3x5xf32>, tensor<5x6xf32>, tensor<5x6xf32>
  return
}
