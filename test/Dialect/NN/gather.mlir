// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @gather
// CHECK: nn.gather %{{.*}}, %{{.*}} : tensor<?xf32>, tensor<?xi64>
// CHECK: nn.gather %{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<7xi32>
// CHECK: return %{{.*}}, %{{.*}} : tensor<?xf32>, tensor<7x64xf32>
func.func @gather(%r: tensor<?xf32>, %x: tensor<?x64xf32>, %i: tensor<?xi64>, %j: tensor<7xi32>)
    -> (tensor<?xf32>, tensor<7x64xf32>) {
  %0 = nn.gather %r, %i : tensor<?xf32>, tensor<?xi64>
  %1 = nn.gather %x, %j : tensor<?x64xf32>, tensor<7xi32>
  return %0, %1 : tensor<?xf32>, tensor<7x64xf32>
}

// -----

func.func @gather_c1(%x: tensor<?xf32>, %i: tensor<2x?xi64>) {
  // expected-error @+1 {{'nn.gather' op `indices` has rank 2, expected rank 1 (C1)}}
  %0 = nn.gather %x, %i : tensor<?xf32>, tensor<2x?xi64>
  return
}

// -----

func.func @gather_c1_type(%x: tensor<?xf32>, %i: tensor<?xf32>) {
  // expected-error @+1 {{`indices` has element type 'f32', expected i32 or i64 (C1)}}
  %0 = nn.gather %x, %i : tensor<?xf32>, tensor<?xf32>
  return
}

// -----

func.func @gather_c2(%x: tensor<f32>, %i: tensor<?xi64>) {
  // expected-error @+1 {{'nn.gather' op `table` has rank 0, expected at least 1 (C2)}}
  %0 = nn.gather %x, %i : tensor<f32>, tensor<?xi64>
  return
}
