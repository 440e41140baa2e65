// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @dim
// CHECK: attn.dim %{{.*}}, 0 : <?x?xf32>
// CHECK-NEXT: attn.dim %{{.*}}, 3 : <7x4x3x5xf32>
func.func @dim(%a: !attn.matrix<?x?xf32>, %b: !attn.matrix<7x4x3x5xf32>) -> (index, index) {
  %0 = attn.dim %a, 0 : !attn.matrix<?x?xf32>
  %1 = attn.dim %b, 3 : !attn.matrix<7x4x3x5xf32>
  return %0, %1 : index, index
}

// -----

func.func @dim_c1(%a: !attn.matrix<?x?xf32>) {
  // expected-error @+1 {{'attn.dim' op dimension 2 must be at least 0 and below the rank 2 (C1)}}
  %0 = attn.dim %a, 2 : !attn.matrix<?x?xf32>
  return
}

// -----

func.func @dim_c1_negative(%a: !attn.matrix<?x?xf32>) {
  // expected-error @+1 {{dimension -1 must be at least 0 and below the rank 2 (C1)}}
  %0 = attn.dim %a, -1 : !attn.matrix<?x?xf32>
  return
}
