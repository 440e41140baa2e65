// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @batch_norm
// CHECK: nn.batch_norm %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>
// CHECK: nn.batch_norm %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} {epsilon = 1.000000e-03 : f64} : tensor<2x7x7x?xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>
// CHECK: nn.batch_norm %{{.*}} : tensor<64xf32>, tensor<64xf32>
func.func @batch_norm(%x: tensor<?x64xf32>, %y: tensor<2x7x7x?xf32>, %w: tensor<64xf32>)
    -> (tensor<?x64xf32>, tensor<2x7x7x?xf32>, tensor<64xf32>) {
  %0 = nn.batch_norm %x, %w, %w, %w, %w
      : tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>
  %1 = nn.batch_norm %y, %w, %w, %w, %w {epsilon = 1.0e-3}
      : tensor<2x7x7x?xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>
  %2 = nn.batch_norm %w, %w, %w, %w, %w
      : tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>
  return %0, %1, %2 : tensor<?x64xf32>, tensor<2x7x7x?xf32>, tensor<64xf32>
}

// -----

func.func @batch_norm_c1(%x: tensor<f32>, %w: tensor<64xf32>) {
  // expected-error @+1 {{'nn.batch_norm' op `x` has rank 0, expected at least 1 (C1)}}
  %0 = nn.batch_norm %x, %w, %w, %w, %w
      : tensor<f32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>
  return
}

// -----

// expected-note @+1 {{`x` comes from here}}
func.func @batch_norm_c2(%x: tensor<?x64xf32>, %w: tensor<64xf32>, %m: tensor<32xf32>) {
  // expected-error @+1 {{'nn.batch_norm' op `mean` has length 32, expected 64, the last dimension of `x` (C2)}}
  %0 = nn.batch_norm %x, %m, %w, %w, %w
      : tensor<?x64xf32>, tensor<32xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>
  return
}

// -----

func.func @batch_norm_c2_variance(%x: tensor<?x64xf32>, %w: tensor<64xf32>, %v: tensor<1x64xf32>) {
  // expected-error @+1 {{`variance` has shape [1, 64], expected rank 1 (C2)}}
  %0 = nn.batch_norm %x, %w, %v, %w, %w
      : tensor<?x64xf32>, tensor<64xf32>, tensor<1x64xf32>, tensor<64xf32>, tensor<64xf32>
  return
}

// -----

// expected-note @+1 {{`x` comes from here}}
func.func @batch_norm_c2_weight(%x: tensor<?x64xf32>, %w: tensor<64xf32>, %v: tensor<1xf32>) {
  // expected-error @+1 {{`weight` has length 1, expected 64, the last dimension of `x` (C2)}}
  %0 = nn.batch_norm %x, %w, %w, %v, %w
      : tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<1xf32>, tensor<64xf32>
  return
}

// -----

func.func @batch_norm_c2_bias(%x: tensor<?x64xf32>, %w: tensor<64xf32>, %v: tensor<f32>) {
  // expected-error @+1 {{`bias` has shape [], expected rank 1 (C2)}}
  %0 = nn.batch_norm %x, %w, %w, %w, %v
      : tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<f32>
  return
}

// -----

func.func @batch_norm_c3(%x: tensor<?x64xf32>, %w: tensor<64xf32>) {
  // expected-error @+1 {{`epsilon` is 0.000000e+00, must be above 0 (C3)}}
  %0 = nn.batch_norm %x, %w, %w, %w, %w {epsilon = 0.0}
      : tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>
  return
}

// -----

func.func @batch_norm_c3_nan(%x: tensor<?x64xf32>, %w: tensor<64xf32>) {
  // expected-error @+1 {{`epsilon` is nan, must be above 0 (C3)}}
  %0 = nn.batch_norm %x, %w, %w, %w, %w {epsilon = 0x7FF8000000000000 : f64}
      : tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>
  return
}

// -----

func.func @batch_norm_c4(%x: tensor<?x64xf64>, %w: tensor<64xf32>) {
  // expected-error @+1 {{`x` has element type 'f64', expected f32 (C4)}}
  %0 = nn.batch_norm %x, %w, %w, %w, %w
      : tensor<?x64xf64>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>
  return
}

// -----

func.func @batch_norm_c4_variance(%x: tensor<?x64xf32>, %w: tensor<64xf32>, %v: tensor<64xf16>) {
  // expected-error @+1 {{`variance` has element type 'f16', expected f32 (C4)}}
  %0 = nn.batch_norm %x, %w, %v, %w, %w
      : tensor<?x64xf32>, tensor<64xf32>, tensor<64xf16>, tensor<64xf32>, tensor<64xf32>
  return
}
