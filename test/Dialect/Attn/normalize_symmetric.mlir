// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @normalize_symmetric
// CHECK: attn.normalize_symmetric %{{.*}} : <?x?xf32>
// CHECK-NEXT: attn.normalize_symmetric %{{.*}} : <7x?x3x3xf32>
func.func @normalize_symmetric(%a: !attn.matrix<?x?xf32>, %b: !attn.matrix<7x?x3x3xf32>)
    -> (!attn.matrix<?x?xf32>, !attn.matrix<7x?x3x3xf32>) {
  %0 = attn.normalize_symmetric %a : !attn.matrix<?x?xf32>
  %1 = attn.normalize_symmetric %b : !attn.matrix<7x?x3x3xf32>
  return %0, %1 : !attn.matrix<?x?xf32>, !attn.matrix<7x?x3x3xf32>
}

// -----

func.func @normalize_symmetric_result(%a: !attn.matrix<3x3xf32>) {
  // expected-error @+1 {{'attn.normalize_symmetric' op failed to verify that all of {input, result} have same type}}
  %0 = "attn.normalize_symmetric"(%a) : (!attn.matrix<3x3xf32>) -> !attn.matrix<4x4xf32>
  return
}

// -----

func.func @normalize_symmetric_c1(%a: !attn.matrix<3x4xf32>) {
  // expected-error @+1 {{'attn.normalize_symmetric' op has 3 rows and 4 columns, expected a square matrix (C1)}}
  %0 = attn.normalize_symmetric %a : !attn.matrix<3x4xf32>
  return
}
