// RUN: attune-opt %s --one-shot-bufferize=bufferize-function-boundaries -split-input-file | FileCheck %s

// The stream adds to its inits: one that is still needed is copied, another is written in place.
// CHECK-LABEL: func.func @stream(
// CHECK: memref.copy
// CHECK-NOT: memref.copy
// CHECK: attn.stream {{.*}} outs(%{{[^:]*}} : memref<8x1x4xf32>, memref<8x1xf32>) attributes
// CHECK-NEXT: ^bb0(%{{.*}}: index, %{{.*}}: index, %[[DOT:.*]]: f32, %[[SCALE:.*]]: f32):
// CHECK-NEXT: %[[ENTRY:.*]] = arith.mulf %[[DOT]], %[[SCALE]]
// CHECK-NEXT: attn.yield %[[ENTRY]]
func.func @stream(%q: tensor<8x1x4xf32>, %c: f32) -> (tensor<8x1x4xf32>, tensor<8x1x4xf32>, tensor<8x1xf32>) {
  %zero = arith.constant 0.0 : f32
  %n = arith.constant 8 : index
  %e = tensor.empty() : tensor<8x1x4xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<8x1x4xf32>) -> tensor<8x1x4xf32>
  %g = tensor.empty() : tensor<8x1xf32>
  %h = linalg.fill ins(%zero : f32) outs(%g : tensor<8x1xf32>) -> tensor<8x1xf32>
  %r:2 = attn.stream size(%n, %n) lhs(%q : tensor<8x1x4xf32>) rhs(%q : tensor<8x1x4xf32>) scalars(%c)
      values(%q : tensor<8x1x4xf32>) outs(%f, %h : tensor<8x1x4xf32>, tensor<8x1xf32>)
      -> tensor<8x1x4xf32>, tensor<8x1xf32>
      attributes {distance = array<i1: false>, sinks = [#attn<sink apply>, #attn<sink row_sum>], elements = array<i64: 0, 0>} {
  ^bb0(%i: index, %j: index, %dot: f32, %scale: f32):
    %x = arith.mulf %dot, %scale : f32
    attn.yield %x : f32
  }
  return %f, %r#0, %r#1 : tensor<8x1x4xf32>, tensor<8x1x4xf32>, tensor<8x1xf32>
}

// -----
// nn.csr overwrites its inits, so their contents are never copied, not even an argument's.
// CHECK-LABEL: func.func @csr(
// CHECK-NOT: memref.copy
// CHECK: nn.csr %{{.*}} outs(%{{.*}} : memref<9xi64>, memref<5xi32>, memref<5xi32>) drop_self_loops
// CHECK-NOT: memref.copy
func.func @csr(%e: tensor<2x5xi64>, %o: tensor<9xi64> {bufferization.writable = false}) -> tensor<9xi64> {
  %i1 = tensor.empty() : tensor<5xi32>
  %i2 = tensor.empty() : tensor<5xi32>
  %csr:3 = nn.csr %e outs(%o, %i1, %i2 : tensor<9xi64>, tensor<5xi32>, tensor<5xi32>) drop_self_loops
      : tensor<2x5xi64> -> tensor<9xi64>, tensor<5xi32>, tensor<5xi32>
  return %csr#0 : tensor<9xi64>
}
