// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @newton_inverse
// CHECK: nn.newton_inverse %{{.*}} : tensor<49x49xf32>
// CHECK: nn.newton_inverse %{{.*}} {factor = 1.500000e+00 : f64, iterations = 0 : i64, ridge = 1.000000e-02 : f64} : tensor<?x2x49x49xf32>
// CHECK: nn.newton_inverse %{{.*}} {bound = 1.010000e+00 : f64, factor = 2.000000e+00 : f64, max_halvings = 10 : i64, whole_tensor} : tensor<?x2x49x49xf32>
// CHECK: nn.newton_inverse %{{.*}} {whole_tensor} : tensor<?x?xf32>
func.func @newton_inverse(%x: tensor<49x49xf32>, %y: tensor<?x2x49x49xf32>, %z: tensor<?x?xf32>)
    -> (tensor<49x49xf32>, tensor<?x2x49x49xf32>, tensor<?x2x49x49xf32>, tensor<?x?xf32>) {
  %0 = nn.newton_inverse %x : tensor<49x49xf32>
  %1 = nn.newton_inverse %y {iterations = 0, ridge = 1.0e-2, factor = 1.5} : tensor<?x2x49x49xf32>
  %2 = nn.newton_inverse %y {factor = 2.0, whole_tensor, bound = 1.01, max_halvings = 10} : tensor<?x2x49x49xf32>
  %3 = nn.newton_inverse %z {whole_tensor} : tensor<?x?xf32>
  return %0, %1, %2, %3 : tensor<49x49xf32>, tensor<?x2x49x49xf32>, tensor<?x2x49x49xf32>, tensor<?x?xf32>
}

// -----

func.func @newton_inverse_c1(%x: tensor<3xf32>) {
  // expected-error @+1 {{'nn.newton_inverse' op `x` is 'tensor<3xf32>', expected a rank of at least 2 (C1)}}
  %0 = nn.newton_inverse %x : tensor<3xf32>
  return
}

// -----

func.func @newton_inverse_c1_square(%x: tensor<2x3x4xf32>) {
  // expected-error @+1 {{`x` has matrices of 3 x 4, expected square ones (C1)}}
  %0 = nn.newton_inverse %x : tensor<2x3x4xf32>
  return
}

// -----

func.func @newton_inverse_c2(%x: tensor<3x3xf32>) {
  // expected-error @+1 {{has -1 iterations and 0 halvings, expected at least 0 (C2)}}
  %0 = nn.newton_inverse %x {iterations = -1} : tensor<3x3xf32>
  return
}

// -----

func.func @newton_inverse_c2_halvings(%x: tensor<3x3xf32>) {
  // expected-error @+1 {{has 20 iterations and -3 halvings, expected at least 0 (C2)}}
  %0 = nn.newton_inverse %x {whole_tensor, bound = 1.0, max_halvings = -3} : tensor<3x3xf32>
  return
}

// -----

func.func @newton_inverse_c3(%x: tensor<3x3xf32>) {
  // expected-error @+1 {{`ridge` is -5.000000e-01, must be at least 0 (C3)}}
  %0 = nn.newton_inverse %x {ridge = -0.5} : tensor<3x3xf32>
  return
}

// -----

func.func @newton_inverse_c3_factor(%x: tensor<3x3xf32>) {
  // expected-error @+1 {{`factor` is 0.000000e+00, must be above 0 (C3)}}
  %0 = nn.newton_inverse %x {factor = 0.0} : tensor<3x3xf32>
  return
}

// -----

func.func @newton_inverse_c3_bound(%x: tensor<3x3xf32>) {
  // expected-error @+1 {{`bound` is -1.000000e+00, must be at least 0 (C3)}}
  %0 = nn.newton_inverse %x {whole_tensor, bound = -1.0, max_halvings = 2} : tensor<3x3xf32>
  return
}

// -----

func.func @newton_inverse_c4(%x: tensor<3x3xf32>) {
  // expected-error @+1 {{`bound` and `max_halvings` above 0 must come together (C4)}}
  %0 = nn.newton_inverse %x {whole_tensor, bound = 1.0} : tensor<3x3xf32>
  return
}

// -----

func.func @newton_inverse_c4_halvings(%x: tensor<3x3xf32>) {
  // expected-error @+1 {{`bound` and `max_halvings` above 0 must come together (C4)}}
  %0 = nn.newton_inverse %x {whole_tensor, max_halvings = 2} : tensor<3x3xf32>
  return
}

// -----

func.func @newton_inverse_c4_whole(%x: tensor<3x3xf32>) {
  // expected-error @+1 {{`bound` needs `whole_tensor` (C4)}}
  %0 = nn.newton_inverse %x {bound = 1.0, max_halvings = 2} : tensor<3x3xf32>
  return
}

// -----

func.func @newton_inverse_c5(%x: tensor<3x3xf64>) {
  // expected-error @+1 {{`x` has element type 'f64', expected f32 (C5)}}
  %0 = nn.newton_inverse %x : tensor<3x3xf64>
  return
}
