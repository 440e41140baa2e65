// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @frobenius_normalize
// CHECK: nn.frobenius_normalize %{{.*}} : tensor<?x4x64xf32>
func.func @frobenius_normalize(%q: tensor<?x4x64xf32>) -> tensor<?x4x64xf32> {
  %0 = nn.frobenius_normalize %q : tensor<?x4x64xf32>
  return %0 : tensor<?x4x64xf32>
}

// -----

func.func @frobenius_normalize_c1(%q: tensor<?xf64>) {
  // expected-error @+1 {{`x` has element type 'f64', expected f32 (C1)}}
  %0 = nn.frobenius_normalize %q : tensor<?xf64>
  return
}
