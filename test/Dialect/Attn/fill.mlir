// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @fill
// CHECK: attn.fill %{{.*}}, %{{.*}} : <?x?xf32>
// CHECK-NEXT: attn.fill %{{.*}}, %{{.*}} : <7x4x3x5xf32>
func.func @fill(%a: !attn.matrix<?x?xf32>, %b: !attn.matrix<7x4x3x5xf32>, %c: f32)
    -> (!attn.matrix<?x?xf32>, !attn.matrix<7x4x3x5xf32>) {
  %0 = attn.fill %a, %c : !attn.matrix<?x?xf32>
  %1 = attn.fill %b, %c : !attn.matrix<7x4x3x5xf32>
  return %0, %1 : !attn.matrix<?x?xf32>, !attn.matrix<7x4x3x5xf32>
}

// -----

func.func @fill_c1(%off: tensor<?xi64>, %col: tensor<?xi32>, %n: index, %c: f32) {
  %a = attn.adjacency %off, %col columns(%n) : tensor<?xi64>, tensor<?xi32>
  // expected-error @+1 {{'attn.fill' op fills a CSR matrix that may hold an edge twice, expected `unique` on its attn.adjacency (C1)}}
  %0 = attn.fill %a, %c : !attn.matrix<?x?xf32>
  return
}

// -----

// The sum over k of a product of matrices is one entry, whatever the edges are.
// CHECK-LABEL: func.func @product
// CHECK: attn.fill
func.func @product(%off: tensor<?xi64>, %col: tensor<?xi32>, %n: index, %c: f32) -> !attn.matrix<?x?xf32> {
  %a = attn.adjacency %off, %col columns(%n) : tensor<?xi64>, tensor<?xi32>
  %p = attn.compose %a, %a : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %0 = attn.fill %p, %c : !attn.matrix<?x?xf32>
  return %0 : !attn.matrix<?x?xf32>
}
