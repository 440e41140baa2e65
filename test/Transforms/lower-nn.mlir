// RUN: attune-opt %s --attune-lower-nn | FileCheck %s
// RUN: attune-compile %s --target=reference --before-after="func.func(attune-lower-nn)"
// DOC: a linear layer and a relu
// CHECK-LABEL: func.func @layer(
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction"]
// CHECK: linalg.generic
// CHECK: arith.maximumf
// CHECK-NOT: nn.
func.func @layer(%x: tensor<?x4xf32> {attune.dims = ["N", ""]}, %w: tensor<8x4xf32>, %b: tensor<8xf32>)
    -> tensor<?x8xf32> {
  %h = nn.linear %x, %w bias(%b) : tensor<?x4xf32>, tensor<8x4xf32>, tensor<8xf32>
  %y = nn.relu %h : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// A layer that is made of layers, and one in a loop; nn.csr is the targets' business.
// CHECK-LABEL: func.func @nested(
// CHECK-NOT: nn.frobenius
// CHECK: scf.for
// CHECK-NOT: nn.layer_norm
// CHECK: return
func.func @nested(%x: tensor<?x4xf32> {attune.dims = ["N", ""]}, %w: tensor<4xf32>, %b: tensor<4xf32>)
    -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %n = nn.frobenius_normalize %x : tensor<?x4xf32>
  %r = scf.for %i = %c0 to %c2 step %c1 iter_args(%u = %n) -> tensor<?x4xf32> {
    %v = nn.layer_norm %u, %w, %b : tensor<?x4xf32>, tensor<4xf32>, tensor<4xf32>
    scf.yield %v : tensor<?x4xf32>
  }
  return %r : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @csr(
// CHECK: nn.csr
func.func @csr(%e: tensor<2x5xi64> {attune.below = "N"}, %x: tensor<?xf32> {attune.dims = ["N"]}) -> tensor<5xi32> {
  %i0 = tensor.empty() : tensor<10xi64>
  %i1 = tensor.empty() : tensor<5xi32>
  %csr:3 = nn.csr %e outs(%i0, %i1, %i1 : tensor<10xi64>, tensor<5xi32>, tensor<5xi32>)
      : tensor<2x5xi64> -> tensor<10xi64>, tensor<5xi32>, tensor<5xi32>
  return %csr#1 : tensor<5xi32>
}
