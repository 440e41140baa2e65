// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @add
// CHECK: attn.add %{{.*}}, %{{.*}} : <?x?xf32>, <?x?xf32>
// CHECK-NEXT: attn.add %{{.*}}, %{{.*}} : <4x?x?xf32>, <1x?x?xf32>
// CHECK-NEXT: attn.add %{{.*}}, %{{.*}} : <1x4x?x?xf32>, <7x1x3x5xf32>
// CHECK-NEXT: return {{.*}} : !attn.matrix<?x?xf32>, !attn.matrix<4x?x?xf32>, !attn.matrix<7x4x3x5xf32>
func.func @add(%a: !attn.matrix<?x?xf32>, %h: !attn.matrix<4x?x?xf32>, %g: !attn.matrix<1x?x?xf32>,
    %b: !attn.matrix<1x4x?x?xf32>, %c: !attn.matrix<7x1x3x5xf32>)
    -> (!attn.matrix<?x?xf32>, !attn.matrix<4x?x?xf32>, !attn.matrix<7x4x3x5xf32>) {
  %0 = attn.add %a, %a : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %1 = attn.add %h, %g : !attn.matrix<4x?x?xf32>, !attn.matrix<1x?x?xf32>
  %2 = attn.add %b, %c : !attn.matrix<1x4x?x?xf32>, !attn.matrix<7x1x3x5xf32>
  return %0, %1, %2 : !attn.matrix<?x?xf32>, !attn.matrix<4x?x?xf32>, !attn.matrix<7x4x3x5xf32>
}

// -----

func.func @add_c1(%a: !attn.matrix<3x3xf32>, %b: !attn.matrix<1x3x3xf32>) {
  // expected-error @+1 {{`rhs` has rank 3, expected 2, that of `lhs` (C1)}}
  %0 = attn.add %a, %b : !attn.matrix<3x3xf32>, !attn.matrix<1x3x3xf32>
  return
}

// -----

func.func @add_c2(%a: !attn.matrix<2x3x3xf32>, %b: !attn.matrix<4x3x3xf32>) {
  // expected-error @+1 {{`rhs` has size 4 in dim 0, expected 2 as `lhs` or 1 (C2)}}
  %0 = attn.add %a, %b : !attn.matrix<2x3x3xf32>, !attn.matrix<4x3x3xf32>
  return
}

// -----

// Rows and columns never broadcast.
func.func @add_c2_rows(%a: !attn.matrix<3x3xf32>, %b: !attn.matrix<1x3xf32>) {
  // expected-error @+1 {{`rhs` has size 1 in dim 0, expected 3 as `lhs` (C2)}}
  %0 = attn.add %a, %b : !attn.matrix<3x3xf32>, !attn.matrix<1x3xf32>
  return
}
