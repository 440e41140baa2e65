// Gradformer's attention by itself, graphs one after the other: q, k, v [N, H, D] -> [N, H, D]; the
// hops of all pairs of a graph, then those of the next.
!heads = tensor<?x${heads}x${key}xf32>
!matrix = !attn.matrix<${heads}x?x?xf32>
!hops = !attn.matrix<1x?x?xf32>
func.func @attention(
    %q: !heads {attune.name = "q", attune.dims = ["N", "", ""]},
    %k: !heads {attune.name = "k", attune.dims = ["N", "", ""]},
    %v: !heads {attune.name = "v", attune.dims = ["N", "", ""]},
    %hop: tensor<${heads}xf32> {attune.name = "hop"},
    %hops: tensor<?xi64> {attune.name = "hops", attune.dims = ["P"], attune.below = "511",
                          attune.pairs_of = "graph_offsets"},
    %graph_offsets: tensor<?xi64> {attune.name = "graph_offsets", attune.dims = ["G+1"],
                                   attune.offsets_of = "N"}
    ) -> (!heads {attune.name = "out", attune.dims = ["N", "", ""]})
    attributes {attune.sizes = {N = "rows", P = "rows", G = "rows"}} {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %q, %c0 : !heads
  %distance = attn.blocks %hops, %graph_offsets size(%n) {num_classes = 511}
      : tensor<?xi64>, tensor<?xi64> -> !hops
//include decayed-attention.mlir
  return %y : !heads
}
