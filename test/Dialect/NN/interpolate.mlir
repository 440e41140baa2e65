// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -canonicalize | FileCheck %s --check-prefix=FOLD

// CHECK-LABEL: func.func @interpolate
// CHECK: nn.interpolate %{{.*}} to [28, 14] : tensor<?x56x56x64xf32>
// CHECK: nn.interpolate %{{.*}} to [9, 1] : tensor<1x3x?xf32>
// CHECK: return %{{.*}}, %{{.*}} : tensor<?x28x14x64xf32>, tensor<9x1x?xf32>
func.func @interpolate(%x: tensor<?x56x56x64xf32>, %y: tensor<1x3x?xf32>)
    -> (tensor<?x28x14x64xf32>, tensor<9x1x?xf32>) {
  %0 = nn.interpolate %x to [28, 14] : tensor<?x56x56x64xf32>
  %1 = nn.interpolate %y to [9, 1] : tensor<1x3x?xf32>
  return %0, %1 : tensor<?x28x14x64xf32>, tensor<9x1x?xf32>
}

// -----

// Equal sizes fold away; swapped ones do not.
// CHECK-LABEL: func.func @equal
// CHECK-COUNT-2: nn.interpolate
// FOLD-LABEL: func.func @equal
// FOLD-NEXT: %[[Y:.*]] = nn.interpolate %{{.*}} to [7, 5]
// FOLD-NEXT: return %arg0, %[[Y]]
func.func @equal(%x: tensor<?x5x7x2xf32>) -> (tensor<?x5x7x2xf32>, tensor<?x7x5x2xf32>) {
  %0 = nn.interpolate %x to [5, 7] : tensor<?x5x7x2xf32>
  %1 = nn.interpolate %x to [7, 5] : tensor<?x5x7x2xf32>
  return %0, %1 : tensor<?x5x7x2xf32>, tensor<?x7x5x2xf32>
}

// -----

func.func @interpolate_c1(%x: tensor<5x7xf32>) {
  // expected-error @+1 {{'nn.interpolate' op `x` has rank 2, expected at least 3 (C1)}}
  %0 = nn.interpolate %x to [2, 2] : tensor<5x7xf32>
  return
}

// -----

func.func @interpolate_c1_dynamic(%x: tensor<2x?x7x3xf32>) {
  // expected-error @+1 {{`x` has shape [2, ?, 7, 3], expected a static height and width of at least 1 (C1)}}
  %0 = nn.interpolate %x to [2, 2] : tensor<2x?x7x3xf32>
  return
}

// -----

func.func @interpolate_c1_empty(%x: tensor<2x5x0x3xf32>) {
  // expected-error @+1 {{`x` has shape [2, 5, 0, 3], expected a static height and width of at least 1 (C1)}}
  %0 = nn.interpolate %x to [2, 2] : tensor<2x5x0x3xf32>
  return
}

// -----

func.func @interpolate_c2(%x: tensor<2x5x7x3xf32>) {
  // expected-error @+1 {{`size` is [0, 2], expected two numbers from 1 to 1048576 (C2)}}
  %0 = nn.interpolate %x to [0, 2] : tensor<2x5x7x3xf32>
  return
}

// -----

func.func @interpolate_c2_count(%x: tensor<2x5x7x3xf32>) {
  // expected-error @+1 {{`size` is [2, 2, 3], expected two numbers from 1 to 1048576 (C2)}}
  %0 = nn.interpolate %x to [2, 2, 3] : tensor<2x5x7x3xf32>
  return
}

// -----

func.func @interpolate_c3(%x: tensor<2x5x7x3xf64>) {
  // expected-error @+1 {{'nn.interpolate' op `x` has element type 'f64', expected f32 (C3)}}
  %0 = nn.interpolate %x to [2, 2] : tensor<2x5x7x3xf64>
  return
}
