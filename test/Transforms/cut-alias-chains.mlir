// RUN: attune-opt %s --attune-cut-alias-chains -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file --attune-cut-alias-chains \
// RUN:   --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" \
// RUN:   | FileCheck %s --check-prefix=BUFFERS

#id = affine_map<(i) -> (i)>
// DOC: %b overwrites %a and is overwritten by %c, in one buffer
// CHECK-LABEL: func.func @chain(
// CHECK: %[[A:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<?xf32>)
// CHECK: %[[B:.*]] = linalg.generic {{.*}} outs(%[[A]] : tensor<?xf32>)
// CHECK: %[[M:.*]] = bufferization.to_buffer %[[B]] : tensor<?xf32> to memref<?xf32>
// CHECK: %[[T:.*]] = bufferization.to_tensor %[[M]] restrict writable : memref<?xf32> to tensor<?xf32>
// CHECK: %[[C:.*]] = linalg.generic {{.*}} outs(%[[T]] : tensor<?xf32>)
// CHECK: return %[[C]]
// BUFFERS-LABEL: func.func @chain(
// BUFFERS: %[[M:.*]] = memref.alloc
// BUFFERS-COUNT-3: linalg.generic {{.*}} outs(%[[M]] : memref<?xf32>)
// BUFFERS-NOT: memref.{{alloc|copy}}
// BUFFERS: return %[[M]]
func.func @chain(%n: index) -> tensor<?xf32> {
  %zero = arith.constant 0.0 : f32
  %e = bufferization.alloc_tensor(%n) : tensor<?xf32>
  %a = linalg.generic {indexing_maps = [affine_map<(i) -> ()>, #id], iterator_types = ["parallel"]} ins(%zero : f32) outs(%e : tensor<?xf32>) {
  ^bb0(%z: f32, %x: f32):
    linalg.yield %z : f32
  } -> tensor<?xf32>
  %b = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%a : tensor<?xf32>) {
  ^bb0(%x: f32):
    %y = math.exp %x : f32
    linalg.yield %y : f32
  } -> tensor<?xf32>
  %c = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%b : tensor<?xf32>) {
  ^bb0(%x: f32):
    %y = math.sin %x : f32
    linalg.yield %y : f32
  } -> tensor<?xf32>
  return %c : tensor<?xf32>
}

// -----
// A value from before the cut that is read behind it is still safe: its overwriter gets a copy.
#id = affine_map<(i) -> (i)>
// CHECK-LABEL: func.func @read_later(
// CHECK: bufferization.to_tensor
// BUFFERS-LABEL: func.func @read_later(
// BUFFERS: %[[A:.*]] = memref.alloc
// BUFFERS: linalg.generic {{.*}} outs(%[[A]] : memref<?xf32>)
// BUFFERS: %[[B:.*]] = memref.alloc
// BUFFERS: linalg.generic {{.*}} ins(%[[A]] : memref<?xf32>) outs(%[[B]] : memref<?xf32>)
// BUFFERS: linalg.generic {{.*}} outs(%[[B]] : memref<?xf32>)
// BUFFERS: linalg.generic {{.*}} ins(%[[A]] : memref<?xf32>) outs(%[[B]] : memref<?xf32>)
// BUFFERS: return %[[B]]
func.func @read_later(%n: index) -> tensor<?xf32> {
  %zero = arith.constant 0.0 : f32
  %e = bufferization.alloc_tensor(%n) : tensor<?xf32>
  %a = linalg.generic {indexing_maps = [affine_map<(i) -> ()>, #id], iterator_types = ["parallel"]} ins(%zero : f32) outs(%e : tensor<?xf32>) {
  ^bb0(%z: f32, %x: f32):
    linalg.yield %z : f32
  } -> tensor<?xf32>
  %b = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : tensor<?xf32>) outs(%a : tensor<?xf32>) {
  ^bb0(%x: f32, %old: f32):
    %y = math.exp %x : f32
    linalg.yield %y : f32
  } -> tensor<?xf32>
  %c = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%b : tensor<?xf32>) {
  ^bb0(%x: f32):
    %y = math.sin %x : f32
    linalg.yield %y : f32
  } -> tensor<?xf32>
  %d = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : tensor<?xf32>) outs(%c : tensor<?xf32>) {
  ^bb0(%x: f32, %old: f32):
    %y = arith.addf %x, %old : f32
    linalg.yield %y : f32
  } -> tensor<?xf32>
  return %d : tensor<?xf32>
}

// -----
// The buffer of an argument may have users outside.
#id = affine_map<(i) -> (i)>
// CHECK-LABEL: func.func @argument(
// CHECK-NOT: bufferization
func.func @argument(%x: tensor<?xf32>) -> tensor<?xf32> {
  %a = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%x : tensor<?xf32>) {
  ^bb0(%v: f32):
    %y = math.exp %v : f32
    linalg.yield %y : f32
  } -> tensor<?xf32>
  %b = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%a : tensor<?xf32>) {
  ^bb0(%v: f32):
    %y = math.sin %v : f32
    linalg.yield %y : f32
  } -> tensor<?xf32>
  %c = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%b : tensor<?xf32>) {
  ^bb0(%v: f32):
    %y = math.cos %v : f32
    linalg.yield %y : f32
  } -> tensor<?xf32>
  return %c : tensor<?xf32>
}
