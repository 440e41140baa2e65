// RUN: attune-opt %s -emit-bytecode | attune-opt | FileCheck %s

// CHECK-LABEL: func.func @bytecode
// CHECK: attn.dot %{{.*}}, %{{.*}} : tensor<?x4x6xf32>, tensor<?x4x6xf32>
// CHECK: attn.restrict %{{.*}} window [3, 0] : <4x?x?xf32>
// CHECK: attn.map %{{.*}} kernel "exp" : (!attn.matrix<4x?x?xf32>) -> !attn.matrix<4x?x?xf32>
// CHECK: attn.apply
func.func @bytecode(%q: tensor<?x4x6xf32>) -> tensor<?x4x6xf32> {
  %0 = attn.dot %q, %q : tensor<?x4x6xf32>, tensor<?x4x6xf32>
  %1 = attn.restrict %0 window [3, 0] : !attn.matrix<4x?x?xf32>
  %2 = attn.map %1 kernel "exp" : (!attn.matrix<4x?x?xf32>) -> !attn.matrix<4x?x?xf32> {
  ^bb0(%x: f32):
    %e = math.exp %x : f32
    attn.yield %e : f32
  }
  %3 = attn.apply %2, %q : !attn.matrix<4x?x?xf32>, tensor<?x4x6xf32>
  return %3 : tensor<?x4x6xf32>
}
