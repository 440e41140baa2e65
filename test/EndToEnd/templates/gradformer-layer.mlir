// One layer of Gradformer with GIN: h1 = BN1(gin(x) + x), h2 = BN2(attention(x) + x), h = h1 + h2,
// out = BN3(h + W2 relu(W1 h)).
!x = tensor<?x${width}xf32>
!wide = tensor<?x${hidden}xf32>
!weight = tensor<${width}x${width}xf32>
!vector = tensor<${width}xf32>
!heads = tensor<?x${heads}x${key}xf32>
!matrix = !attn.matrix<${heads}x?x?xf32>
!hops = !attn.matrix<1x?x?xf32>
!edges = !attn.matrix<?x?xf32>
!offsets = tensor<?xi64>
!ids = tensor<?xi32>
func.func @layer(
    %x: !x {attune.name = "x", attune.dims = ["N", ""]},
    %edge_index: tensor<2x?xi64> {attune.name = "edge_index", attune.dims = ["", "E"],
                                  attune.below = "N"},
    %graph_offsets: !offsets {attune.name = "graph_offsets", attune.dims = ["G+1"],
                              attune.offsets_of = "N"},
    %hop: tensor<${heads}xf32> {attune.name = "hop"},
$weights
    ) -> (!x {attune.name = "out", attune.dims = ["N", ""]})
    attributes {attune.sizes = {N = "rows", E = "rows", G = "rows"}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant 1.0 : f32
  %n = tensor.dim %x, %c0 : !x
  %n1 = arith.addi %n, %c1 : index
  %e = tensor.dim %edge_index, %c1 : tensor<2x?xi64>
  %offsets = tensor.empty(%n1) : !offsets
  %columns = tensor.empty(%e) : !ids
  %edges = tensor.empty(%e) : !ids
  %in:3 = nn.csr %edge_index outs(%offsets, %columns, %edges : !offsets, !ids, !ids)
      : tensor<2x?xi64> -> !offsets, !ids, !ids
  %out:3 = nn.csr %edge_index outs(%offsets, %columns, %edges : !offsets, !ids, !ids) by_source
      : tensor<2x?xi64> -> !offsets, !ids, !ids

  %neighbours = attn.adjacency %in#0, %in#1 columns(%n) : !offsets, !ids
  %self = attn.diagonal scalar(%one) sizes(%n, %n) : !edges
  %both = attn.add %neighbours, %self : !edges, !edges
  %sum = attn.apply %both, %x : !edges, !x
  %g0 = nn.linear %sum, %conv.nn.0.weight bias(%conv.nn.0.bias) : !x, !weight, !vector
  %g1 = nn.relu %g0 : !x
  %g2 = nn.linear %g1, %conv.nn.2.weight bias(%conv.nn.2.bias) : !x, !weight, !vector
  %g3 = arith.addf %g2, %x : !x
  %h1 = nn.batch_norm %g3, %norm1.module.running_mean, %norm1.module.running_var,
      %norm1.module.weight, %norm1.module.bias : !x, !vector, !vector, !vector, !vector

  %ql = nn.linear %x, %attn.linears.0.weight bias(%attn.linears.0.bias) : !x, !weight, !vector
  %kl = nn.linear %x, %attn.linears.1.weight bias(%attn.linears.1.bias) : !x, !weight, !vector
  %vl = nn.linear %x, %attn.linears.2.weight bias(%attn.linears.2.bias) : !x, !weight, !vector
  %q = tensor.expand_shape %ql [[0], [1, 2]] output_shape [%n, $heads, $key] : !x into !heads
  %k = tensor.expand_shape %kl [[0], [1, 2]] output_shape [%n, $heads, $key] : !x into !heads
  %v = tensor.expand_shape %vl [[0], [1, 2]] output_shape [%n, $heads, $key] : !x into !heads
  %distance = attn.hops %out#0, %out#1, %graph_offsets : !offsets, !ids, !offsets -> !hops
//include decayed-attention.mlir
  %rows = tensor.collapse_shape %y [[0], [1, 2]] : !heads into !x
  %a = nn.linear %rows, %attn.linears.3.weight bias(%attn.linears.3.bias) : !x, !weight, !vector
  %a1 = arith.addf %a, %x : !x
  %h2 = nn.batch_norm %a1, %norm2.module.running_mean, %norm2.module.running_var,
      %norm2.module.weight, %norm2.module.bias : !x, !vector, !vector, !vector, !vector

  %h = arith.addf %h1, %h2 : !x
  %f0 = nn.linear %h, %mlp.0.weight bias(%mlp.0.bias)
      : !x, tensor<${hidden}x${width}xf32>, tensor<${hidden}xf32>
  %f1 = nn.relu %f0 : !wide
  %f2 = nn.linear %f1, %mlp.3.weight bias(%mlp.3.bias)
      : !wide, tensor<${width}x${hidden}xf32>, !vector
  %f3 = arith.addf %h, %f2 : !x
  %r = nn.batch_norm %f3, %norm3.module.running_mean, %norm3.module.running_var,
      %norm3.module.weight, %norm3.module.bias : !x, !vector, !vector, !vector, !vector
  return %r : !x
}
