// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @hadamard
// CHECK: attn.hadamard %{{.*}}, %{{.*}} : <?x?xf32>, <?x?xf32>
// CHECK-NEXT: attn.hadamard %{{.*}}, %{{.*}} : <4x?x?xf32>, <1x?x?xf32>
// CHECK-NEXT: attn.hadamard %{{.*}}, %{{.*}} : <1x4x?x?xf32>, <7x1x3x5xf32>
// CHECK-NEXT: return {{.*}} : !attn.matrix<?x?xf32>, !attn.matrix<4x?x?xf32>, !attn.matrix<7x4x3x5xf32>
func.func @hadamard(%a: !attn.matrix<?x?xf32>, %h: !attn.matrix<4x?x?xf32>, %g: !attn.matrix<1x?x?xf32>,
    %b: !attn.matrix<1x4x?x?xf32>, %c: !attn.matrix<7x1x3x5xf32>)
    -> (!attn.matrix<?x?xf32>, !attn.matrix<4x?x?xf32>, !attn.matrix<7x4x3x5xf32>) {
  %0 = attn.hadamard %a, %a : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %1 = attn.hadamard %h, %g : !attn.matrix<4x?x?xf32>, !attn.matrix<1x?x?xf32>
  %2 = attn.hadamard %b, %c : !attn.matrix<1x4x?x?xf32>, !attn.matrix<7x1x3x5xf32>
  return %0, %1, %2 : !attn.matrix<?x?xf32>, !attn.matrix<4x?x?xf32>, !attn.matrix<7x4x3x5xf32>
}

// -----

func.func @hadamard_c1(%a: !attn.matrix<3x3xf32>, %b: !attn.matrix<1x3x3xf32>) {
  // expected-error @+1 {{`rhs` has rank 3, expected 2, that of `lhs` (C1)}}
  %0 = attn.hadamard %a, %b : !attn.matrix<3x3xf32>, !attn.matrix<1x3x3xf32>
  return
}

// -----

func.func @hadamard_c2(%a: !attn.matrix<2x3x3xf32>, %b: !attn.matrix<4x3x3xf32>) {
  // expected-error @+1 {{`rhs` has size 4 in dim 0, expected 2 as `lhs` or 1 (C2)}}
  %0 = attn.hadamard %a, %b : !attn.matrix<2x3x3xf32>, !attn.matrix<4x3x3xf32>
  return
}

// -----

// Rows and columns never broadcast.
func.func @hadamard_c2_rows(%a: !attn.matrix<3x3xf32>, %b: !attn.matrix<1x3xf32>) {
  // expected-error @+1 {{`rhs` has size 1 in dim 0, expected 3 as `lhs` (C2)}}
  %0 = attn.hadamard %a, %b : !attn.matrix<3x3xf32>, !attn.matrix<1x3xf32>
  return
}

// -----

func.func @hadamard_c3(%off: tensor<?xi64>, %col: tensor<?xi32>, %n: index) {
  %a = attn.adjacency %off, %col columns(%n) : tensor<?xi64>, tensor<?xi32>
  %t = attn.transpose %a : !attn.matrix<?x?xf32>
  // expected-error @+1 {{'attn.hadamard' op multiplies two CSR matrices that may hold an edge twice, expected `unique` on one (C3)}}
  %0 = attn.hadamard %a, %t : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  return
}

// -----

// CHECK-LABEL: func.func @unique_once
// CHECK: attn.hadamard
func.func @unique_once(%off: tensor<?xi64>, %col: tensor<?xi32>, %n: index) -> !attn.matrix<?x?xf32> {
  %a = attn.adjacency %off, %col columns(%n) : tensor<?xi64>, tensor<?xi32>
  %b = attn.adjacency %off, %col columns(%n) unique : tensor<?xi64>, tensor<?xi32>
  %0 = attn.hadamard %a, %b : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  return %0 : !attn.matrix<?x?xf32>
}
