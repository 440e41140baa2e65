// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s

// RUN: attune-opt %s -split-input-file -verify-diagnostics -canonicalize | FileCheck %s --check-prefix=CANON

// CHECK-LABEL: func.func @mean
// CHECK: nn.mean %{{.*}} dim 1 : tensor<?x4x64xf32>
// CHECK: nn.mean %{{.*}} dim 0 : tensor<?x4x64xf32>
// CHECK: return %{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<4x64xf32>
func.func @mean(%x: tensor<?x4x64xf32>) -> (tensor<?x64xf32>, tensor<4x64xf32>) {
  %0 = nn.mean %x dim 1 : tensor<?x4x64xf32>
  %1 = nn.mean %x dim 0 : tensor<?x4x64xf32>
  return %0, %1 : tensor<?x64xf32>, tensor<4x64xf32>
}

// -----

// A mean of one element is that element.
// CANON-LABEL: func.func @of_one
// CANON-NOT: nn.mean
// CANON: tensor.collapse_shape %{{.*}} {{\[\[}}0, 1], [2]] : tensor<?x1x64xf32> into tensor<?x64xf32>
// CANON: tensor.collapse_shape %{{.*}} {{\[\[}}0, 1]] : tensor<1x?xf32> into tensor<?xf32>
// CANON: tensor.collapse_shape %{{.*}} [] : tensor<1xf32> into tensor<f32>
func.func @of_one(%x: tensor<?x1x64xf32>, %y: tensor<1x?xf32>, %z: tensor<1xf32>)
    -> (tensor<?x64xf32>, tensor<?xf32>, tensor<f32>) {
  %0 = nn.mean %x dim 1 : tensor<?x1x64xf32>
  %1 = nn.mean %y dim 0 : tensor<1x?xf32>
  %2 = nn.mean %z dim 0 : tensor<1xf32>
  return %0, %1, %2 : tensor<?x64xf32>, tensor<?xf32>, tensor<f32>
}

// -----

func.func @mean_c1(%x: tensor<?x64xf32>) {
  // expected-error @+1 {{'nn.mean' op `dim` is 2, expected 0 <= dim < 2, the rank of `x` (C1)}}
  %0 = nn.mean %x dim 2 : tensor<?x64xf32>
  return
}

// -----

func.func @mean_c1_negative(%x: tensor<?x64xf32>) {
  // expected-error @+1 {{'nn.mean' op `dim` is -1, expected 0 <= dim < 2, the rank of `x` (C1)}}
  %0 = nn.mean %x dim -1 : tensor<?x64xf32>
  return
}

// -----

func.func @mean_c2(%x: tensor<?x64xi64>) {
  // expected-error @+1 {{`x` has element type 'i64', expected f32 (C2)}}
  %0 = nn.mean %x dim 0 : tensor<?x64xi64>
  return
}
