// RUN: attune-compile %s --target=reference --print | FileCheck %s

func.func @slices() -> (tensor<2xf32>, tensor<2x3xf32>) {
  %x = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %column = tensor.extract_slice %x[0, 1] [2, 1] [1, 1] : tensor<2x3xf32> to tensor<2xf32>
  %y = tensor.insert_slice %column into %x[0, 0] [1, 2] [1, 2] : tensor<2xf32> into tensor<2x3xf32>
  return %column, %y : tensor<2xf32>, tensor<2x3xf32>
}
// CHECK: @slices -> [2] 2 5
// CHECK: @slices -> [2, 3] 2 2 5 4 5 6

func.func @elements() -> (f32, tensor<2xf32>, tensor<?xf32>, index) {
  %x = arith.constant dense<[[1.0, 2.0], [4.0, 5.0]]> : tensor<2x2xf32>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %e = tensor.extract %x[%c1, %c0] : tensor<2x2xf32>
  %f = tensor.from_elements %e, %e : tensor<2xf32>
  %g = tensor.insert %e into %f[%c0] : tensor<2xf32>
  %s = tensor.splat %e[%c3] : tensor<?xf32>
  %d = tensor.dim %s, %c0 : tensor<?xf32>
  return %e, %g, %s, %d : f32, tensor<2xf32>, tensor<?xf32>, index
}
// CHECK: @elements -> [] 4
// CHECK: @elements -> [2] 4 4
// CHECK: @elements -> [3] 4 4 4
// CHECK: @elements -> [] 3

func.func @reshapes() -> (tensor<2x1x2xf32>, tensor<4xf32>) {
  %x = arith.constant dense<[[1.0, 2.0], [4.0, 5.0]]> : tensor<2x2xf32>
  %a = tensor.expand_shape %x [[0], [1, 2]] output_shape [2, 1, 2]
      : tensor<2x2xf32> into tensor<2x1x2xf32>
  %b = tensor.collapse_shape %x [[0, 1]] : tensor<2x2xf32> into tensor<4xf32>
  return %a, %b : tensor<2x1x2xf32>, tensor<4xf32>
}
// CHECK: @reshapes -> [2, 1, 2] 1 2 4 5
// CHECK: @reshapes -> [4] 1 2 4 5

// What tensor.empty holds is undefined; reading it shows as NaN.
func.func @undefined() -> tensor<2xf32> {
  %e = tensor.empty() : tensor<2xf32>
  return %e : tensor<2xf32>
}
// CHECK: @undefined -> [2] nan nan
