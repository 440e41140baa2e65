// DIFFormer's attention by itself: q [N, H, D], k [M, H, D], v [M, H or 1, E] -> [N, H, E].
func.func @attention(
    %q: tensor<?x${heads}x${key}xf32> {attune.name = "q", attune.dims = ["N", "", ""]},
    %k: tensor<?x${heads}x${key}xf32> {attune.name = "k", attune.dims = ["$keys", "", ""]},
    %v: tensor<?x${value_heads}x${value}xf32> {attune.name = "v", attune.dims = ["$keys", "", ""]}
//if segments
    , %graph_offsets: tensor<?xi64> {attune.name = "graph_offsets", attune.dims = ["G+1"], attune.offsets_of = "N"}
//end
    ) -> (tensor<?x${heads}x${value}xf32> {attune.name = "out", attune.dims = ["N", "", ""]})
    attributes {attune.sizes = {$sizes}} {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %n = tensor.dim %q, %c0 : tensor<?x${heads}x${key}xf32>
  %m = tensor.dim %k, %c0 : tensor<?x${heads}x${key}xf32>
//include pairs.mlir
  %out = attn.apply %p, %v : !attn.matrix<${heads}x?x?xf32>, tensor<?x${value_heads}x${value}xf32>
  return %out : tensor<?x${heads}x${value}xf32>
}
