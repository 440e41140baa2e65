// RUN: attune-opt %s --attune-linearize | FileCheck %s
// RUN: attune-compile %s --target=reference --before-after=attune-linearize | FileCheck %s --check-prefix=SAME

// A tall matrix and its transpose: from the right, through 49 x 16 values.
// CHECK-LABEL: func.func @from_the_right
// CHECK: %[[INNER:.*]] = attn.stream size(%{{.*}}, %{{.*}}) {{.*}} outs(%{{.*}} : tensor<49x1x16xf32>)
// CHECK: attn.stream {{.*}} values(%[[INNER]] : tensor<49x1x16xf32>) outs(%{{.*}} : tensor<?x1x16xf32>)
// SAME: ok @from_the_right
func.func @from_the_right(%c: tensor<?x3xf32> {attune.name = "c", attune.dims = ["N", ""]},
    %l: tensor<49x3xf32> {attune.name = "l"}, %v: tensor<?x16xf32> {attune.name = "v", attune.dims = ["N", ""]})
    -> (tensor<?x16xf32> {attune.name = "o", attune.dims = ["N", ""]}) {
  %s = attn.distance %c, %l : tensor<?x3xf32>, tensor<49x3xf32>
  %t = attn.transpose %s : !attn.matrix<?x49xf32>
  %m = attn.compose %s, %t : !attn.matrix<?x49xf32>, !attn.matrix<49x?xf32>
  %o = attn.apply %m, %v : !attn.matrix<?x?xf32>, tensor<?x16xf32>
  return %o : tensor<?x16xf32>
}

// Two columns in the middle and 64 values: the product of the matrices, N x 2, comes first.
// CHECK-LABEL: func.func @from_the_left
// CHECK: attn.stream {{.*}} outs(%{{.*}} : tensor<1x?x2xf32>)
// CHECK: attn.stream {{.*}} outs(%{{.*}} : tensor<?x1x2xf32>)
// CHECK: linalg.generic {{.*}} ins(%{{.*}}, %{{.*}} : tensor<?x2xf32>, tensor<2x64xf32>)
// SAME: ok @from_the_left
func.func @from_the_left(%c: tensor<?x3xf32> {attune.name = "c", attune.dims = ["N", ""]},
    %d: tensor<?x3xf32> {attune.name = "d", attune.dims = ["M", ""]}, %e: tensor<2x3xf32> {attune.name = "e"},
    %v: tensor<2x64xf32> {attune.name = "v"}) -> (tensor<?x64xf32> {attune.name = "o", attune.dims = ["N", ""]}) {
  %s = attn.distance %c, %d : tensor<?x3xf32>, tensor<?x3xf32>
  %t = attn.distance %d, %e : tensor<?x3xf32>, tensor<2x3xf32>
  %m = attn.compose %s, %t : !attn.matrix<?x?xf32>, !attn.matrix<?x2xf32>
  %o = attn.apply %m, %v : !attn.matrix<?x2xf32>, tensor<2x64xf32>
  return %o : tensor<?x64xf32>
}

// Growing dimensions on all sides: a stored product would be N x M, so it must not be formed.
// CHECK-LABEL: func.func @never_n_by_m
// CHECK-NOT: tensor<1x?x?xf32>
// CHECK: return
// SAME: ok @never_n_by_m
func.func @never_n_by_m(%c: tensor<?x3xf32> {attune.name = "c", attune.dims = ["N", ""]},
    %d: tensor<?x3xf32> {attune.name = "d", attune.dims = ["M", ""]},
    %v: tensor<?x512xf32> {attune.name = "v", attune.dims = ["N", ""]})
    -> (tensor<?x512xf32> {attune.name = "o", attune.dims = ["N", ""]}) {
  %s = attn.distance %c, %d : tensor<?x3xf32>, tensor<?x3xf32>
  %t = attn.distance %d, %c : tensor<?x3xf32>, tensor<?x3xf32>
  %m = attn.compose %s, %t : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %o = attn.apply %m, %v : !attn.matrix<?x?xf32>, tensor<?x512xf32>
  return %o : tensor<?x512xf32>
}

// Heads and batch multiply the cost of every order alike: SOFT's chain stays a product with V from the right, also
// where the number of tokens is known.
// MEANING: ok @nystrom
// CHECK-LABEL: func.func @nystrom
// CHECK-NOT:     tensor<?x196x2x196xf32>
// CHECK:         attn.stream {{.*}}-> tensor<?x9x2x4xf32>
// CHECK-NOT:     tensor<?x196x2x196xf32>
// CHECK:         attn.stream {{.*}}-> tensor<?x196x2x4xf32>
// CHECK-NOT:     tensor<?x196x2x196xf32>
// CHECK:         return
func.func @nystrom(%q: tensor<?x196x2x4xf32> {attune.dims = ["B", "", "", ""]},
                   %l: tensor<?x9x2x4xf32> {attune.dims = ["B", "", "", ""]},
                   %x: tensor<?x2x9x9xf32> {attune.dims = ["B", "", "", ""]}) -> tensor<?x196x2x4xf32> {
  %d = attn.distance %q, %l : tensor<?x196x2x4xf32>, tensor<?x9x2x4xf32>
  %t = attn.dense %x : tensor<?x2x9x9xf32>
  %u = attn.transpose %d : !attn.matrix<?x2x196x9xf32>
  %r = attn.compose %t, %u : !attn.matrix<?x2x9x9xf32>, !attn.matrix<?x2x9x196xf32>
  %m = attn.compose %d, %r : !attn.matrix<?x2x196x9xf32>, !attn.matrix<?x2x9x196xf32>
  %o = attn.apply %m, %q : !attn.matrix<?x2x196x196xf32>, tensor<?x196x2x4xf32>
  return %o : tensor<?x196x2x4xf32>
}
