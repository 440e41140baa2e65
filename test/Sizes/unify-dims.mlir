// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-unify-dims),canonicalize)' -split-input-file | FileCheck %s
// DOC: both sizes are N
// CHECK-LABEL: func.func @two(
// CHECK-SAME: %[[X:.*]]: tensor<?x4xf32> {{.*}}, %[[Y:.*]]: tensor<?x4xf32>
// CHECK: %[[N:.*]] = tensor.dim %[[X]]
// CHECK-NOT: tensor.dim
// CHECK: return %[[N]], %[[N]]
func.func @two(%x: tensor<?x4xf32> {attune.dims = ["N", ""]}, %y: tensor<?x4xf32> {attune.dims = ["N", ""]})
    -> (index, index) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %m = tensor.dim %y, %c0 : tensor<?x4xf32>
  return %n, %m : index, index
}

// -----
// Through layers, reshapes and loops; G+1 stays a size of its own; one that no argument has stays.
// CHECK-LABEL: func.func @through(
// CHECK-SAME: %[[X:.*]]: tensor<?x4xf32> {{.*}}, %[[O:.*]]: tensor<?xi64>
// CHECK-DAG: %[[N:.*]] = tensor.dim %[[X]], %{{.*}} : tensor<?x4xf32>
// CHECK-DAG: %[[G1:.*]] = tensor.dim %[[O]], %{{.*}} : tensor<?xi64>
// CHECK: %[[NG:.*]] = arith.muli %[[N]], %[[G1]]
// CHECK: return %[[N]], %[[N]], %[[G1]], %[[NG]]
func.func @through(%x: tensor<?x4xf32> {attune.dims = ["N", ""]}, %o: tensor<?xi64> {attune.dims = ["G+1"]},
                   %w: tensor<8x4xf32>) -> (index, index, index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %h = nn.linear %x, %w : tensor<?x4xf32>, tensor<8x4xf32>
  %n = tensor.dim %h, %c0 : tensor<?x8xf32>
  %r = scf.for %i = %c0 to %c4 step %c1 iter_args(%u = %h) -> tensor<?x8xf32> {
    %v = nn.relu %u : tensor<?x8xf32>
    scf.yield %v : tensor<?x8xf32>
  }
  %e = tensor.expand_shape %r [[0, 1], [2]] output_shape [%n, 1, 8] : tensor<?x8xf32> into tensor<?x1x8xf32>
  %c = tensor.collapse_shape %e [[0, 1], [2]] : tensor<?x1x8xf32> into tensor<?x8xf32>
  %m = tensor.dim %c, %c0 : tensor<?x8xf32>
  %g = tensor.dim %o, %c0 : tensor<?xi64>
  %size = arith.muli %n, %g : index
  %t = tensor.empty(%size) : tensor<?xf32>
  %p = tensor.dim %t, %c0 : tensor<?xf32>
  return %n, %m, %g, %p : index, index, index, index
}
