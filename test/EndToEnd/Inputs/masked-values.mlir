func.func @causal(%q: tensor<?x8xf32> {attune.name = "q", attune.dims = ["N", ""]},
                  %v: tensor<?x8xf32> {attune.name = "v", attune.dims = ["N", ""]})
    -> (tensor<?x8xf32> {attune.name = "o", attune.dims = ["N", ""]}) {
  %o = attn.attention %q, %q, %v kernel = "exp" normalize = "softmax" causal
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return %o : tensor<?x8xf32>
}

func.func @window(%q: tensor<?x8xf32> {attune.name = "q", attune.dims = ["N", ""]},
                  %v: tensor<?x8xf32> {attune.name = "v", attune.dims = ["N", ""]})
    -> (tensor<?x8xf32> {attune.name = "o", attune.dims = ["N", ""]}) {
  %d = attn.dot %q, %q : tensor<?x8xf32>, tensor<?x8xf32>
  %w = attn.restrict %d window [3, 1] : !attn.matrix<?x?xf32>
  %o = attn.apply %w, %v : !attn.matrix<?x?xf32>, tensor<?x8xf32>
  return %o : tensor<?x8xf32>
}

func.func @edges(%e: tensor<2x?xi64> {attune.name = "edge_index", attune.dims = ["", "E"], attune.below = "N"},
                 %q: tensor<?x8xf32> {attune.name = "q", attune.dims = ["N", ""]},
                 %v: tensor<?x8xf32> {attune.name = "v", attune.dims = ["N", ""]})
    -> (tensor<?x8xf32> {attune.name = "o", attune.dims = ["N", ""]},
        tensor<?x8xf32> {attune.name = "ot", attune.dims = ["N", ""]}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %q, %c0 : tensor<?x8xf32>
  %m = tensor.dim %e, %c1 : tensor<2x?xi64>
  %n1 = arith.addi %n, %c1 : index
  %i0 = tensor.empty(%n1) : tensor<?xi64>
  %i1 = tensor.empty(%m) : tensor<?xi32>
  %i2 = tensor.empty(%m) : tensor<?xi32>
  %r:3 = nn.csr %e outs(%i0, %i1, %i2 : tensor<?xi64>, tensor<?xi32>, tensor<?xi32>)
      : tensor<2x?xi64> -> tensor<?xi64>, tensor<?xi32>, tensor<?xi32>
  %a = attn.adjacency %r#0, %r#1 columns(%n) : tensor<?xi64>, tensor<?xi32>
  %w = attn.restrict %a causal : !attn.matrix<?x?xf32>
  %o = attn.apply %w, %v : !attn.matrix<?x?xf32>, tensor<?x8xf32>
  %t = attn.transpose %w : !attn.matrix<?x?xf32>
  %ot = attn.apply %t, %v : !attn.matrix<?x?xf32>, tensor<?x8xf32>
  return %o, %ot : tensor<?x8xf32>, tensor<?x8xf32>
}
