// RUN: attune-opt %s -attune-lower-nn | FileCheck %s --implicit-check-not=nn.
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-lower-nn)' --seed=7 --rtol=1e-7 | FileCheck %s --check-prefix=MEANING

// A convolution is one contraction whose input moves by the sum of two loops: batch, row, column and channel out,
// then kernel row, kernel column and channel in.

// CHECK-DAG: #[[IN:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1 * 2 + d4, d2 * 3 + d5, d6)>
// CHECK-DAG: #[[WEIGHT:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d4, d5, d6, d3)>
// CHECK-DAG: #[[OUT:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2, d3)>
// CHECK-DAG: #[[GROUP_IN:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d0, d1 + d5, d2 + d6, d3, d7)>
// CHECK-DAG: #[[GROUP_WEIGHT:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d5, d6, d3, d7, d4)>
// CHECK-DAG: #[[CHANNEL_IN:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1 + d4, d2 + d5, d3)>
// CHECK-DAG: #[[CHANNEL_WEIGHT:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d4, d5, d3)>

// Zeros around the image, the weight with its output channels last, the bias as start of the sum.
// MEANING: ok @conv2d
// CHECK-LABEL: func.func @conv2d
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x7x6x3xf32>{{.*}}, %[[W:[a-z0-9]+]]: tensor<5x3x3x2xf32>, %[[B:[a-z0-9]+]]: tensor<5xf32>
// CHECK: %[[PADDED:.*]] = tensor.insert_slice %[[X]] into %{{.*}}[0, 1, 1, 0]
// CHECK: %[[T:.*]] = linalg.generic {{.*}} ins(%[[W]] : tensor<5x3x3x2xf32>) outs(%{{.*}} : tensor<3x2x3x5xf32>)
// CHECK: %[[START:.*]] = linalg.generic {{.*}} ins(%[[B]] : tensor<5xf32>)
// CHECK: linalg.generic {indexing_maps = [#[[IN]], #[[WEIGHT]], #[[OUT]]]{{.*}}} ins(%[[PADDED]], %[[T]] : {{.*}}) outs(%[[START]] :
func.func @conv2d(%x: tensor<?x7x6x3xf32> {attune.dims = ["B", "", "", ""]}, %w: tensor<5x3x3x2xf32>, %b: tensor<5xf32>)
    -> tensor<?x4x3x5xf32> {
  %0 = nn.conv2d %x, %w bias(%b) strides [2, 3] padding [1, 1]
      : tensor<?x7x6x3xf32>, tensor<5x3x3x2xf32>, tensor<5xf32>
  return %0 : tensor<?x4x3x5xf32>
}

// Groups are a dimension of their own; nothing is padded.
// MEANING: ok @groups
// CHECK-LABEL: func.func @groups
// CHECK-NOT: tensor.insert_slice
// CHECK: %[[X:.*]] = tensor.expand_shape %arg0 {{.*}} into tensor<?x5x5x2x3xf32>
// CHECK: linalg.generic {indexing_maps = [#[[GROUP_IN]], #[[GROUP_WEIGHT]], #{{.*}}]{{.*}}} ins(%[[X]], %{{.*}} : {{.*}}, tensor<3x3x2x3x2xf32>) outs(%{{.*}} : tensor<?x3x3x2x2xf32>)
// CHECK: tensor.collapse_shape %{{.*}} into tensor<?x3x3x4xf32>
func.func @groups(%x: tensor<?x5x5x6xf32> {attune.dims = ["B", "", "", ""]}, %w: tensor<4x3x3x3xf32>, %b: tensor<4xf32>)
    -> tensor<?x3x3x4xf32> {
  %0 = nn.conv2d %x, %w bias(%b) groups 2 : tensor<?x5x5x6xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>
  return %0 : tensor<?x3x3x4xf32>
}

// With a group for each channel the channel is the last parallel loop, and no sum runs over channels.
// MEANING: ok @depthwise
// CHECK-LABEL: func.func @depthwise
// CHECK-NOT: tensor.expand_shape
// CHECK: linalg.generic {indexing_maps = [#[[CHANNEL_IN]], #[[CHANNEL_WEIGHT]], #{{.*}}], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction"]}
func.func @depthwise(%x: tensor<?x5x5x6xf32> {attune.dims = ["B", "", "", ""]}, %w: tensor<6x1x3x3xf32>)
    -> tensor<?x5x5x6xf32> {
  %0 = nn.conv2d %x, %w padding [1, 1] groups 6 : tensor<?x5x5x6xf32>, tensor<6x1x3x3xf32>
  return %0 : tensor<?x5x5x6xf32>
}

// One channel in and three out for each group.
// MEANING: ok @multiplier
// CHECK-LABEL: func.func @multiplier
// CHECK: linalg.generic {indexing_maps = [#[[GROUP_IN]], #[[GROUP_WEIGHT]], #{{.*}}]
func.func @multiplier(%x: tensor<?x5x5x2xf32> {attune.dims = ["B", "", "", ""]}, %w: tensor<6x1x3x3xf32>)
    -> tensor<?x3x3x6xf32> {
  %0 = nn.conv2d %x, %w groups 2 : tensor<?x5x5x2xf32>, tensor<6x1x3x3xf32>
  return %0 : tensor<?x3x3x6xf32>
}

// Two channels in and one out for each group; a stride larger than the kernel.
// MEANING: ok @joined
// CHECK-LABEL: func.func @joined
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<?x2x2x3x1xf32>)
func.func @joined(%x: tensor<?x5x5x6xf32> {attune.dims = ["B", "", "", ""]}, %w: tensor<3x2x1x1xf32>)
    -> tensor<?x2x2x3xf32> {
  %0 = nn.conv2d %x, %w strides [4, 4] groups 3 : tensor<?x5x5x6xf32>, tensor<3x2x1x1xf32>
  return %0 : tensor<?x2x2x3xf32>
}

// One root for each channel, none for each element.
// MEANING: ok @batch_norm
// CHECK-LABEL: func.func @batch_norm
// CHECK: %[[SCALE:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<4xf32>)
// CHECK: math.sqrt
// CHECK: linalg.generic {{.*}} ins(%{{.*}}, %{{.*}}, %[[SCALE]], %{{.*}} : tensor<?x3x4xf32>, {{.*}})
// CHECK-NOT: math.sqrt
// CHECK: return
func.func @batch_norm(%x: tensor<?x3x4xf32> {attune.dims = ["N", "", ""]}, %m: tensor<4xf32>, %v: tensor<4xf32>,
    %w: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<?x3x4xf32> {
  %0 = nn.batch_norm %x, %m, %v, %w, %b {epsilon = 4.0}
      : tensor<?x3x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  return %0 : tensor<?x3x4xf32>
}

// MEANING: ok @gelu
// CHECK-LABEL: func.func @gelu
// CHECK: math.erf
func.func @gelu(%x: tensor<?x7xf32> {attune.dims = ["N", ""]}) -> tensor<?x7xf32> {
  %0 = nn.gelu %x : tensor<?x7xf32>
  return %0 : tensor<?x7xf32>
}

// 1/2 (1 + tanh z) = 1 / (1 + exp(-2 z)): no tanh.
// MEANING: ok @gelu_tanh
// CHECK-LABEL: func.func @gelu_tanh
// CHECK-NOT: math.tanh
// CHECK: math.exp
// CHECK: arith.divf
func.func @gelu_tanh(%x: tensor<?x7xf32> {attune.dims = ["N", ""]}) -> tensor<?x7xf32> {
  %0 = nn.gelu %x tanh : tensor<?x7xf32>
  return %0 : tensor<?x7xf32>
}

// Places in whole numbers; four pixels of each image.
// MEANING: ok @interpolate
// CHECK-LABEL: func.func @interpolate
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<?x7x3x3xf32>)
// CHECK-COUNT-4: tensor.extract %arg0
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<?x1x5x3xf32>)
func.func @interpolate(%x: tensor<?x4x7x3xf32> {attune.dims = ["B", "", "", ""]}) -> (tensor<?x7x3x3xf32>, tensor<?x1x5x3xf32>) {
  %0 = nn.interpolate %x to [7, 3] : tensor<?x4x7x3xf32>
  %1 = nn.interpolate %x to [1, 5] : tensor<?x4x7x3xf32>
  return %0, %1 : tensor<?x7x3x3xf32>, tensor<?x1x5x3xf32>
}

// A loop over the steps with two products in f64, on a start for each matrix.
// MEANING: ok @newton
// CHECK-LABEL: func.func @newton
// CHECK: arith.maximumf %{{.*}} : f64
// CHECK: %[[LAST:.*]] = scf.for {{.*}} -> (tensor<?x2x5x5xf64>)
// CHECK-COUNT-2: iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]
// CHECK: arith.truncf
func.func @newton(%w: tensor<?x2x5x5xf32> {attune.dims = ["B", "", "", ""]}) -> tensor<?x2x5x5xf32> {
  %k = func.call @positive(%w) : (tensor<?x2x5x5xf32>) -> tensor<?x2x5x5xf32>
  %0 = nn.newton_inverse %k {iterations = 6, ridge = 0.25} : tensor<?x2x5x5xf32>
  return %0 : tensor<?x2x5x5xf32>
}

// One start for all, which a loop halves: the search, then no step.
// MEANING: ok @newton_whole
// CHECK-LABEL: func.func @newton_whole
// CHECK: %[[ALPHA:.*]] = scf.for {{.*}} -> (f64)
// CHECK: arith.cmpf ogt
// CHECK: arith.select
// CHECK: scf.for
func.func @newton_whole(%w: tensor<?x2x5x5xf32> {attune.dims = ["B", "", "", ""]}) -> (tensor<?x2x5x5xf32>, tensor<?x2x5x5xf32>) {
  %k = func.call @positive(%w) : (tensor<?x2x5x5xf32>) -> tensor<?x2x5x5xf32>
  %0 = nn.newton_inverse %k {factor = 90.0, whole_tensor, iterations = 3, bound = 0.99, max_halvings = 9} : tensor<?x2x5x5xf32>
  %1 = nn.newton_inverse %k {factor = 2.0, whole_tensor, iterations = 0} : tensor<?x2x5x5xf32>
  return %0, %1 : tensor<?x2x5x5xf32>, tensor<?x2x5x5xf32>
}

// CHECK-LABEL: func.func private @positive
func.func private @positive(%w: tensor<?x2x5x5xf32>) -> tensor<?x2x5x5xf32> {
  %k = nn.map %w : (tensor<?x2x5x5xf32>) -> tensor<?x2x5x5xf32> {
  ^bb0(%x: f32):
    %y = math.exp %x : f32
    attn.yield %y : f32
  }
  return %k : tensor<?x2x5x5xf32>
}
