// Attention that decays with stored classes.
func.func @blocks(%x: tensor<?x4xf32> {attune.name = "x", attune.dims = ["N", ""]},
    %graphs: tensor<?xi64> {attune.name = "graph_offsets", attune.dims = ["G+1"], attune.offsets_of = "N"},
    %table: tensor<?xi64> {attune.name = "classes", attune.dims = ["P"], attune.below = "7", attune.pairs_of = "graph_offsets"})
    -> (tensor<?x4xf32> {attune.name = "y", attune.dims = ["N", ""]}) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %t = attn.blocks %table, %graphs size(%n) {num_classes = 7} : tensor<?xi64>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  %y = attn.apply %t, %x : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}
