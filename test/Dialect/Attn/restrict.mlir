// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @restrict
// CHECK: attn.restrict %{{.*}} segments(%{{.*}} : tensor<?xi64>) : <?x?xf32>
// CHECK-NEXT: attn.restrict %{{.*}} causal : <?x?xf32>
// CHECK-NEXT: attn.restrict %{{.*}} window [3, 0] : <?x?xf32>
// CHECK-NEXT: attn.restrict %{{.*}} key_mask(%{{.*}} : tensor<?xi8>) : <?x?xf32>
// CHECK-NEXT: attn.restrict %{{.*}} key_mask(%{{.*}} : tensor<5xi1>) : <4x3x5xf32>
// CHECK-NEXT: attn.restrict %{{.*}} key_mask(%{{.*}} : tensor<?x5xi1>) : <7x4x3x5xf32>
// CHECK-NEXT: attn.restrict %{{.*}} key_mask(%{{.*}} : tensor<1x5xi1>) : <7x4x3x5xf32>
func.func @restrict(%a: !attn.matrix<?x?xf32>, %h: !attn.matrix<4x3x5xf32>, %b: !attn.matrix<7x4x3x5xf32>,
    %off: tensor<?xi64>, %m: tensor<?xi8>, %n: tensor<5xi1>, %o: tensor<?x5xi1>, %p: tensor<1x5xi1>)
    -> (!attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>,
        !attn.matrix<4x3x5xf32>, !attn.matrix<7x4x3x5xf32>, !attn.matrix<7x4x3x5xf32>) {
  %0 = attn.restrict %a segments(%off : tensor<?xi64>) : !attn.matrix<?x?xf32>
  %1 = attn.restrict %a causal : !attn.matrix<?x?xf32>
  %2 = attn.restrict %a window [3, 0] : !attn.matrix<?x?xf32>
  %3 = attn.restrict %a key_mask(%m : tensor<?xi8>) : !attn.matrix<?x?xf32>
  %4 = attn.restrict %h key_mask(%n : tensor<5xi1>) : !attn.matrix<4x3x5xf32>
  %5 = attn.restrict %b key_mask(%o : tensor<?x5xi1>) : !attn.matrix<7x4x3x5xf32>
  %6 = attn.restrict %b key_mask(%p : tensor<1x5xi1>) : !attn.matrix<7x4x3x5xf32>
  return %0, %1, %2, %3, %4, %5, %6 : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>,
      !attn.matrix<?x?xf32>, !attn.matrix<4x3x5xf32>, !attn.matrix<7x4x3x5xf32>, !attn.matrix<7x4x3x5xf32>
}

// -----

func.func @restrict_c1(%a: !attn.matrix<?x?xf32>) {
  // expected-error @+1 {{'attn.restrict' op `segments` takes one tensor (C1)}}
  %0 = attn.restrict %a segments : !attn.matrix<?x?xf32>
  return
}

// -----

func.func @restrict_c1_key_mask(%a: !attn.matrix<?x?xf32>) {
  // expected-error @+1 {{'attn.restrict' op `key_mask` takes one tensor (C1)}}
  %0 = attn.restrict %a key_mask : !attn.matrix<?x?xf32>
  return
}

// -----

func.func @restrict_c1_causal(%a: !attn.matrix<?x?xf32>, %m: tensor<?xi64>) {
  // expected-error @+1 {{'attn.restrict' op `causal` takes no tensor (C1)}}
  %0 = attn.restrict %a causal(%m : tensor<?xi64>) : !attn.matrix<?x?xf32>
  return
}

// -----

func.func @restrict_c1_segments_type(%a: !attn.matrix<?x?xf32>, %m: tensor<?xi32>) {
  // expected-error @+1 {{'attn.restrict' op `segments` is 'tensor<?xi32>', expected i64 of rank 1, one more than segments (C1)}}
  %0 = attn.restrict %a segments(%m : tensor<?xi32>) : !attn.matrix<?x?xf32>
  return
}

// -----

func.func @restrict_c1_segments_rank(%a: !attn.matrix<?x?xf32>, %m: tensor<i64>) {
  // expected-error @+1 {{'attn.restrict' op `segments` is 'tensor<i64>', expected i64 of rank 1, one more than segments (C1)}}
  %0 = attn.restrict %a segments(%m : tensor<i64>) : !attn.matrix<?x?xf32>
  return
}

// -----

func.func @restrict_c1_segments_empty(%a: !attn.matrix<?x?xf32>, %m: tensor<0xi64>) {
  // expected-error @+1 {{'attn.restrict' op `segments` is 'tensor<0xi64>', expected i64 of rank 1, one more than segments (C1)}}
  %0 = attn.restrict %a segments(%m : tensor<0xi64>) : !attn.matrix<?x?xf32>
  return
}

// -----

func.func @restrict_c1_key_mask_type(%a: !attn.matrix<?x?xf32>, %m: tensor<?xf32>) {
  // expected-error @+1 {{'attn.restrict' op `key_mask` is 'tensor<?xf32>', expected i8 or i1 of rank 1 (C1)}}
  %0 = attn.restrict %a key_mask(%m : tensor<?xf32>) : !attn.matrix<?x?xf32>
  return
}

// -----

func.func @restrict_c1_key_mask_unsigned(%a: !attn.matrix<?x?xf32>, %m: tensor<?xui8>) {
  // expected-error @+1 {{'attn.restrict' op `key_mask` is 'tensor<?xui8>', expected i8 or i1 of rank 1 (C1)}}
  %0 = attn.restrict %a key_mask(%m : tensor<?xui8>) : !attn.matrix<?x?xf32>
  return
}

// -----

func.func @restrict_c1_key_mask_rank(%a: !attn.matrix<7x4x3x5xf32>, %m: tensor<5xi1>) {
  // expected-error @+1 {{'attn.restrict' op `key_mask` is 'tensor<5xi1>', expected i8 or i1 of rank 2 (C1)}}
  %0 = attn.restrict %a key_mask(%m : tensor<5xi1>) : !attn.matrix<7x4x3x5xf32>
  return
}

// -----

func.func @restrict_c1_key_mask_scalar(%a: !attn.matrix<3x5xf32>, %m: tensor<i1>) {
  // expected-error @+1 {{'attn.restrict' op `key_mask` is 'tensor<i1>', expected i8 or i1 of rank 1 (C1)}}
  %0 = attn.restrict %a key_mask(%m : tensor<i1>) : !attn.matrix<3x5xf32>
  return
}

// -----

func.func @restrict_c2(%a: !attn.matrix<3x5xf32>) {
  // expected-error @+1 {{'attn.restrict' op `causal` is on 3 rows and 5 columns, expected a square matrix (C2)}}
  %0 = attn.restrict %a causal : !attn.matrix<3x5xf32>
  return
}

// -----

func.func @restrict_c2_window(%a: !attn.matrix<3x5xf32>) {
  // expected-error @+1 {{'attn.restrict' op `window` is on 3 rows and 5 columns, expected a square matrix (C2)}}
  %0 = attn.restrict %a window [1, 1] : !attn.matrix<3x5xf32>
  return
}

// -----

func.func @restrict_c2_segments(%a: !attn.matrix<3x5xf32>, %m: tensor<?xi64>) {
  // expected-error @+1 {{'attn.restrict' op `segments` is on 3 rows and 5 columns, expected a square matrix (C2)}}
  %0 = attn.restrict %a segments(%m : tensor<?xi64>) : !attn.matrix<3x5xf32>
  return
}

// -----

func.func @restrict_c2_key_mask(%a: !attn.matrix<3x5xf32>, %m: tensor<3xi1>) {
  // expected-error @+1 {{'attn.restrict' op `key_mask` has size 3 in dim 0, expected 5 (C2)}}
  %0 = attn.restrict %a key_mask(%m : tensor<3xi1>) : !attn.matrix<3x5xf32>
  return
}

// -----

func.func @restrict_c2_key_mask_batch(%a: !attn.matrix<7x4x3x5xf32>, %m: tensor<6x5xi1>) {
  // expected-error @+1 {{'attn.restrict' op `key_mask` has size 6 in dim 0, expected 7 (C2)}}
  %0 = attn.restrict %a key_mask(%m : tensor<6x5xi1>) : !attn.matrix<7x4x3x5xf32>
  return
}

// -----

func.func @restrict_c3(%a: !attn.matrix<?x?xf32>) {
  // expected-error @+1 {{'attn.restrict' op `window` takes two bounds (C3)}}
  %0 = attn.restrict %a window : !attn.matrix<?x?xf32>
  return
}

// -----

func.func @restrict_c3_causal(%a: !attn.matrix<?x?xf32>) {
  // expected-error @+1 {{'attn.restrict' op `causal` takes no bounds (C3)}}
  %0 = attn.restrict %a causal [1, 2] : !attn.matrix<?x?xf32>
  return
}

// -----

func.func @restrict_c3_count(%a: !attn.matrix<?x?xf32>) {
  // expected-error @+1 {{'attn.restrict' op `bounds` is [1], expected two numbers of at least 0 (C3)}}
  %0 = attn.restrict %a window [1] : !attn.matrix<?x?xf32>
  return
}

// -----

func.func @restrict_c3_negative(%a: !attn.matrix<?x?xf32>) {
  // expected-error @+1 {{'attn.restrict' op `bounds` is [1, -2], expected two numbers of at least 0 (C3)}}
  %0 = attn.restrict %a window [1, -2] : !attn.matrix<?x?xf32>
  return
}

// -----

func.func @restrict_kind(%a: !attn.matrix<3x3xf32>) {
  // expected-error @+1 {{expected string or keyword containing one of the following enum values for attribute 'kind' [segments, causal, window, key_mask]}}
  %0 = attn.restrict %a banded : !attn.matrix<3x3xf32>
  return
}
