// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @row_sums
// CHECK: attn.row_sums %{{.*}} : <?x5xf32>
// CHECK-NEXT: attn.row_sums %{{.*}} into %{{.*}} : <?x5xf32>, tensor<?xf32>
// CHECK-NEXT: attn.row_sums %{{.*}} : <7x4x3x?xf32>
// CHECK-NEXT: return {{.*}} : tensor<?xf32>, tensor<?xf32>, tensor<7x3x4xf32>
func.func @row_sums(%a: !attn.matrix<?x5xf32>, %b: !attn.matrix<7x4x3x?xf32>, %x: tensor<?xf32>)
    -> (tensor<?xf32>, tensor<?xf32>, tensor<7x3x4xf32>) {
  %0 = attn.row_sums %a : !attn.matrix<?x5xf32>
  %1 = attn.row_sums %a into %x : !attn.matrix<?x5xf32>, tensor<?xf32>
  %2 = attn.row_sums %b : !attn.matrix<7x4x3x?xf32>
  return %0, %1, %2 : tensor<?xf32>, tensor<?xf32>, tensor<7x3x4xf32>
}

// -----

func.func @row_sums_c1(%a: !attn.matrix<4x3x5xf32>, %x: tensor<4x3xf32>) {
  // expected-error @+1 {{'attn.row_sums' op `init` is 'tensor<4x3xf32>', expected the result's type 'tensor<3x4xf32>' (C1)}}
  %0 = attn.row_sums %a into %x : !attn.matrix<4x3x5xf32>, tensor<4x3xf32>
  return
}
