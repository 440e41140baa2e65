// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @materialize
// CHECK: attn.materialize %{{.*}} : <?x49xf32>
// CHECK-NEXT: attn.materialize %{{.*}} : <7x?x3x5xf32>
// CHECK-NEXT: return {{.*}} : tensor<?x49xf32>, tensor<7x?x3x5xf32>
func.func @materialize(%a: !attn.matrix<?x49xf32>, %b: !attn.matrix<7x?x3x5xf32>)
    -> (tensor<?x49xf32>, tensor<7x?x3x5xf32>) {
  %0 = attn.materialize %a : !attn.matrix<?x49xf32>
  %1 = attn.materialize %b : !attn.matrix<7x?x3x5xf32>
  return %0, %1 : tensor<?x49xf32>, tensor<7x?x3x5xf32>
}

// -----

func.func @materialize_result(%a: !attn.matrix<3x5xf32>) {
  // expected-error @+2 {{'attn.materialize' op failed to infer returned types}}
  // expected-error @+1 {{'attn.materialize' op inferred type(s) 'tensor<3x5xf32>' are incompatible with return type(s) of operation 'tensor<5x3xf32>'}}
  %0 = "attn.materialize"(%a) : (!attn.matrix<3x5xf32>) -> tensor<5x3xf32>
  return
}
