// RUN: attune-opt %s -attune-lower-nn | FileCheck %s

// What each layer is in linalg. Loops of a contraction: rows, outputs, inputs.

// CHECK-DAG: #[[ROW_IN:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[IN_OUT:.*]] = affine_map<(d0, d1, d2) -> (d2, d1)>
// CHECK-DAG: #[[ROW_OUT:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>

// The weight is transposed once, the bias starts the sum.
// CHECK-LABEL: func.func @linear
// CHECK-SAME: %[[X:.*]]: tensor<?x6xf32>, %[[W:.*]]: tensor<5x6xf32>, %[[B:.*]]: tensor<5xf32>
// CHECK: %[[T:.*]] = linalg.generic {{.*}} ins(%[[W]] : tensor<5x6xf32>) outs(%{{.*}} : tensor<6x5xf32>)
// CHECK: %[[START:.*]] = linalg.generic {{.*}} ins(%[[B]] : tensor<5xf32>) outs(%{{.*}} : tensor<?x5xf32>)
// CHECK: linalg.generic {indexing_maps = [#[[ROW_IN]], #[[IN_OUT]], #[[ROW_OUT]]], iterator_types = ["parallel", "parallel", "reduction"]} ins(%[[X]], %[[T]] : {{.*}}) outs(%[[START]] : tensor<?x5xf32>)
// CHECK-NEXT: ^bb0(%[[XE:.*]]: f32, %[[WE:.*]]: f32, %[[ACC:.*]]: f32):
// CHECK: %[[P:.*]] = arith.mulf %[[XE]], %[[WE]] : f32
// CHECK: arith.addf %[[ACC]], %[[P]] : f32
func.func @linear(%x: tensor<?x6xf32>, %w: tensor<5x6xf32>, %b: tensor<5xf32>) -> tensor<?x5xf32> {
  %0 = nn.linear %x, %w bias(%b) : tensor<?x6xf32>, tensor<5x6xf32>, tensor<5xf32>
  return %0 : tensor<?x5xf32>
}

// Beside the result only one number for each row is stored.
// CHECK-LABEL: func.func @layer_norm
// CHECK-COUNT-1: tensor.empty(%{{.*}}) : tensor<?x64xf32>
// CHECK-NOT: tensor.empty(%{{.*}}) : tensor<?x64xf32>
// CHECK: return
func.func @layer_norm(%x: tensor<?x64xf32>, %w: tensor<64xf32>) -> tensor<?x64xf32> {
  %0 = nn.layer_norm %x, %w, %w : tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>
  return %0 : tensor<?x64xf32>
}

// CHECK-LABEL: func.func @relu
// CHECK: arith.maximumf
func.func @relu(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = nn.relu %x : tensor<?xf32>
  return %0 : tensor<?xf32>
}

// CHECK-LABEL: func.func @map
// CHECK-SAME: %[[S:[a-z0-9]+]]: f32
// CHECK: linalg.generic
// CHECK-NEXT: ^bb0(%[[E:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT: arith.mulf %[[E]], %[[S]] : f32
func.func @map(%x: tensor<?xf32>, %s: f32) -> tensor<?xf32> {
  %0 = nn.map %x scalars(%s) : (tensor<?xf32>) -> tensor<?xf32> {
  ^bb0(%a: f32, %b: f32):
    %p = arith.mulf %a, %b : f32
    attn.yield %p : f32
  }
  return %0 : tensor<?xf32>
}

// CHECK-LABEL: func.func @mean
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction"]
// CHECK: arith.addf
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel"]
// CHECK: arith.divf
func.func @mean(%x: tensor<?x4x64xf32>) -> tensor<?x64xf32> {
  %0 = nn.mean %x dim 1 : tensor<?x4x64xf32>
  return %0 : tensor<?x64xf32>
}

// Sums of rows first, then their sum.
// CHECK-LABEL: func.func @frobenius_normalize
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<?x4xf32>)
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<f32>)
// CHECK: %[[NORM:.*]] = math.sqrt
// CHECK: arith.divf %{{.*}}, %[[NORM]]
func.func @frobenius_normalize(%x: tensor<?x4x64xf32>) -> tensor<?x4x64xf32> {
  %0 = nn.frobenius_normalize %x : tensor<?x4x64xf32>
  return %0 : tensor<?x4x64xf32>
}

// CHECK-LABEL: func.func @gather
// CHECK-SAME: %[[TABLE:.*]]: tensor<?x64xf32>
// CHECK: ^bb0(%[[I:.*]]: i32, %{{.*}}: f32):
// CHECK-DAG: %[[ROW:.*]] = arith.index_cast %[[I]] : i32 to index
// CHECK-DAG: %[[COLUMN:.*]] = linalg.index 1 : index
// CHECK: tensor.extract %[[TABLE]][%[[ROW]], %[[COLUMN]]] : tensor<?x64xf32>
func.func @gather(%x: tensor<?x64xf32>, %i: tensor<?xi32>) -> tensor<?x64xf32> {
  %0 = nn.gather %x, %i : tensor<?x64xf32>, tensor<?xi32>
  return %0 : tensor<?x64xf32>
}
