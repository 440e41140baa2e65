// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @gelu
// CHECK: nn.gelu %{{.*}} : tensor<?x64xf32>
// CHECK: nn.gelu %{{.*}} tanh : tensor<?x64xf32>
// CHECK: nn.gelu %{{.*}} : tensor<f32>
func.func @gelu(%x: tensor<?x64xf32>, %s: tensor<f32>) -> (tensor<?x64xf32>, tensor<?x64xf32>, tensor<f32>) {
  %0 = nn.gelu %x : tensor<?x64xf32>
  %1 = nn.gelu %x tanh : tensor<?x64xf32>
  %2 = nn.gelu %s : tensor<f32>
  return %0, %1, %2 : tensor<?x64xf32>, tensor<?x64xf32>, tensor<f32>
}

// -----

func.func @gelu_c1(%x: tensor<?xi32>) {
  // expected-error @+1 {{'nn.gelu' op `x` has element type 'i32', expected f32 (C1)}}
  %0 = nn.gelu %x : tensor<?xi32>
  return
}

// -----

func.func @gelu_c1_tanh(%x: tensor<?xf64>) {
  // expected-error @+1 {{'nn.gelu' op `x` has element type 'f64', expected f32 (C1)}}
  %0 = nn.gelu %x tanh : tensor<?xf64>
  return
}
