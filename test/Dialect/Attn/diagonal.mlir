// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @diagonal
// CHECK: attn.diagonal scalar(%{{.*}}) sizes(%{{.*}}, %{{.*}}) : <?x?xf32>
// CHECK-NEXT: attn.diagonal scalar(%{{.*}}) : <4x4xf32>
// CHECK-NEXT: attn.diagonal values(%{{.*}} : tensor<?xf32>) : <?x?xf32>
// CHECK-NEXT: attn.diagonal values(%{{.*}} : tensor<?x2xf32>) : <2x?x?xf32>
// CHECK-NEXT: attn.diagonal values(%{{.*}} : tensor<7x?x2xf32>) : <7x2x?x?xf32>
func.func @diagonal(%c: f32, %n: index, %v: tensor<?xf32>, %h: tensor<?x2xf32>, %b: tensor<7x?x2xf32>)
    -> (!attn.matrix<?x?xf32>, !attn.matrix<4x4xf32>, !attn.matrix<?x?xf32>, !attn.matrix<2x?x?xf32>,
        !attn.matrix<7x2x?x?xf32>) {
  %0 = attn.diagonal scalar(%c) sizes(%n, %n) : !attn.matrix<?x?xf32>
  %1 = attn.diagonal scalar(%c) : !attn.matrix<4x4xf32>
  %2 = attn.diagonal values(%v : tensor<?xf32>) : !attn.matrix<?x?xf32>
  %3 = attn.diagonal values(%h : tensor<?x2xf32>) : !attn.matrix<2x?x?xf32>
  %4 = attn.diagonal values(%b : tensor<7x?x2xf32>) : !attn.matrix<7x2x?x?xf32>
  return %0, %1, %2, %3, %4 : !attn.matrix<?x?xf32>, !attn.matrix<4x4xf32>, !attn.matrix<?x?xf32>,
      !attn.matrix<2x?x?xf32>, !attn.matrix<7x2x?x?xf32>
}

// -----

func.func @diagonal_c1(%c: f32, %v: tensor<4xf32>) {
  // expected-error @+1 {{'attn.diagonal' op must have either `scalar` or `values` (C1)}}
  %0 = attn.diagonal scalar(%c) values(%v : tensor<4xf32>) : !attn.matrix<4x4xf32>
  return
}

// -----

func.func @diagonal_c1_none() {
  // expected-error @+1 {{must have either `scalar` or `values` (C1)}}
  %0 = attn.diagonal : !attn.matrix<4x4xf32>
  return
}

// -----

func.func @diagonal_c2(%c: f32) {
  // expected-error @+1 {{has 4 rows and 5 columns, expected a square matrix (C2)}}
  %0 = attn.diagonal scalar(%c) : !attn.matrix<4x5xf32>
  return
}

// -----

func.func @diagonal_c3(%v: tensor<5xf32>) {
  // expected-error @+1 {{`values` has size 5 in dim 0, expected 4 (C3)}}
  %0 = attn.diagonal values(%v : tensor<5xf32>) : !attn.matrix<4x4xf32>
  return
}

// -----

func.func @diagonal_c3_heads(%v: tensor<4x3xf32>) {
  // expected-error @+1 {{`values` has size 3 in dim 1, expected 2 (C3)}}
  %0 = attn.diagonal values(%v : tensor<4x3xf32>) : !attn.matrix<2x4x4xf32>
  return
}

// -----

func.func @diagonal_c3_rank(%v: tensor<f32>) {
  // expected-error @+1 {{`values` is 'tensor<f32>', expected an f32 tensor of rank 1 (C3)}}
  %0 = attn.diagonal values(%v : tensor<f32>) : !attn.matrix<4x4xf32>
  return
}

// -----

func.func @diagonal_c3_type(%v: tensor<4xi32>) {
  // expected-error @+1 {{`values` is 'tensor<4xi32>', expected an f32 tensor of rank 1 (C3)}}
  %0 = attn.diagonal values(%v : tensor<4xi32>) : !attn.matrix<4x4xf32>
  return
}

// -----

func.func @diagonal_c4(%c: f32, %n: index) {
  // expected-error @+1 {{has 1 sizes, expected 2, one for each dynamic dimension (C4)}}
  %0 = attn.diagonal scalar(%c) sizes(%n) : !attn.matrix<?x?xf32>
  return
}

// -----

func.func @diagonal_c4_values(%v: tensor<?xf32>, %n: index) {
  // expected-error @+1 {{has `sizes`, expected none where `values` is given (C4)}}
  %0 = attn.diagonal values(%v : tensor<?xf32>) sizes(%n, %n) : !attn.matrix<?x?xf32>
  return
}
