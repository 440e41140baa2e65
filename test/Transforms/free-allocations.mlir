// RUN: attune-opt %s --attune-free-allocations -split-input-file | FileCheck %s
// DOC: two allocations are freed one by one
// CHECK-LABEL: func.func @two(
// CHECK: %[[A:.*]] = memref.alloc() : memref<4xf32>
// CHECK: %[[B:.*]] = memref.alloc() : memref<8xf32>
// CHECK: memref.dealloc %[[A]]
// CHECK: memref.dealloc %[[B]]
// CHECK-NOT: bufferization.dealloc
func.func @two() {
  %true = arith.constant true
  %a = memref.alloc() : memref<4xf32>
  %base, %offset, %size, %stride = memref.extract_strided_metadata %a : memref<4xf32> -> memref<f32>, index, index, index
  %b = memref.alloc() : memref<8xf32>
  bufferization.dealloc (%base, %b : memref<f32>, memref<8xf32>) if (%true, %true)
  return
}

// -----
// What could be one buffer twice, is kept, or is freed only sometimes stays.
// CHECK-LABEL: func.func @same(
// CHECK-NOT: memref.dealloc
// CHECK: bufferization.dealloc
func.func @same() {
  %true = arith.constant true
  %a = memref.alloc() : memref<4xf32>
  %base, %offset, %size, %stride = memref.extract_strided_metadata %a : memref<4xf32> -> memref<f32>, index, index, index
  bufferization.dealloc (%base, %a : memref<f32>, memref<4xf32>) if (%true, %true)
  return
}

// -----
// CHECK-LABEL: func.func @argument(
// CHECK-NOT: memref.dealloc
// CHECK: bufferization.dealloc
func.func @argument(%b: memref<4xf32>) {
  %true = arith.constant true
  %a = memref.alloc() : memref<4xf32>
  bufferization.dealloc (%a, %b : memref<4xf32>, memref<4xf32>) if (%true, %true)
  return
}

// -----
// CHECK-LABEL: func.func @retained(
// CHECK-NOT: memref.dealloc
// CHECK: bufferization.dealloc
func.func @retained(%b: memref<4xf32>) -> i1 {
  %true = arith.constant true
  %a = memref.alloc() : memref<4xf32>
  %kept = bufferization.dealloc (%a : memref<4xf32>) if (%true) retain (%b : memref<4xf32>)
  return %kept : i1
}

// -----
// CHECK-LABEL: func.func @sometimes(
// CHECK-NOT: memref.dealloc
// CHECK: bufferization.dealloc
func.func @sometimes(%condition: i1) {
  %a = memref.alloc() : memref<4xf32>
  bufferization.dealloc (%a : memref<4xf32>) if (%condition)
  return
}
