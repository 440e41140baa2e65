// RUN: attune-opt %s --attune-linearize | FileCheck %s
// RUN: attune-compile %s --target=reference --before-after=attune-linearize --seed=7

// The product with the rows of Q comes last, and no value is N x M.
// CHECK-LABEL:  func.func @attention
// CHECK-SAME:   %[[Q:[^:]+]]: tensor<?x8xf32>{{.*}}, %[[K:[^:]+]]: tensor<?x8xf32>{{.*}}, %[[V:[^:]+]]: tensor
// CHECK-NOT:    attn.
// CHECK-NOT:    tensor<?x?xf32>
// CHECK:        %[[KTV:.+]] = linalg.generic {{.*}} ins(%[[K]], %[[V]] : {{.*}}) outs({{.*}} : tensor<8x4xf32>)
// CHECK:        %[[OUT:.+]] = linalg.generic {{.*}} ins(%[[Q]], %[[KTV]] : {{.*}}) outs({{.*}} : tensor<?x4xf32>)
// CHECK-NOT:    attn.
// CHECK:        return %[[OUT]]
func.func @attention(%q: tensor<?x8xf32> {attune.name = "q", attune.dims = ["N", ""]},
                     %k: tensor<?x8xf32> {attune.name = "k", attune.dims = ["M", ""]},
                     %v: tensor<?x4xf32> {attune.name = "v", attune.dims = ["M", ""]})
    -> (tensor<?x4xf32> {attune.name = "out"}) {
  %scores = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %out = attn.apply %scores, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %out : tensor<?x4xf32>
}
