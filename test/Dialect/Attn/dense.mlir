// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @dense
// CHECK: attn.dense %{{.*}} : tensor<3x?xf32>
// CHECK-NEXT: attn.dense %{{.*}} : tensor<?x2x3x4xf32>
// CHECK-NEXT: return {{.*}} : !attn.matrix<3x?xf32>, !attn.matrix<?x2x3x4xf32>
func.func @dense(%t: tensor<3x?xf32>, %u: tensor<?x2x3x4xf32>) -> (!attn.matrix<3x?xf32>, !attn.matrix<?x2x3x4xf32>) {
  %0 = attn.dense %t : tensor<3x?xf32>
  %1 = attn.dense %u : tensor<?x2x3x4xf32>
  return %0, %1 : !attn.matrix<3x?xf32>, !attn.matrix<?x2x3x4xf32>
}

// -----

func.func @dense_c1(%t: tensor<3xf32>) {
  // expected-error @+1 {{`table` must be an f32 tensor of rank 2 or more (C1)}}
  %0 = attn.dense %t : tensor<3xf32>
  return
}

// -----

func.func @dense_c1_scalar(%t: tensor<f32>) {
  // expected-error @+1 {{`table` must be an f32 tensor of rank 2 or more (C1)}}
  %0 = attn.dense %t : tensor<f32>
  return
}

// -----

func.func @dense_c1_type(%t: tensor<3x3xf64>) {
  // expected-error @+1 {{`table` must be an f32 tensor of rank 2 or more (C1)}}
  %0 = attn.dense %t : tensor<3x3xf64>
  return
}

// -----

func.func @dense_unranked(%t: tensor<*xf32>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of any type values, but got 'tensor<*xf32>'}}
  %0 = "attn.dense"(%t) : (tensor<*xf32>) -> !attn.matrix<3x3xf32>
  return
}
