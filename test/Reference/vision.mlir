// RUN: attune-compile %s --target=reference --print | FileCheck %s

// Places of the kernel that lie inside: 1 a + 2 b + 3 c + 4 d of each 2 x 2 square.
func.func @conv2d() -> tensor<1x2x2x1xf32> {
  %x = arith.constant dense<[[[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]], [[7.0], [8.0], [9.0]]]]> : tensor<1x3x3x1xf32>
  %w = arith.constant dense<[[[[1.0, 2.0], [3.0, 4.0]]]]> : tensor<1x1x2x2xf32>
  %y = nn.conv2d %x, %w : tensor<1x3x3x1xf32>, tensor<1x1x2x2xf32>
  return %y : tensor<1x2x2x1xf32>
}
// CHECK: @conv2d -> [1, 2, 2, 1] 37 47 67 77

// Around the image are zeros: sums of the four corners, and the bias.
func.func @conv2d_padding() -> tensor<1x2x2x1xf32> {
  %x = arith.constant dense<[[[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]], [[7.0], [8.0], [9.0]]]]> : tensor<1x3x3x1xf32>
  %w = arith.constant dense<1.0> : tensor<1x1x3x3xf32>
  %b = arith.constant dense<[100.0]> : tensor<1xf32>
  %y = nn.conv2d %x, %w bias(%b) strides [2, 2] padding [1, 1]
      : tensor<1x3x3x1xf32>, tensor<1x1x3x3xf32>, tensor<1xf32>
  return %y : tensor<1x2x2x1xf32>
}
// CHECK: @conv2d_padding -> [1, 2, 2, 1] 112 116 124 128

// A kernel of one pixel is a linear layer on each: (1, 2) and (3, 4) by (1, 1) and (0, 2).
func.func @conv2d_pixel() -> tensor<2x1x1x2xf32> {
  %x = arith.constant dense<[[[[1.0, 2.0]]], [[[3.0, 4.0]]]]> : tensor<2x1x1x2xf32>
  %w = arith.constant dense<[[[[1.0]], [[1.0]]], [[[0.0]], [[2.0]]]]> : tensor<2x2x1x1xf32>
  %y = nn.conv2d %x, %w : tensor<2x1x1x2xf32>, tensor<2x2x1x1xf32>
  return %y : tensor<2x1x1x2xf32>
}
// CHECK: @conv2d_pixel -> [2, 1, 1, 2] 3 4 7 8

// Rows by 2 and columns by 3: pixels (0, 0), (0, 3), (2, 0), (2, 3) and 10 times the one to their right.
func.func @conv2d_strides() -> tensor<1x2x2x1xf32> {
  %x = arith.constant dense<[[[[0.0], [1.0], [2.0], [3.0], [4.0]], [[5.0], [6.0], [7.0], [8.0], [9.0]],
                              [[10.0], [11.0], [12.0], [13.0], [14.0]],
                              [[15.0], [16.0], [17.0], [18.0], [19.0]]]]> : tensor<1x4x5x1xf32>
  %w = arith.constant dense<[[[[1.0, 10.0]]]]> : tensor<1x1x1x2xf32>
  %y = nn.conv2d %x, %w strides [2, 3] : tensor<1x4x5x1xf32>, tensor<1x1x1x2xf32>
  return %y : tensor<1x2x2x1xf32>
}
// CHECK: @conv2d_strides -> [1, 2, 2, 1] 10 43 120 153

// Two groups with two channels in and two out each.
func.func @conv2d_groups() -> tensor<1x1x1x4xf32> {
  %x = arith.constant dense<[[[[1.0, 2.0, 3.0, 4.0]]]]> : tensor<1x1x1x4xf32>
  %w = arith.constant dense<[[[[10.0]], [[1.0]]], [[[1.0]], [[10.0]]], [[[10.0]], [[1.0]]], [[[1.0]], [[10.0]]]]>
      : tensor<4x2x1x1xf32>
  %y = nn.conv2d %x, %w groups 2 : tensor<1x1x1x4xf32>, tensor<4x2x1x1xf32>
  return %y : tensor<1x1x1x4xf32>
}
// CHECK: @conv2d_groups -> [1, 1, 1, 4] 12 21 34 43

// Each channel by itself: 1, 2, 3 by (1, 10, 100) and 4, 5, 6 by (1, 1, 1), with a zero on each side.
func.func @conv2d_depthwise() -> tensor<1x1x3x2xf32> {
  %x = arith.constant dense<[[[[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]]]> : tensor<1x1x3x2xf32>
  %w = arith.constant dense<[[[[1.0, 10.0, 100.0]]], [[[1.0, 1.0, 1.0]]]]> : tensor<2x1x1x3xf32>
  %y = nn.conv2d %x, %w padding [0, 1] groups 2 : tensor<1x1x3x2xf32>, tensor<2x1x1x3xf32>
  return %y : tensor<1x1x3x2xf32>
}
// CHECK: @conv2d_depthwise -> [1, 1, 3, 2] 210 9 321 15 32 11

// One channel in and two out for each group.
func.func @conv2d_multiplier() -> tensor<1x1x1x4xf32> {
  %x = arith.constant dense<[[[[2.0, 3.0]]]]> : tensor<1x1x1x2xf32>
  %w = arith.constant dense<[[[[1.0]]], [[[10.0]]], [[[1.0]]], [[[10.0]]]]> : tensor<4x1x1x1xf32>
  %y = nn.conv2d %x, %w groups 2 : tensor<1x1x1x2xf32>, tensor<4x1x1x1xf32>
  return %y : tensor<1x1x1x4xf32>
}
// CHECK: @conv2d_multiplier -> [1, 1, 1, 4] 2 20 3 30

// The kernel covers more padding than image, and the stride passes the end.
func.func @conv2d_around() -> tensor<1x1x2x1xf32> {
  %x = arith.constant dense<7.0> : tensor<1x1x1x1xf32>
  %w = arith.constant dense<[[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]]> : tensor<1x1x3x3xf32>
  %y = nn.conv2d %x, %w strides [5, 2] padding [1, 2] : tensor<1x1x1x1xf32>, tensor<1x1x3x3xf32>
  return %y : tensor<1x1x2x1xf32>
}
// CHECK: @conv2d_around -> [1, 1, 2, 1] 42 28

// No image.
func.func @conv2d_empty() -> tensor<0x2x2x1xf32> {
  %x = arith.constant dense<0.0> : tensor<0x3x3x1xf32>
  %w = arith.constant dense<1.0> : tensor<1x1x2x2xf32>
  %y = nn.conv2d %x, %w : tensor<0x3x3x1xf32>, tensor<1x1x2x2xf32>
  return %y : tensor<0x2x2x1xf32>
}
// CHECK: @conv2d_empty -> [0, 2, 2, 1]{{ *$}}

// With epsilon 1 the roots are 2 and 1: (x - 1) / 2 * 2 + 100 and (x - 2) / 1 * 10 + 200.
func.func @batch_norm() -> tensor<2x2xf32> {
  %x = arith.constant dense<[[1.0, 2.0], [3.0, 6.0]]> : tensor<2x2xf32>
  %m = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %v = arith.constant dense<[3.0, 0.0]> : tensor<2xf32>
  %w = arith.constant dense<[2.0, 10.0]> : tensor<2xf32>
  %b = arith.constant dense<[100.0, 200.0]> : tensor<2xf32>
  %y = nn.batch_norm %x, %m, %v, %w, %b {epsilon = 1.0}
      : tensor<2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
  return %y : tensor<2x2xf32>
}
// CHECK: @batch_norm -> [2, 2] 100 200 102 240

// By default epsilon is 1e-5; a variance below -epsilon has no root.
func.func @batch_norm_vector() -> tensor<2xf32> {
  %x = arith.constant dense<[1.0, 1.0]> : tensor<2xf32>
  %z = arith.constant dense<0.0> : tensor<2xf32>
  %v = arith.constant dense<[0.0, -1.0]> : tensor<2xf32>
  %y = nn.batch_norm %x, %z, %v, %x, %z
      : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
  return %y : tensor<2xf32>
}
// CHECK: @batch_norm_vector -> [2] 316.228 nan

// Phi(1) = 0.841345; at minus infinity the product is infinity times 0.
func.func @gelu() -> tensor<7xf32> {
  %x = arith.constant dense<[0.0, 1.0, -1.0, -8.0, 0x7F800000, 0xFF800000, 0x7FC00000]> : tensor<7xf32>
  %y = nn.gelu %x : tensor<7xf32>
  return %y : tensor<7xf32>
}
// CHECK: @gelu -> [7] 0 0.841345 -0.158655 -4.97{{[0-9]*}}e-15 inf nan nan

func.func @gelu_tanh() -> tensor<6xf32> {
  %x = arith.constant dense<[0.0, 1.0, -1.0, 0x7F800000, 0xFF800000, 0x7FC00000]> : tensor<6xf32>
  %y = nn.gelu %x tanh : tensor<6xf32>
  return %y : tensor<6xf32>
}
// CHECK: @gelu_tanh -> [6] 0 0.841192 -0.158808 inf nan nan

// Twice the columns: places 0 (from -1/4), 1/4, 3/4 and 5/4, behind the last.
func.func @interpolate_up() -> tensor<1x4x1xf32> {
  %x = arith.constant dense<[[[0.0], [8.0]]]> : tensor<1x2x1xf32>
  %y = nn.interpolate %x to [1, 4] : tensor<1x2x1xf32>
  return %y : tensor<1x4x1xf32>
}
// CHECK: @interpolate_up -> [1, 4, 1] 0 2 6 8

// Half the columns: places 1/2 and 5/2, no wider mean.
func.func @interpolate_down() -> tensor<1x2x1xf32> {
  %x = arith.constant dense<[[[0.0], [1.0], [4.0], [9.0]]]> : tensor<1x4x1xf32>
  %y = nn.interpolate %x to [1, 2] : tensor<1x4x1xf32>
  return %y : tensor<1x2x1xf32>
}
// CHECK: @interpolate_down -> [1, 2, 1] 0.5 6.5

// Five rows to three: places 1/3, 2 and 11/3.
func.func @interpolate_odd() -> tensor<3x1x1xf32> {
  %x = arith.constant dense<[[[0.0]], [[3.0]], [[6.0]], [[9.0]], [[12.0]]]> : tensor<5x1x1xf32>
  %y = nn.interpolate %x to [3, 1] : tensor<5x1x1xf32>
  return %y : tensor<3x1x1xf32>
}
// CHECK: @interpolate_odd -> [3, 1, 1] 1 6 11

// Both ways at once, two images of two channels.
func.func @interpolate_both() -> tensor<2x3x3x2xf32> {
  %x = arith.constant dense<[[[[0.0, 1.0], [6.0, 1.0]], [[12.0, 1.0], [18.0, 1.0]]],
                             [[[0.0, 2.0], [0.0, 2.0]], [[2.0, 2.0], [2.0, 2.0]]]]> : tensor<2x2x2x2xf32>
  %y = nn.interpolate %x to [3, 3] : tensor<2x2x2x2xf32>
  return %y : tensor<2x3x3x2xf32>
}
// CHECK: @interpolate_both -> [2, 3, 3, 2] 0 1 3 1 6 1 6 1 9 1 12 1 12 1 15 1 18 1 0 2 0 2 0 2 1 2 1 2 1 2 2 2 2 2 2 2

func.func @interpolate_equal() -> tensor<2x2x1xf32> {
  %x = arith.constant dense<[[[1.0], [2.0]], [[3.0], [4.0]]]> : tensor<2x2x1xf32>
  %y = nn.interpolate %x to [2, 2] : tensor<2x2x1xf32>
  return %y : tensor<2x2x1xf32>
}
// CHECK: @interpolate_equal -> [2, 2, 1] 1 2 3 4

// One pixel fills the image; an image becomes what stands in its middle.
func.func @interpolate_pixel() -> (tensor<2x3x1xf32>, tensor<1x1x1xf32>, tensor<1x1x1xf32>) {
  %p = arith.constant dense<[[[5.0]]]> : tensor<1x1x1xf32>
  %x = arith.constant dense<[[[1.0], [2.0]], [[3.0], [4.0]]]> : tensor<2x2x1xf32>
  %z = arith.constant dense<[[[1.0]], [[7.0]], [[100.0]]]> : tensor<3x1x1xf32>
  %y = nn.interpolate %p to [2, 3] : tensor<1x1x1xf32>
  %m = nn.interpolate %x to [1, 1] : tensor<2x2x1xf32>
  %n = nn.interpolate %z to [1, 1] : tensor<3x1x1xf32>
  return %y, %m, %n : tensor<2x3x1xf32>, tensor<1x1x1xf32>, tensor<1x1x1xf32>
}
// CHECK: @interpolate_pixel -> [2, 3, 1] 5 5 5 5 5 5
// CHECK-NEXT: @interpolate_pixel -> [1, 1, 1] 2.5
// CHECK-NEXT: @interpolate_pixel -> [1, 1, 1] 7
