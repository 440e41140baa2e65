// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @layer_norm
// CHECK: nn.layer_norm %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>
// CHECK: nn.layer_norm %{{.*}}, %{{.*}}, %{{.*}} {epsilon = 9.9999999999999995E-7 : f64} : tensor<?x64xf32>
func.func @layer_norm(%x: tensor<?x64xf32>, %w: tensor<64xf32>, %b: tensor<64xf32>)
    -> (tensor<?x64xf32>, tensor<?x64xf32>) {
  %0 = nn.layer_norm %x, %w, %b : tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>
  %1 = nn.layer_norm %x, %w, %b {epsilon = 1.0e-6} : tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>
  return %0, %1 : tensor<?x64xf32>, tensor<?x64xf32>
}

// -----

func.func @layer_norm_c1(%x: tensor<f32>, %w: tensor<64xf32>) {
  // expected-error @+1 {{`x` has rank 0, expected at least 1 (C1)}}
  %0 = nn.layer_norm %x, %w, %w : tensor<f32>, tensor<64xf32>, tensor<64xf32>
  return
}

// -----

// expected-note @+1 {{`x` comes from here}}
func.func @layer_norm_c2(%x: tensor<?x64xf32>, %w: tensor<64xf32>, %b: tensor<32xf32>) {
  // expected-error @+1 {{`bias` has length 32, expected 64, the last dimension of `x` (C2)}}
  %0 = nn.layer_norm %x, %w, %b : tensor<?x64xf32>, tensor<64xf32>, tensor<32xf32>
  return
}

// -----

func.func @layer_norm_c2_rank(%x: tensor<?x64xf32>, %w: tensor<64x1xf32>, %b: tensor<64xf32>) {
  // expected-error @+1 {{`weight` has shape [64, 1], expected rank 1 (C2)}}
  %0 = nn.layer_norm %x, %w, %b : tensor<?x64xf32>, tensor<64x1xf32>, tensor<64xf32>
  return
}

// -----

func.func @layer_norm_c3(%x: tensor<?x64xf32>, %w: tensor<64xf32>) {
  // expected-error @+1 {{`epsilon` is 0.000000e+00, must be above 0 (C3)}}
  %0 = nn.layer_norm %x, %w, %w {epsilon = 0.0} : tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>
  return
}

// -----

func.func @layer_norm_c4(%x: tensor<?x64xf16>, %w: tensor<64xf32>) {
  // expected-error @+1 {{`x` has element type 'f16', expected f32 (C4)}}
  %0 = nn.layer_norm %x, %w, %w : tensor<?x64xf16>, tensor<64xf32>, tensor<64xf32>
  return
}
