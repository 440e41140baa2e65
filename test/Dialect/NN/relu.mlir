// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s

// RUN: attune-opt %s -split-input-file -verify-diagnostics -canonicalize | FileCheck %s --check-prefix=FOLD

// CHECK-LABEL: func.func @relu
// CHECK: nn.relu %{{.*}} : tensor<?x64xf32>
func.func @relu(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %0 = nn.relu %x : tensor<?x64xf32>
  return %0 : tensor<?x64xf32>
}

// -----

// FOLD-LABEL: func.func @twice
// FOLD-COUNT-1: nn.relu
// FOLD-NOT: nn.relu
func.func @twice(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = nn.relu %x : tensor<?xf32>
  %1 = nn.relu %0 : tensor<?xf32>
  return %1 : tensor<?xf32>
}

// -----

func.func @relu_c1(%x: tensor<?xi32>) {
  // expected-error @+1 {{`x` has element type 'i32', expected f32 (C1)}}
  %0 = nn.relu %x : tensor<?xi32>
  return
}
