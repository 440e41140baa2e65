// RUN: attune-opt %s --attune-fuse-elementwise | FileCheck %s
// RUN: attune-opt %s --attune-fuse-elementwise=transposes | FileCheck %s --check-prefix=READ
// RUN: attune-compile %s --target=reference --before-after="func.func(attune-fuse-elementwise)"
// RUN: attune-compile %s --target=reference --before-after="func.func(attune-fuse-elementwise{transposes})"
// DOC: two elementwise ops become one
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#ihj = affine_map<(i, h, j) -> (i, h, j)>
#i0j = affine_map<(i, h, j) -> (i, 0, j)>
// CHECK-LABEL: func.func @chain(
// CHECK: linalg.generic
// CHECK: math.absf
// CHECK-NEXT: arith.mulf
// CHECK-NOT: linalg.generic
func.func @chain(%x: tensor<?x4xf32> {attune.dims = ["N", ""]}, %y: tensor<?x4xf32> {attune.dims = ["N", ""]})
    -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%n) : tensor<?x4xf32>
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<?x4xf32>) outs(%e : tensor<?x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = math.absf %in : f32
    linalg.yield %0 : f32
  } -> tensor<?x4xf32>
  %b = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a, %y : tensor<?x4xf32>, tensor<?x4xf32>) outs(%e : tensor<?x4xf32>) {
  ^bb0(%in: f32, %w: f32, %out: f32):
    %0 = arith.mulf %in, %w : f32
    linalg.yield %0 : f32
  } -> tensor<?x4xf32>
  return %b : tensor<?x4xf32>
}

// A contraction reads each element once for each output column; a broadcast likewise.
// CHECK-LABEL: func.func @not_into_contraction(
// CHECK: math.absf
// CHECK-NEXT: linalg.yield
// CHECK: linalg.matmul
func.func @not_into_contraction(%x: tensor<?x4xf32> {attune.dims = ["N", ""]}, %w: tensor<4x8xf32>,
                                %o: tensor<?x8xf32> {attune.dims = ["N", ""]}) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%n) : tensor<?x4xf32>
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<?x4xf32>) outs(%e : tensor<?x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = math.absf %in : f32
    linalg.yield %0 : f32
  } -> tensor<?x4xf32>
  %b = linalg.matmul ins(%a, %w : tensor<?x4xf32>, tensor<4x8xf32>) outs(%o : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %b : tensor<?x8xf32>
}
// CHECK-LABEL: func.func @not_into_broadcast(
// CHECK: math.rsqrt
// CHECK-NEXT: linalg.yield
// CHECK: arith.mulf
func.func @not_into_broadcast(%s: tensor<?xf32> {attune.dims = ["N"]}, %y: tensor<?x4xf32> {attune.dims = ["N", ""]})
    -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %s, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %f = tensor.empty(%n) : tensor<?x4xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%s : tensor<?xf32>) outs(%e : tensor<?xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = math.rsqrt %in : f32
    linalg.yield %0 : f32
  } -> tensor<?xf32>
  %b = linalg.generic {indexing_maps = [#row, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%r, %y : tensor<?xf32>, tensor<?x4xf32>) outs(%f : tensor<?x4xf32>) {
  ^bb0(%in: f32, %w: f32, %out: f32):
    %0 = arith.mulf %in, %w : f32
    linalg.yield %0 : f32
  } -> tensor<?x4xf32>
  return %b : tensor<?x4xf32>
}

// A bias that was the init of a sum: one op, one result.
// CHECK-LABEL: func.func @bias(
// CHECK-SAME: %[[X:.*]]: tensor<?x4xf32> {{.*}}, %[[B:.*]]: tensor<4xf32>
// CHECK: linalg.generic {{.*}} ins(%[[X]], %[[B]] : tensor<?x4xf32>, tensor<4xf32>) outs(%{{[^,]*}} : tensor<?x4xf32>)
// CHECK: arith.addf
// CHECK: arith.maximumf
// CHECK-NOT: linalg.generic
func.func @bias(%x: tensor<?x4xf32> {attune.dims = ["N", ""]}, %b: tensor<4xf32>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%n) : tensor<?x4xf32>
  %rows = linalg.broadcast ins(%b : tensor<4xf32>) outs(%e : tensor<?x4xf32>) dimensions = [0]
  %s = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<?x4xf32>) outs(%rows : tensor<?x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.addf %out, %in : f32
    linalg.yield %0 : f32
  } -> tensor<?x4xf32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%s : tensor<?x4xf32>) outs(%e : tensor<?x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.maximumf %in, %zero : f32
    linalg.yield %0 : f32
  } -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// A head dimension of 1 that one side broadcasts is no broadcast.
// CHECK-LABEL: func.func @one_head(
// CHECK: math.absf
// CHECK-NEXT: math.exp
func.func @one_head(%x: tensor<?x1x4xf32> {attune.dims = ["N", "", ""]}) -> tensor<?x1x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x1x4xf32>
  %e = tensor.empty(%n) : tensor<?x1x4xf32>
  %a = linalg.generic {indexing_maps = [#ihj, #ihj], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<?x1x4xf32>) outs(%e : tensor<?x1x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = math.absf %in : f32
    linalg.yield %0 : f32
  } -> tensor<?x1x4xf32>
  %b = linalg.generic {indexing_maps = [#i0j, #ihj], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%a : tensor<?x1x4xf32>) outs(%e : tensor<?x1x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = math.exp %in : f32
    linalg.yield %0 : f32
  } -> tensor<?x1x4xf32>
  return %b : tensor<?x1x4xf32>
}

// A weight is transposed for the CPU's kernels; with `transposes` the product reads it as it is, but not
// where its rows are no whole fours.
// CHECK-LABEL: func.func @weight(
// CHECK-COUNT-2: linalg.yield %in
// READ-LABEL: func.func @weight(
// READ-COUNT-1: linalg.yield %in
// READ-NOT: linalg.yield %in
// READ: return
func.func @weight(%x: tensor<?x8xf32> {attune.dims = ["N", ""]}, %w: tensor<5x8xf32>, %u: tensor<3x5xf32>) -> tensor<?x3xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %e = tensor.empty() : tensor<8x5xf32>
  %t = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%w : tensor<5x8xf32>) outs(%e : tensor<8x5xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<8x5xf32>
  %y = tensor.empty(%n) : tensor<?x5xf32>
  %y0 = linalg.fill ins(%zero : f32) outs(%y : tensor<?x5xf32>) -> tensor<?x5xf32>
  %first = linalg.generic {indexing_maps = [affine_map<(n, o, k) -> (n, k)>, affine_map<(n, o, k) -> (k, o)>, affine_map<(n, o, k) -> (n, o)>],
                           iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %t : tensor<?x8xf32>, tensor<8x5xf32>) outs(%y0 : tensor<?x5xf32>) {
  ^bb0(%a: f32, %b: f32, %sum: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  } -> tensor<?x5xf32>
  %f = tensor.empty() : tensor<5x3xf32>
  %v = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%u : tensor<3x5xf32>) outs(%f : tensor<5x3xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<5x3xf32>
  %z = tensor.empty(%n) : tensor<?x3xf32>
  %z0 = linalg.fill ins(%zero : f32) outs(%z : tensor<?x3xf32>) -> tensor<?x3xf32>
  %second = linalg.generic {indexing_maps = [affine_map<(n, o, k) -> (n, k)>, affine_map<(n, o, k) -> (k, o)>, affine_map<(n, o, k) -> (n, o)>],
                            iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%first, %v : tensor<?x5xf32>, tensor<5x3xf32>) outs(%z0 : tensor<?x3xf32>) {
  ^bb0(%a: f32, %b: f32, %sum: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  } -> tensor<?x3xf32>
  return %second : tensor<?x3xf32>
}
