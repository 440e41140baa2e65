// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @compose
// CHECK: attn.compose %{{.*}}, %{{.*}} : <?x49xf32>, <49x?xf32>
// CHECK-NEXT: attn.compose %{{.*}}, %{{.*}} : <7x1x3x?xf32>, <1x4x?x5xf32>
// CHECK-NEXT: return {{.*}} : !attn.matrix<?x?xf32>, !attn.matrix<7x4x3x5xf32>
func.func @compose(%a: !attn.matrix<?x49xf32>, %b: !attn.matrix<49x?xf32>, %c: !attn.matrix<7x1x3x?xf32>,
    %d: !attn.matrix<1x4x?x5xf32>) -> (!attn.matrix<?x?xf32>, !attn.matrix<7x4x3x5xf32>) {
  %0 = attn.compose %a, %b : !attn.matrix<?x49xf32>, !attn.matrix<49x?xf32>
  %1 = attn.compose %c, %d : !attn.matrix<7x1x3x?xf32>, !attn.matrix<1x4x?x5xf32>
  return %0, %1 : !attn.matrix<?x?xf32>, !attn.matrix<7x4x3x5xf32>
}

// -----

func.func @compose_c1(%a: !attn.matrix<3x4xf32>, %b: !attn.matrix<1x4x3xf32>) {
  // expected-error @+1 {{`rhs` has rank 3, expected 2, that of `lhs` (C1)}}
  %0 = attn.compose %a, %b : !attn.matrix<3x4xf32>, !attn.matrix<1x4x3xf32>
  return
}

// -----

func.func @compose_c2(%a: !attn.matrix<3x4xf32>, %b: !attn.matrix<3x4xf32>) {
  // expected-error @+1 {{`rhs` has 3 rows, expected 4, the columns of `lhs` (C2)}}
  %0 = attn.compose %a, %b : !attn.matrix<3x4xf32>, !attn.matrix<3x4xf32>
  return
}

// -----

func.func @compose_c3(%a: !attn.matrix<2x3x4xf32>, %b: !attn.matrix<5x4x3xf32>) {
  // expected-error @+1 {{`rhs` has size 5 in dim 0, expected 2 as `lhs` or 1 (C3)}}
  %0 = attn.compose %a, %b : !attn.matrix<2x3x4xf32>, !attn.matrix<5x4x3xf32>
  return
}
