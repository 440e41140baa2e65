// One DIFFormer layer: the mean over heads of (attention + graph term) applied to v, plus x_0.
func.func @layer(
    %x: tensor<?x${input}xf32> {attune.name = "x", attune.dims = ["N", ""]},
//if graph
    %edge_index: tensor<2x?xi64> {attune.name = "edge_index", attune.dims = ["", "E"], attune.below = "N"},
//end
//if edge_weight
    %edge_weight: tensor<?xf32> {attune.name = "edge_weight", attune.dims = ["E"]},
//end
//if segments
    %graph_offsets: tensor<?xi64> {attune.name = "graph_offsets", attune.dims = ["G+1"], attune.offsets_of = "N"},
//end
//if source
    %x_0: tensor<?x${value}xf32> {attune.name = "x_0", attune.dims = ["N", ""]},
//end
//if value_weight
    %Wv: tensor<${wide}x${input}xf32> {attune.name = "Wv.weight"},
    %bv: tensor<${wide}xf32> {attune.name = "Wv.bias"},
//end
    %Wq: tensor<${wide}x${input}xf32> {attune.name = "Wq.weight"},
    %bq: tensor<${wide}xf32> {attune.name = "Wq.bias"},
    %Wk: tensor<${wide}x${input}xf32> {attune.name = "Wk.weight"},
    %bk: tensor<${wide}xf32> {attune.name = "Wk.bias"}
    ) -> (tensor<?x${value}xf32> {attune.name = "out", attune.dims = ["N", ""]})
    attributes {attune.sizes = {$sizes}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant 1.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x${input}xf32>
  %m = tensor.dim %x, %c0 : tensor<?x${input}xf32>
  %ql = nn.linear %x, %Wq bias(%bq) : tensor<?x${input}xf32>, tensor<${wide}x${input}xf32>, tensor<${wide}xf32>
  %kl = nn.linear %x, %Wk bias(%bk) : tensor<?x${input}xf32>, tensor<${wide}x${input}xf32>, tensor<${wide}xf32>
  %q = tensor.expand_shape %ql [[0], [1, 2]] output_shape [%n, $heads, $key] : tensor<?x${wide}xf32> into tensor<?x${heads}x${key}xf32>
  %k = tensor.expand_shape %kl [[0], [1, 2]] output_shape [%n, $heads, $key] : tensor<?x${wide}xf32> into tensor<?x${heads}x${key}xf32>
//if value_weight
  %vl = nn.linear %x, %Wv bias(%bv) : tensor<?x${input}xf32>, tensor<${wide}x${input}xf32>, tensor<${wide}xf32>
  %v = tensor.expand_shape %vl [[0], [1, 2]] output_shape [%n, $heads, $key] : tensor<?x${wide}xf32> into tensor<?x${heads}x${key}xf32>
//else
  %v = tensor.expand_shape %x [[0], [1, 2]] output_shape [%n, 1, $value] : tensor<?x${input}xf32> into tensor<?x1x${value}xf32>
//end
//include pairs.mlir
//if graph
//include edge-matrix.mlir
//if mixed
  %attentionExact = arith.constant $attention_part : f64
  %graphExact = arith.constant $graph_part : f64
  %attentionPart = arith.truncf %attentionExact : f64 to f32
  %graphPart = arith.truncf %graphExact : f64 to f32
  %scaledPairs = attn.scale %p scalar(%attentionPart) : !attn.matrix<${heads}x?x?xf32>
  %scaledGraph = attn.scale %graph scalar(%graphPart) : !attn.matrix<1x?x?xf32>
  %both = attn.add %scaledPairs, %scaledGraph : !attn.matrix<${heads}x?x?xf32>, !attn.matrix<1x?x?xf32>
//else
  %both = attn.add %p, %graph : !attn.matrix<${heads}x?x?xf32>, !attn.matrix<1x?x?xf32>
//end
  %y = attn.apply %both, %v : !attn.matrix<${heads}x?x?xf32>, tensor<?x${value_heads}x${value}xf32>
//else
  %y = attn.apply %p, %v : !attn.matrix<${heads}x?x?xf32>, tensor<?x${value_heads}x${value}xf32>
//end
  %mean = nn.mean %y dim 1 : tensor<?x${heads}x${value}xf32>
//if source
  %out = arith.addf %mean, %x_0 : tensor<?x${value}xf32>
  return %out : tensor<?x${value}xf32>
//else
  return %mean : tensor<?x${value}xf32>
//end
}
