// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @distance
// CHECK: attn.distance %{{.*}}, %{{.*}} : tensor<?x6xf32>, tensor<?x6xf32>
// CHECK-NEXT: attn.distance %{{.*}}, %{{.*}} : tensor<3x6xf32>, tensor<5x6xf32>
// CHECK-NEXT: attn.distance %{{.*}}, %{{.*}} : tensor<3x2x6xf32>, tensor<5x1x6xf32>
// CHECK-NEXT: attn.distance %{{.*}}, %{{.*}} : tensor<?x3x2x6xf32>, tensor<?x5x2x6xf32>
// CHECK-NEXT: return {{.*}} : !attn.matrix<?x?xf32>, !attn.matrix<3x5xf32>, !attn.matrix<2x3x5xf32>, !attn.matrix<?x2x3x5xf32>
func.func @distance(%q: tensor<?x6xf32>, %s: tensor<3x6xf32>, %t: tensor<5x6xf32>, %h: tensor<3x2x6xf32>,
    %i: tensor<5x1x6xf32>, %b: tensor<?x3x2x6xf32>, %c: tensor<?x5x2x6xf32>)
    -> (!attn.matrix<?x?xf32>, !attn.matrix<3x5xf32>, !attn.matrix<2x3x5xf32>, !attn.matrix<?x2x3x5xf32>) {
  %0 = attn.distance %q, %q : tensor<?x6xf32>, tensor<?x6xf32>
  %1 = attn.distance %s, %t : tensor<3x6xf32>, tensor<5x6xf32>
  %2 = attn.distance %h, %i : tensor<3x2x6xf32>, tensor<5x1x6xf32>
  %3 = attn.distance %b, %c : tensor<?x3x2x6xf32>, tensor<?x5x2x6xf32>
  return %0, %1, %2, %3 : !attn.matrix<?x?xf32>, !attn.matrix<3x5xf32>, !attn.matrix<2x3x5xf32>, !attn.matrix<?x2x3x5xf32>
}

// -----

// No rows, no columns and no width are fine.
// CHECK-LABEL: func.func @empty
// CHECK: attn.distance %{{.*}}, %{{.*}} : tensor<0x0xf32>, tensor<?x0xf32>
func.func @empty(%q: tensor<0x0xf32>, %k: tensor<?x0xf32>) -> !attn.matrix<0x?xf32> {
  %0 = attn.distance %q, %k : tensor<0x0xf32>, tensor<?x0xf32>
  return %0 : !attn.matrix<0x?xf32>
}

// -----

func.func @distance_c1(%q: tensor<3xf32>) {
  // expected-error @+1 {{`q` and `k` must have equal rank of at least 2 (C1)}}
  %0 = attn.distance %q, %q : tensor<3xf32>, tensor<3xf32>
  return
}

// -----

func.func @distance_c1_scalar(%q: tensor<f32>) {
  // expected-error @+1 {{`q` and `k` must have equal rank of at least 2 (C1)}}
  %0 = attn.distance %q, %q : tensor<f32>, tensor<f32>
  return
}

// -----

func.func @distance_c1_ranks(%q: tensor<3x6xf32>, %k: tensor<3x1x6xf32>) {
  // expected-error @+1 {{`q` and `k` must have equal rank of at least 2 (C1)}}
  %0 = attn.distance %q, %k : tensor<3x6xf32>, tensor<3x1x6xf32>
  return
}

// -----

func.func @distance_c1_type(%q: tensor<3x6xf32>, %k: tensor<3x6xf64>) {
  // expected-error @+1 {{`q` and `k` must be f32 tensors (C1)}}
  %0 = attn.distance %q, %k : tensor<3x6xf32>, tensor<3x6xf64>
  return
}

// -----

func.func @distance_c2(%q: tensor<3x6xf32>, %k: tensor<3x5xf32>) {
  // expected-error @+1 {{`k` has width 5, expected 6, the width of `q` (C2)}}
  %0 = attn.distance %q, %k : tensor<3x6xf32>, tensor<3x5xf32>
  return
}

// -----

func.func @distance_c3(%q: tensor<3x2x6xf32>, %k: tensor<3x4x6xf32>) {
  // expected-error @+1 {{`k` has size 4 in dim 1, expected 2 as `q` or 1 (C3)}}
  %0 = attn.distance %q, %k : tensor<3x2x6xf32>, tensor<3x4x6xf32>
  return
}

// -----

func.func @distance_c3_batch(%q: tensor<7x3x2x6xf32>, %k: tensor<8x3x2x6xf32>) {
  // expected-error @+1 {{`k` has size 8 in dim 0, expected 7 as `q` or 1 (C3)}}
  %0 = attn.distance %q, %k : tensor<7x3x2x6xf32>, tensor<8x3x2x6xf32>
  return
}

// -----

// The generic form names its result.
func.func @distance_result(%q: tensor<3x6xf32>) {
  // expected-error @+2 {{'attn.distance' op failed to infer returned types}}
  // expected-error @+1 {{'attn.distance' op inferred type(s) '!attn.matrix<3x3xf32>' are incompatible with return type(s) of operation '!attn.matrix<3x4xf32>'}}
  %0 = "attn.distance"(%q, %q) : (tensor<3x6xf32>, tensor<3x6xf32>) -> !attn.matrix<3x4xf32>
  return
}
