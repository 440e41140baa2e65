// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @conv2d
// CHECK: nn.conv2d %{{.*}}, %{{.*}} : tensor<?x224x224x3xf32>, tensor<32x3x3x3xf32>
// CHECK: nn.conv2d %{{.*}}, %{{.*}} bias(%{{.*}}) strides [2, 2] padding [1, 1] : tensor<?x224x224x3xf32>, tensor<32x3x3x3xf32>, tensor<32xf32>
// CHECK: return %{{.*}}, %{{.*}} : tensor<?x222x222x32xf32>, tensor<?x112x112x32xf32>
func.func @conv2d(%x: tensor<?x224x224x3xf32>, %w: tensor<32x3x3x3xf32>, %b: tensor<32xf32>)
    -> (tensor<?x222x222x32xf32>, tensor<?x112x112x32xf32>) {
  %0 = nn.conv2d %x, %w : tensor<?x224x224x3xf32>, tensor<32x3x3x3xf32>
  %1 = nn.conv2d %x, %w bias(%b) strides [2, 2] padding [1, 1]
      : tensor<?x224x224x3xf32>, tensor<32x3x3x3xf32>, tensor<32xf32>
  return %0, %1 : tensor<?x222x222x32xf32>, tensor<?x112x112x32xf32>
}

// -----

// Sides differ; (9 + 2 - 3) / 3 + 1 = 3 rows and (6 + 4 - 5) / 2 + 1 = 3 columns. What is not known is trusted.
// CHECK-LABEL: func.func @sides
// CHECK: nn.conv2d %{{.*}}, %{{.*}} strides [3, 2] padding [1, 2] groups 2 : tensor<2x9x6x4xf32>, tensor<6x2x3x5xf32>
// CHECK: nn.conv2d %{{.*}}, %{{.*}} bias(%{{.*}}) groups 6 : tensor<2x9x6x?xf32>, tensor<6x1x9x6xf32>, tensor<?xf32>
// CHECK: return %{{.*}}, %{{.*}} : tensor<2x3x3x6xf32>, tensor<2x1x1x6xf32>
func.func @sides(%x: tensor<2x9x6x4xf32>, %w: tensor<6x2x3x5xf32>, %y: tensor<2x9x6x?xf32>, %v: tensor<6x1x9x6xf32>,
    %b: tensor<?xf32>) -> (tensor<2x3x3x6xf32>, tensor<2x1x1x6xf32>) {
  %0 = nn.conv2d %x, %w strides [3, 2] padding [1, 2] groups 2 : tensor<2x9x6x4xf32>, tensor<6x2x3x5xf32>
  %1 = nn.conv2d %y, %v bias(%b) groups 6 : tensor<2x9x6x?xf32>, tensor<6x1x9x6xf32>, tensor<?xf32>
  return %0, %1 : tensor<2x3x3x6xf32>, tensor<2x1x1x6xf32>
}

// -----

func.func @conv2d_c1(%x: tensor<8x8x3xf32>, %w: tensor<5x3x3x3xf32>) {
  // expected-error @+1 {{'nn.conv2d' op `x` has rank 3, expected rank 4 (C1)}}
  %0 = nn.conv2d %x, %w : tensor<8x8x3xf32>, tensor<5x3x3x3xf32>
  return
}

// -----

func.func @conv2d_c1_dynamic(%x: tensor<2x8x?x3xf32>, %w: tensor<5x3x3x3xf32>) {
  // expected-error @+1 {{'nn.conv2d' op `x` has shape [2, 8, ?, 3], expected a static height and width (C1)}}
  %0 = nn.conv2d %x, %w : tensor<2x8x?x3xf32>, tensor<5x3x3x3xf32>
  return
}

// -----

func.func @conv2d_c2(%x: tensor<2x8x8x3xf32>, %w: tensor<5x3x3xf32>) {
  // expected-error @+1 {{'nn.conv2d' op `weight` has rank 3, expected rank 4 (C2)}}
  %0 = nn.conv2d %x, %w : tensor<2x8x8x3xf32>, tensor<5x3x3xf32>
  return
}

// -----

func.func @conv2d_c2_dynamic(%x: tensor<2x8x8x3xf32>, %w: tensor<?x3x3x3xf32>) {
  // expected-error @+1 {{`weight` has shape [?, 3, 3, 3], expected static sizes of at least 1 (C2)}}
  %0 = nn.conv2d %x, %w : tensor<2x8x8x3xf32>, tensor<?x3x3x3xf32>
  return
}

// -----

func.func @conv2d_c2_empty(%x: tensor<2x8x8x3xf32>, %w: tensor<5x3x0x3xf32>) {
  // expected-error @+1 {{`weight` has shape [5, 3, 0, 3], expected static sizes of at least 1 (C2)}}
  %0 = nn.conv2d %x, %w : tensor<2x8x8x3xf32>, tensor<5x3x0x3xf32>
  return
}

// -----

func.func @conv2d_c3(%x: tensor<2x8x8x3xf32>, %w: tensor<5x3x3x3xf32>) {
  // expected-error @+1 {{`strides` is [2, 0], expected two numbers from 1 to 1048576 (C3)}}
  %0 = nn.conv2d %x, %w strides [2, 0] : tensor<2x8x8x3xf32>, tensor<5x3x3x3xf32>
  return
}

// -----

func.func @conv2d_c3_count(%x: tensor<2x8x8x3xf32>, %w: tensor<5x3x3x3xf32>) {
  // expected-error @+1 {{`strides` is [2], expected two numbers from 1 to 1048576 (C3)}}
  %0 = nn.conv2d %x, %w strides [2] : tensor<2x8x8x3xf32>, tensor<5x3x3x3xf32>
  return
}

// -----

func.func @conv2d_c3_padding(%x: tensor<2x8x8x3xf32>, %w: tensor<5x3x3x3xf32>) {
  // expected-error @+1 {{`padding` is [1, -1], expected two numbers from 0 to 1048576 (C3)}}
  %0 = nn.conv2d %x, %w padding [1, -1] : tensor<2x8x8x3xf32>, tensor<5x3x3x3xf32>
  return
}

// -----

func.func @conv2d_c3_padding_count(%x: tensor<2x8x8x3xf32>, %w: tensor<5x3x3x3xf32>) {
  // expected-error @+1 {{`padding` is [1, 1, 1, 1], expected two numbers from 0 to 1048576 (C3)}}
  %0 = nn.conv2d %x, %w padding [1, 1, 1, 1] : tensor<2x8x8x3xf32>, tensor<5x3x3x3xf32>
  return
}

// -----

func.func @conv2d_c4(%x: tensor<2x8x8x4xf32>, %w: tensor<5x2x3x3xf32>) {
  // expected-error @+1 {{'nn.conv2d' op `groups` is 2, expected a divisor of 5, the channels of the result (C4)}}
  %0 = nn.conv2d %x, %w groups 2 : tensor<2x8x8x4xf32>, tensor<5x2x3x3xf32>
  return
}

// -----

func.func @conv2d_c4_zero(%x: tensor<2x8x8x4xf32>, %w: tensor<4x4x3x3xf32>) {
  // expected-error @+1 {{`groups` is 0, expected a divisor of 4, the channels of the result (C4)}}
  %0 = nn.conv2d %x, %w groups 0 : tensor<2x8x8x4xf32>, tensor<4x4x3x3xf32>
  return
}

// -----

func.func @conv2d_c4_negative(%x: tensor<2x8x8x4xf32>, %w: tensor<4x4x3x3xf32>) {
  // expected-error @+1 {{`groups` is -2, expected a divisor of 4, the channels of the result (C4)}}
  %0 = nn.conv2d %x, %w groups -2 : tensor<2x8x8x4xf32>, tensor<4x4x3x3xf32>
  return
}

// -----

// expected-note @+1 {{`weight` comes from here}}
func.func @conv2d_c4_channels(%x: tensor<2x8x8x4xf32>, %w: tensor<6x4x3x3xf32>) {
  // expected-error @+1 {{`x` has 4 channels, expected 8, those of `weight` in 2 groups (C4)}}
  %0 = nn.conv2d %x, %w groups 2 : tensor<2x8x8x4xf32>, tensor<6x4x3x3xf32>
  return
}

// -----

// expected-note @+1 {{`x` comes from here}}
func.func @conv2d_c5(%x: tensor<2x8x8x3xf32>, %w: tensor<5x3x11x3xf32>) {
  // expected-error @+1 {{'nn.conv2d' op `weight` has a kernel of 11, expected at most 10, the padded image's height (C5)}}
  %0 = nn.conv2d %x, %w padding [1, 1] : tensor<2x8x8x3xf32>, tensor<5x3x11x3xf32>
  return
}

// -----

// expected-note @+1 {{`x` comes from here}}
func.func @conv2d_c5_width(%x: tensor<2x8x0x3xf32>, %w: tensor<5x3x1x1xf32>) {
  // expected-error @+1 {{`weight` has a kernel of 1, expected at most 0, the padded image's width (C5)}}
  %0 = nn.conv2d %x, %w : tensor<2x8x0x3xf32>, tensor<5x3x1x1xf32>
  return
}

// -----

// expected-note @+1 {{`weight` comes from here}}
func.func @conv2d_c6(%x: tensor<2x8x8x3xf32>, %w: tensor<5x3x3x3xf32>, %b: tensor<3xf32>) {
  // expected-error @+1 {{`bias` has length 3, expected 5, the channels of the result (C6)}}
  %0 = nn.conv2d %x, %w bias(%b) : tensor<2x8x8x3xf32>, tensor<5x3x3x3xf32>, tensor<3xf32>
  return
}

// -----

func.func @conv2d_c6_rank(%x: tensor<2x8x8x3xf32>, %w: tensor<5x3x3x3xf32>, %b: tensor<1x5xf32>) {
  // expected-error @+1 {{`bias` has shape [1, 5], expected rank 1 (C6)}}
  %0 = nn.conv2d %x, %w bias(%b) : tensor<2x8x8x3xf32>, tensor<5x3x3x3xf32>, tensor<1x5xf32>
  return
}

// -----

func.func @conv2d_c7(%x: tensor<2x8x8x3xf16>, %w: tensor<5x3x3x3xf32>) {
  // expected-error @+1 {{`x` has element type 'f16', expected f32 (C7)}}
  %0 = nn.conv2d %x, %w : tensor<2x8x8x3xf16>, tensor<5x3x3x3xf32>
  return
}

// -----

func.func @conv2d_c7_weight(%x: tensor<2x8x8x3xf32>, %w: tensor<5x3x3x3xf64>) {
  // expected-error @+1 {{`weight` has element type 'f64', expected f32 (C7)}}
  %0 = nn.conv2d %x, %w : tensor<2x8x8x3xf32>, tensor<5x3x3x3xf64>
  return
}

// -----

func.func @conv2d_c7_bias(%x: tensor<2x8x8x3xf32>, %w: tensor<5x3x3x3xf32>, %b: tensor<5xi32>) {
  // expected-error @+1 {{`bias` has element type 'i32', expected f32 (C7)}}
  %0 = nn.conv2d %x, %w bias(%b) : tensor<2x8x8x3xf32>, tensor<5x3x3x3xf32>, tensor<5xi32>
  return
}

// -----

// The generic form names its result type; the rules are the same.
// expected-note @+1 {{`x` comes from here}}
func.func @conv2d_c5_generic(%x: tensor<2x8x8x3xf32>, %w: tensor<5x3x11x3xf32>) {
  // expected-error @+1 {{'nn.conv2d' op `weight` has a kernel of 11, expected at most 8, the padded image's height (C5)}}
  %0 = "nn.conv2d"(%x, %w) : (tensor<2x8x8x3xf32>, tensor<5x3x11x3xf32>) -> tensor<2x1x6x5xf32>
  return
}

// -----

func.func @conv2d_unranked(%x: tensor<*xf32>, %w: tensor<5x3x3x3xf32>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of any type values, but got 'tensor<*xf32>'}}
  %0 = "nn.conv2d"(%x, %w) : (tensor<*xf32>, tensor<5x3x3x3xf32>) -> tensor<2x6x6x5xf32>
  return
}

// -----

func.func @conv2d_c3_large(%x: tensor<2x8x8x3xf32>, %w: tensor<5x3x3x3xf32>) {
  // expected-error @+1 {{`padding` is [9223372036854775807, 0], expected two numbers from 0 to 1048576 (C3)}}
  %0 = nn.conv2d %x, %w padding [9223372036854775807, 0] : tensor<2x8x8x3xf32>, tensor<5x3x3x3xf32>
  return
}

// -----

func.func @conv2d_c4_dynamic(%x: tensor<2x8x8x?xf32>, %w: tensor<4x3x3x3xf32>) {
  // expected-error @+1 {{`x` has a dynamic number of channels, expected a static one with 2 groups (C4)}}
  %0 = nn.conv2d %x, %w groups 2 : tensor<2x8x8x?xf32>, tensor<4x3x3x3xf32>
  return
}
