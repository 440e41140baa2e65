// RUN: attune-opt %s --attune-return-in-place | FileCheck %s
// RUN: attune-compile %s --target=reference --before-after="func.func(attune-return-in-place)"
// RUN: attune-opt %s --attune-return-in-place --attune-reuse-inits --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" --canonicalize --cse --canonicalize --buffer-results-to-out-params="hoist-static-allocs hoist-dynamic-allocs modify-public-functions" | FileCheck %s --check-prefix=BUFFERS
// DOC: the sum is made in the shape that is returned
// CHECK-LABEL: func.func @expanded(
// CHECK: %[[OUT:.*]] = tensor.empty(%{{.*}}) : tensor<?x2x2xf32>
// CHECK: %[[FLAT:.*]] = tensor.collapse_shape %[[OUT]]
// CHECK: %[[SUM:.*]] = linalg.add {{.*}} outs(%[[FLAT]] : tensor<?x4xf32>)
// CHECK: tensor.expand_shape %[[SUM]]
// BUFFERS-LABEL: func.func @expanded(
// BUFFERS-NOT: memref.alloc
// BUFFERS-NOT: memref.copy
// BUFFERS: return
func.func @expanded(%x: tensor<?x4xf32> {attune.dims = ["N", ""], bufferization.writable = false}) -> tensor<?x2x2xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%n) : tensor<?x4xf32>
  %s = linalg.add ins(%x, %x : tensor<?x4xf32>, tensor<?x4xf32>) outs(%e : tensor<?x4xf32>) -> tensor<?x4xf32>
  %r = tensor.expand_shape %s [[0], [1, 2]] output_shape [%n, 2, 2] : tensor<?x4xf32> into tensor<?x2x2xf32>
  return %r : tensor<?x2x2xf32>
}

// CHECK-LABEL: func.func @collapsed(
// CHECK: %[[ROWS:.*]] = arith.muli %{{.*}}, %c3
// CHECK: %[[OUT:.*]] = tensor.empty(%[[ROWS]]) : tensor<?x4xf32>
// CHECK: %[[THREE:.*]] = tensor.expand_shape %[[OUT]]
// CHECK: linalg.add {{.*}} outs(%[[THREE]] : tensor<?x3x4xf32>)
// BUFFERS-LABEL: func.func @collapsed(
// BUFFERS-NOT: memref.alloc
// BUFFERS-NOT: memref.copy
// BUFFERS: return
func.func @collapsed(%x: tensor<?x3x4xf32> {attune.dims = ["N", "", ""], bufferization.writable = false}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x3x4xf32>
  %e = tensor.empty(%n) : tensor<?x3x4xf32>
  %s = linalg.add ins(%x, %x : tensor<?x3x4xf32>, tensor<?x3x4xf32>) outs(%e : tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  %r = tensor.collapse_shape %s [[0, 1], [2]] : tensor<?x3x4xf32> into tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}

// Two results cannot be one buffer.
// CHECK-LABEL: func.func @twice(
// CHECK: %[[SUM:.*]] = linalg.add
// CHECK: %[[COPY:.*]] = linalg.copy ins(%[[SUM]]
// CHECK: return %[[SUM]], %[[COPY]]
// BUFFERS-LABEL: func.func @twice(
// BUFFERS-NOT: memref.alloc
// BUFFERS: linalg.copy
func.func @twice(%x: tensor<?xf32> {attune.dims = ["N"], bufferization.writable = false}) -> (tensor<?xf32>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %s = linalg.add ins(%x, %x : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %s, %s : tensor<?xf32>, tensor<?xf32>
}

// A reshaped argument is none of this pass's business.
// CHECK-LABEL: func.func @argument(
// CHECK-NEXT: tensor.expand_shape %arg0
// CHECK-NEXT: return
func.func @argument(%x: tensor<4xf32> {bufferization.writable = false}) -> tensor<2x2xf32> {
  %r = tensor.expand_shape %x [[0, 1]] output_shape [2, 2] : tensor<4xf32> into tensor<2x2xf32>
  return %r : tensor<2x2xf32>
}
