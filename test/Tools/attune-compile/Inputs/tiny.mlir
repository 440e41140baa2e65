// y[i, j] = x[i, j] + bias[j]; edge_index and offsets are there to be checked.
func.func @tiny.add(
    %x: tensor<?x3xf32> {attune.name = "x", attune.dims = ["N", ""]},
    %edges: tensor<2x?xi64> {attune.name = "edge_index", attune.dims = ["", "E"], attune.below = "N"},
    %parts: tensor<?xi64> {attune.name = "parts", attune.dims = ["G+1"], attune.offsets_of = "N"},
    %bias: tensor<3xf32> {attune.name = "lin.bias"})
    -> (tensor<?x3xf32> {attune.name = "y", attune.dims = ["N", ""]})
    attributes {attune.sizes = {N = "rows", E = "rows", G = "rows"}} {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x3xf32>
  %empty = tensor.empty(%n) : tensor<?x3xf32>
  %y = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%x, %bias : tensor<?x3xf32>, tensor<3xf32>) outs(%empty : tensor<?x3xf32>) {
  ^bb0(%a: f32, %b: f32, %old: f32):
    %sum = arith.addf %a, %b : f32
    linalg.yield %sum : f32
  } -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}
