// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @frobenius_norm
// CHECK: nn.frobenius_norm %{{.*}} : tensor<?x1x64xf32>
// CHECK: nn.frobenius_norm %{{.*}} : tensor<f32>
func.func @frobenius_norm(%q: tensor<?x1x64xf32>, %s: tensor<f32>) -> (f32, f32) {
  %0 = nn.frobenius_norm %q : tensor<?x1x64xf32>
  %1 = nn.frobenius_norm %s : tensor<f32>
  return %0, %1 : f32, f32
}

// -----

func.func @frobenius_norm_c1(%q: tensor<?xf64>) {
  // expected-error @+1 {{`x` has element type 'f64', expected f32 (C1)}}
  %0 = nn.frobenius_norm %q : tensor<?xf64>
  return
}
