// RUN: attune-compile %s --target=reference --print | FileCheck %s

// A product with the right side transposed by its map, accumulated into the output.
func.func @contraction() -> tensor<2x2xf32> {
  %a = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %b = arith.constant dense<[[1.0, 0.0], [1.0, 1.0]]> : tensor<2x2xf32>
  %c = arith.constant dense<100.0> : tensor<2x2xf32>
  %r = linalg.generic {
      indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (j, k)>,
                       affine_map<(i, j, k) -> (i, j)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<2x2xf32>, tensor<2x2xf32>) outs(%c : tensor<2x2xf32>) {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %p, %o : f32
    linalg.yield %s : f32
  } -> tensor<2x2xf32>
  return %r : tensor<2x2xf32>
}
// CHECK: @contraction -> [2, 2] 101 103 103 107

// A constant in a map broadcasts; the body reads a tensor and a scalar from outside.
func.func @gather() -> tensor<3xf32> {
  %i = arith.constant dense<[1, 0, 1]> : tensor<3xi32>
  %table = arith.constant dense<[10.0, 20.0]> : tensor<2xf32>
  %one = arith.constant dense<[0.5]> : tensor<1xf32>
  %c = arith.constant 100.0 : f32
  %e = tensor.empty() : tensor<3xf32>
  %r = linalg.generic {
      indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (0)>, affine_map<(d0) -> (d0)>],
      iterator_types = ["parallel"]}
      ins(%i, %one : tensor<3xi32>, tensor<1xf32>) outs(%e : tensor<3xf32>) {
  ^bb0(%x: i32, %y: f32, %o: f32):
    %k = arith.index_cast %x : i32 to index
    %t = tensor.extract %table[%k] : tensor<2xf32>
    %n = linalg.index 0 : index
    %m = arith.index_cast %n : index to i32
    %f = arith.sitofp %m : i32 to f32
    %p = arith.addf %t, %y : f32
    %q = arith.addf %p, %c : f32
    %s = arith.addf %q, %f : f32
    linalg.yield %s : f32
  } -> tensor<3xf32>
  return %r : tensor<3xf32>
}
// CHECK: @gather -> [3] 120.5 111.5 122.5

func.func @named() -> (tensor<2x2xf32>, tensor<2x2xf32>, f32) {
  %a = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x2xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<2x2xf32>) -> tensor<2x2xf32>
  %m = linalg.matmul ins(%a, %a : tensor<2x2xf32>, tensor<2x2xf32>) outs(%z : tensor<2x2xf32>)
      -> tensor<2x2xf32>
  %t = linalg.transpose ins(%a : tensor<2x2xf32>) outs(%e : tensor<2x2xf32>) permutation = [1, 0]
  %s = tensor.from_elements %zero : tensor<f32>
  %sum = linalg.reduce ins(%a : tensor<2x2xf32>) outs(%s : tensor<f32>) dimensions = [0, 1]
      (%x: f32, %acc: f32) {
        %n = arith.addf %x, %acc : f32
        linalg.yield %n : f32
      }
  %r = tensor.extract %sum[] : tensor<f32>
  return %m, %t, %r : tensor<2x2xf32>, tensor<2x2xf32>, f32
}
// CHECK: @named -> [2, 2] 7 10 15 22
// CHECK: @named -> [2, 2] 1 3 2 4
// CHECK: @named -> [] 10
