// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @softmax
// CHECK: attn.softmax %{{.*}} : <?x?xf32>
// CHECK-NEXT: attn.softmax %{{.*}} : <7x?x3x3xf32>
func.func @softmax(%a: !attn.matrix<?x?xf32>, %b: !attn.matrix<7x?x3x3xf32>)
    -> (!attn.matrix<?x?xf32>, !attn.matrix<7x?x3x3xf32>) {
  %0 = attn.softmax %a : !attn.matrix<?x?xf32>
  %1 = attn.softmax %b : !attn.matrix<7x?x3x3xf32>
  return %0, %1 : !attn.matrix<?x?xf32>, !attn.matrix<7x?x3x3xf32>
}

// -----

func.func @softmax_result(%a: !attn.matrix<3x3xf32>) {
  // expected-error @+1 {{'attn.softmax' op failed to verify that all of {input, result} have same type}}
  %0 = "attn.softmax"(%a) : (!attn.matrix<3x3xf32>) -> !attn.matrix<4x4xf32>
  return
}

// -----

func.func @softmax_c1(%off: tensor<?xi64>, %col: tensor<?xi32>, %n: index) {
  %a = attn.adjacency %off, %col columns(%n) : tensor<?xi64>, tensor<?xi32>
  %r = attn.restrict %a causal : !attn.matrix<?x?xf32>
  // expected-error @+1 {{'attn.softmax' op is over a CSR matrix that may hold an edge twice, expected `unique` on its attn.adjacency (C1)}}
  %0 = attn.softmax %r : !attn.matrix<?x?xf32>
  return
}

// -----

// The rule is checked before dominance is, in a ring of ops too.
func.func @softmax_ring() {
  // expected-error @+2 {{operand #0 does not dominate this use}}
  // expected-note @+1 {{operand defined here (op in the same block)}}
  %0 = attn.softmax %0 : !attn.matrix<?x?xf32>
  return
}
