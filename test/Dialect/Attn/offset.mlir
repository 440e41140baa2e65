// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @offset
// CHECK: attn.offset sizes(%{{.*}}, %{{.*}}) : <?x?xf32>
// CHECK-NEXT: attn.offset sizes() : <3x4xf32>
// CHECK-NEXT: attn.offset sizes(%{{.*}}) : <2x1x?x5xf32>
func.func @offset(%n: index)
    -> (!attn.matrix<?x?xf32>, !attn.matrix<3x4xf32>, !attn.matrix<2x1x?x5xf32>) {
  %0 = attn.offset sizes(%n, %n) : !attn.matrix<?x?xf32>
  %1 = attn.offset sizes() : !attn.matrix<3x4xf32>
  %2 = attn.offset sizes(%n) : !attn.matrix<2x1x?x5xf32>
  return %0, %1, %2 : !attn.matrix<?x?xf32>, !attn.matrix<3x4xf32>, !attn.matrix<2x1x?x5xf32>
}

// -----

func.func @offset_c1(%n: index) {
  // expected-error @+1 {{'attn.offset' op has 3 sizes, expected 2, one for each dynamic dimension (C1)}}
  %0 = attn.offset sizes(%n, %n, %n) : !attn.matrix<?x?xf32>
  return
}
