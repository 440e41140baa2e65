// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @normalize_rows
// CHECK: attn.normalize_rows %{{.*}} : <?x?xf32>
// CHECK-NEXT: attn.normalize_rows %{{.*}} : <7x?x3x3xf32>
func.func @normalize_rows(%a: !attn.matrix<?x?xf32>, %b: !attn.matrix<7x?x3x3xf32>)
    -> (!attn.matrix<?x?xf32>, !attn.matrix<7x?x3x3xf32>) {
  %0 = attn.normalize_rows %a : !attn.matrix<?x?xf32>
  %1 = attn.normalize_rows %b : !attn.matrix<7x?x3x3xf32>
  return %0, %1 : !attn.matrix<?x?xf32>, !attn.matrix<7x?x3x3xf32>
}

// -----

func.func @normalize_rows_result(%a: !attn.matrix<3x3xf32>) {
  // expected-error @+1 {{'attn.normalize_rows' op failed to verify that all of {input, result} have same type}}
  %0 = "attn.normalize_rows"(%a) : (!attn.matrix<3x3xf32>) -> !attn.matrix<4x4xf32>
  return
}

// -----

// An edge that is stored twice counts twice; the sum is linear.
// CHECK-LABEL: func.func @edges
// CHECK: attn.normalize_rows
func.func @edges(%off: tensor<?xi64>, %col: tensor<?xi32>, %n: index) -> !attn.matrix<?x?xf32> {
  %a = attn.adjacency %off, %col columns(%n) : tensor<?xi64>, tensor<?xi32>
  %0 = attn.normalize_rows %a : !attn.matrix<?x?xf32>
  return %0 : !attn.matrix<?x?xf32>
}
