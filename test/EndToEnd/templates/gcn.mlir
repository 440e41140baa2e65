// DIFFormer's graph term by itself: x [N, H, D] -> [N, H, D].
func.func @gcn(
    %x: tensor<?x${heads}x${value}xf32> {attune.name = "x", attune.dims = ["N", "", ""]},
    %edge_index: tensor<2x?xi64> {attune.name = "edge_index", attune.dims = ["", "E"], attune.below = "N"}
//if edge_weight
    , %edge_weight: tensor<?xf32> {attune.name = "edge_weight", attune.dims = ["E"]}
//end
    ) -> (tensor<?x${heads}x${value}xf32> {attune.name = "out", attune.dims = ["N", "", ""]})
    attributes {attune.sizes = {$sizes}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?x${heads}x${value}xf32>
//include edge-matrix.mlir
  %out = attn.apply %graph, %x : !attn.matrix<1x?x?xf32>, tensor<?x${heads}x${value}xf32>
  return %out : tensor<?x${heads}x${value}xf32>
}
