// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @transpose
// CHECK: attn.transpose %{{.*}} : <?x49xf32>
// CHECK-NEXT: attn.transpose %{{.*}} : <7x?x3x5xf32>
// CHECK-NEXT: return {{.*}} : !attn.matrix<49x?xf32>, !attn.matrix<7x?x5x3xf32>
func.func @transpose(%a: !attn.matrix<?x49xf32>, %b: !attn.matrix<7x?x3x5xf32>)
    -> (!attn.matrix<49x?xf32>, !attn.matrix<7x?x5x3xf32>) {
  %0 = attn.transpose %a : !attn.matrix<?x49xf32>
  %1 = attn.transpose %b : !attn.matrix<7x?x3x5xf32>
  return %0, %1 : !attn.matrix<49x?xf32>, !attn.matrix<7x?x5x3xf32>
}

// -----

func.func @transpose_tensor(%a: tensor<3x5xf32>) {
  // expected-error @+1 {{'attn.transpose' op operand #0 must be an expression for a pairwise matrix, never a buffer, but got 'tensor<3x5xf32>'}}
  %0 = "attn.transpose"(%a) : (tensor<3x5xf32>) -> !attn.matrix<5x3xf32>
  return
}
