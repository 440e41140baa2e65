// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @linear
// CHECK: nn.linear %{{.*}}, %{{.*}} : tensor<?x6xf32>, tensor<5x6xf32>
// CHECK: nn.linear %{{.*}}, %{{.*}} bias(%{{.*}}) : tensor<?x4x6xf32>, tensor<5x6xf32>, tensor<5xf32>
// CHECK: return %{{.*}}, %{{.*}} : tensor<?x5xf32>, tensor<?x4x5xf32>
func.func @linear(%x: tensor<?x6xf32>, %y: tensor<?x4x6xf32>, %w: tensor<5x6xf32>, %b: tensor<5xf32>)
    -> (tensor<?x5xf32>, tensor<?x4x5xf32>) {
  %0 = nn.linear %x, %w : tensor<?x6xf32>, tensor<5x6xf32>
  %1 = nn.linear %y, %w bias(%b) : tensor<?x4x6xf32>, tensor<5x6xf32>, tensor<5xf32>
  return %0, %1 : tensor<?x5xf32>, tensor<?x4x5xf32>
}

// -----

// Sizes that are not known here are trusted.
// CHECK-LABEL: func.func @dynamic
// CHECK: nn.linear
func.func @dynamic(%x: tensor<?xf32>, %w: tensor<?x6xf32>, %b: tensor<5xf32>) -> tensor<?xf32> {
  %0 = nn.linear %x, %w bias(%b) : tensor<?xf32>, tensor<?x6xf32>, tensor<5xf32>
  return %0 : tensor<?xf32>
}

// -----

func.func @linear_c1(%x: tensor<f32>, %w: tensor<5x6xf32>) {
  // expected-error @+1 {{'nn.linear' op `x` has rank 0, expected at least 1 (C1)}}
  %0 = nn.linear %x, %w : tensor<f32>, tensor<5x6xf32>
  return
}

// -----

func.func @linear_c2(%x: tensor<?x6xf32>, %w: tensor<6xf32>) {
  // expected-error @+1 {{'nn.linear' op `weight` has rank 1, expected rank 2 (C2)}}
  %0 = nn.linear %x, %w : tensor<?x6xf32>, tensor<6xf32>
  return
}

// -----

// expected-note @+1 {{`x` comes from here}}
func.func @linear_c2_columns(%x: tensor<?x6xf32>, %w: tensor<6x5xf32>) {
  // expected-error @+1 {{`weight` has 5 columns, expected 6, the last dimension of `x` (C2)}}
  %0 = nn.linear %x, %w : tensor<?x6xf32>, tensor<6x5xf32>
  return
}

// -----

func.func @linear_c3(%x: tensor<?x6xf32>, %w: tensor<5x6xf32>, %b: tensor<1x5xf32>) {
  // expected-error @+1 {{`bias` has shape [1, 5], expected rank 1 (C3)}}
  %0 = nn.linear %x, %w bias(%b) : tensor<?x6xf32>, tensor<5x6xf32>, tensor<1x5xf32>
  return
}

// -----

// expected-note @+1 {{`weight` comes from here}}
func.func @linear_c3_length(%x: tensor<?x6xf32>, %w: tensor<5x6xf32>, %b: tensor<6xf32>) {
  // expected-error @+1 {{`bias` has length 6, expected 5, the rows of `weight` (C3)}}
  %0 = nn.linear %x, %w bias(%b) : tensor<?x6xf32>, tensor<5x6xf32>, tensor<6xf32>
  return
}

// -----

func.func @linear_c4(%x: tensor<?x6xf32>, %w: tensor<5x6xf64>) {
  // expected-error @+1 {{`weight` has element type 'f64', expected f32 (C4)}}
  %0 = nn.linear %x, %w : tensor<?x6xf32>, tensor<5x6xf64>
  return
}

// -----

// The generic form names its result type; the rules are the same.
func.func @linear_c2_generic(%x: tensor<?x6xf32>, %w: tensor<6xf32>) {
  // expected-error @+1 {{'nn.linear' op `weight` has rank 1, expected rank 2 (C2)}}
  %0 = "nn.linear"(%x, %w) : (tensor<?x6xf32>, tensor<6xf32>) -> tensor<?x5xf32>
  return
}
