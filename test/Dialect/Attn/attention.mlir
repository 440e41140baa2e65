// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @attention
// CHECK: attn.attention %{{.*}}, %{{.*}}, %{{.*}} kernel = "exp" normalize = "softmax" causal {scale = 1.250000e-01 : f64} : tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>
// CHECK-NEXT: attn.attention %{{.*}}, %{{.*}}, %{{.*}} kernel = "linear" normalize = "rows" segments(%{{.*}} : tensor<?xi64>) : tensor<?x4x6xf32>, tensor<?x1x6xf32>, tensor<?x4x8xf32>
// CHECK-NEXT: attn.attention %{{.*}}, %{{.*}}, %{{.*}} kernel = "gaussian" normalize = "none" key_mask(%{{.*}} : tensor<7x5xi1>) : tensor<7x3x4x6xf32>, tensor<7x5x4x6xf32>, tensor<1x5x1x8xf32>
// CHECK-NEXT: return {{.*}} : tensor<?x64xf32>, tensor<?x4x8xf32>, tensor<7x3x4x8xf32>
func.func @attention(%q: tensor<?x64xf32>, %qh: tensor<?x4x6xf32>, %kh: tensor<?x1x6xf32>, %vh: tensor<?x4x8xf32>,
    %off: tensor<?xi64>, %qb: tensor<7x3x4x6xf32>, %kb: tensor<7x5x4x6xf32>, %vb: tensor<1x5x1x8xf32>,
    %mask: tensor<7x5xi1>) -> (tensor<?x64xf32>, tensor<?x4x8xf32>, tensor<7x3x4x8xf32>) {
  %0 = attn.attention %q, %q, %q kernel = "exp" normalize = "softmax" causal {scale = 0.125}
      : tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>
  %1 = attn.attention %qh, %kh, %vh kernel = "linear" normalize = "rows" segments(%off : tensor<?xi64>)
      : tensor<?x4x6xf32>, tensor<?x1x6xf32>, tensor<?x4x8xf32>
  %2 = attn.attention %qb, %kb, %vb kernel = "gaussian" normalize = "none" key_mask(%mask : tensor<7x5xi1>)
      : tensor<7x3x4x6xf32>, tensor<7x5x4x6xf32>, tensor<1x5x1x8xf32>
  return %0, %1, %2 : tensor<?x64xf32>, tensor<?x4x8xf32>, tensor<7x3x4x8xf32>
}

// -----

func.func @attention_c1(%q: tensor<6xf32>, %k: tensor<6xf32>, %v: tensor<6xf32>) {
  // expected-error @+1 {{`q` and `k` must have equal rank of at least 2 (C1)}}
  %0 = attn.attention %q, %k, %v kernel = "exp" normalize = "rows"
      : tensor<6xf32>, tensor<6xf32>, tensor<6xf32>
  return
}

// -----

func.func @attention_c1_ranks(%q: tensor<3x6xf32>, %k: tensor<3x1x6xf32>, %v: tensor<3x6xf32>) {
  // expected-error @+1 {{`q` and `k` must have equal rank of at least 2 (C1)}}
  %0 = attn.attention %q, %k, %v kernel = "exp" normalize = "rows"
      : tensor<3x6xf32>, tensor<3x1x6xf32>, tensor<3x6xf32>
  return
}

// -----

func.func @attention_c1_type(%q: tensor<3x6xf64>, %k: tensor<3x6xf64>, %v: tensor<3x6xf32>) {
  // expected-error @+1 {{`q` and `k` must be f32 tensors (C1)}}
  %0 = attn.attention %q, %k, %v kernel = "exp" normalize = "rows"
      : tensor<3x6xf64>, tensor<3x6xf64>, tensor<3x6xf32>
  return
}

// -----

func.func @attention_c2(%q: tensor<3x6xf32>, %k: tensor<3x5xf32>, %v: tensor<3x6xf32>) {
  // expected-error @+1 {{`k` has width 5, expected 6, the width of `q` (C2)}}
  %0 = attn.attention %q, %k, %v kernel = "exp" normalize = "rows"
      : tensor<3x6xf32>, tensor<3x5xf32>, tensor<3x6xf32>
  return
}

// -----

func.func @attention_c3(%q: tensor<3x2x6xf32>, %k: tensor<3x4x6xf32>, %v: tensor<3x2x6xf32>) {
  // expected-error @+1 {{`k` has size 4 in dim 1, expected 2 as `q` or 1 (C3)}}
  %0 = attn.attention %q, %k, %v kernel = "exp" normalize = "rows"
      : tensor<3x2x6xf32>, tensor<3x4x6xf32>, tensor<3x2x6xf32>
  return
}

// -----

func.func @attention_c4(%q: tensor<3x6xf32>, %k: tensor<5x6xf32>, %v: tensor<3x8xf32>) {
  // expected-error @+1 {{`v` is 'tensor<3x8xf32>', expected f32 with the rank and rows of `k` (C4)}}
  %0 = attn.attention %q, %k, %v kernel = "exp" normalize = "rows"
      : tensor<3x6xf32>, tensor<5x6xf32>, tensor<3x8xf32>
  return
}

// -----

func.func @attention_c4_rank(%q: tensor<3x6xf32>, %k: tensor<5x6xf32>, %v: tensor<5xf32>) {
  // expected-error @+1 {{`v` is 'tensor<5xf32>', expected f32 with the rank and rows of `k` (C4)}}
  %0 = attn.attention %q, %k, %v kernel = "exp" normalize = "rows"
      : tensor<3x6xf32>, tensor<5x6xf32>, tensor<5xf32>
  return
}

// -----

func.func @attention_c4_type(%q: tensor<3x6xf32>, %k: tensor<5x6xf32>, %v: tensor<5x8xi32>) {
  // expected-error @+1 {{`v` is 'tensor<5x8xi32>', expected f32 with the rank and rows of `k` (C4)}}
  %0 = attn.attention %q, %k, %v kernel = "exp" normalize = "rows"
      : tensor<3x6xf32>, tensor<5x6xf32>, tensor<5x8xi32>
  return
}

// -----

func.func @attention_c5(%q: tensor<3x2x6xf32>, %k: tensor<5x2x6xf32>, %v: tensor<5x4x8xf32>) {
  // expected-error @+1 {{`v` has size 4 in dim 1, expected 2 as `q` and `k` or 1 (C5)}}
  %0 = attn.attention %q, %k, %v kernel = "exp" normalize = "rows"
      : tensor<3x2x6xf32>, tensor<5x2x6xf32>, tensor<5x4x8xf32>
  return
}

// -----

func.func @attention_c6(%q: tensor<3x6xf32>, %k: tensor<5x6xf32>, %v: tensor<5x8xf32>) {
  // expected-error @+1 {{'attn.attention' op unknown kernel "cosine", expected linear, sigmoid, exp, gaussian or relu (C6)}}
  %0 = attn.attention %q, %k, %v kernel = "cosine" normalize = "rows"
      : tensor<3x6xf32>, tensor<5x6xf32>, tensor<5x8xf32>
  return
}

// -----

func.func @attention_c6_normalize(%q: tensor<3x6xf32>, %k: tensor<5x6xf32>, %v: tensor<5x8xf32>) {
  // expected-error @+1 {{'attn.attention' op unknown normalisation "columns", expected none, rows or softmax (C6)}}
  %0 = attn.attention %q, %k, %v kernel = "exp" normalize = "columns"
      : tensor<3x6xf32>, tensor<5x6xf32>, tensor<5x8xf32>
  return
}

// -----

func.func @attention_c7(%q: tensor<3x6xf32>, %k: tensor<5x6xf32>, %v: tensor<5x8xf32>) {
  // expected-error @+1 {{'attn.attention' op softmax normalisation goes with the kernel "exp", got "relu" (C7)}}
  %0 = attn.attention %q, %k, %v kernel = "relu" normalize = "softmax"
      : tensor<3x6xf32>, tensor<5x6xf32>, tensor<5x8xf32>
  return
}

// -----

func.func @attention_c8(%q: tensor<3x6xf32>, %k: tensor<5x6xf32>, %v: tensor<5x8xf32>) {
  // expected-error @+1 {{'attn.attention' op `causal` is on 3 rows and 5 columns, expected a square matrix (C8)}}
  %0 = attn.attention %q, %k, %v kernel = "exp" normalize = "rows" causal
      : tensor<3x6xf32>, tensor<5x6xf32>, tensor<5x8xf32>
  return
}

// -----

func.func @attention_c8_segments(%q: tensor<5x6xf32>, %k: tensor<5x6xf32>, %v: tensor<5x8xf32>, %m: tensor<?xi32>) {
  // expected-error @+1 {{'attn.attention' op `segments` is 'tensor<?xi32>', expected i64 of rank 1, one more than segments (C8)}}
  %0 = attn.attention %q, %k, %v kernel = "exp" normalize = "rows" segments(%m : tensor<?xi32>)
      : tensor<5x6xf32>, tensor<5x6xf32>, tensor<5x8xf32>
  return
}

// -----

func.func @attention_c8_key_mask(%q: tensor<3x6xf32>, %k: tensor<5x6xf32>, %v: tensor<5x8xf32>, %m: tensor<3xi8>) {
  // expected-error @+1 {{'attn.attention' op `key_mask` has size 3 in dim 0, expected 5 (C8)}}
  %0 = attn.attention %q, %k, %v kernel = "exp" normalize = "rows" key_mask(%m : tensor<3xi8>)
      : tensor<3x6xf32>, tensor<5x6xf32>, tensor<5x8xf32>
  return
}
