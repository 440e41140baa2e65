// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @splat
// CHECK: attn.splat %{{.*}} sizes(%{{.*}}, %{{.*}}) : <?x?xf32>
// CHECK-NEXT: attn.splat %{{.*}} sizes() : <3x4xf32>
// CHECK-NEXT: attn.splat %{{.*}} sizes(%{{.*}}) : <2x4x?x5xf32>
func.func @splat(%c: f32, %n: index)
    -> (!attn.matrix<?x?xf32>, !attn.matrix<3x4xf32>, !attn.matrix<2x4x?x5xf32>) {
  %0 = attn.splat %c sizes(%n, %n) : !attn.matrix<?x?xf32>
  %1 = attn.splat %c sizes() : !attn.matrix<3x4xf32>
  %2 = attn.splat %c sizes(%n) : !attn.matrix<2x4x?x5xf32>
  return %0, %1, %2 : !attn.matrix<?x?xf32>, !attn.matrix<3x4xf32>, !attn.matrix<2x4x?x5xf32>
}

// -----

func.func @splat_c1(%c: f32, %n: index) {
  // expected-error @+1 {{'attn.splat' op has 1 sizes, expected 2, one for each dynamic dimension (C1)}}
  %0 = attn.splat %c sizes(%n) : !attn.matrix<?x?xf32>
  return
}

// -----

func.func @splat_c1_static(%c: f32, %n: index) {
  // expected-error @+1 {{has 1 sizes, expected 0, one for each dynamic dimension (C1)}}
  %0 = attn.splat %c sizes(%n) : !attn.matrix<3x3xf32>
  return
}

// -----

func.func @splat_value(%c: f64) {
  // expected-error @+1 {{operand #0 must be 32-bit float, but got 'f64'}}
  %0 = "attn.splat"(%c) : (f64) -> !attn.matrix<3x3xf32>
  return
}
