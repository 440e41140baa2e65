// Gradformer's attention on a batch of graphs, 4 heads of 16 channels, hops given, as peers.py times
// it (there 32 graphs of n nodes, padded; here N nodes in all and P pairs inside graphs).
func.func @attention(%q: tensor<?x4x16xf32> {attune.name = "q", attune.dims = ["N", "", ""]},
                     %k: tensor<?x4x16xf32> {attune.name = "k", attune.dims = ["N", "", ""]},
                     %v: tensor<?x4x16xf32> {attune.name = "v", attune.dims = ["N", "", ""]},
                     %graphs: tensor<?xi64> {attune.name = "graph_offsets", attune.dims = ["G+1"], attune.offsets_of = "N"},
                     %hops: tensor<?xi64> {attune.name = "hops", attune.dims = ["P"], attune.below = "511", attune.pairs_of = "graph_offsets"},
                     %hop: tensor<4xf32> {attune.name = "hop"})
    -> (tensor<?x4x16xf32> {attune.name = "out", attune.dims = ["N", "", ""]}) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %q, %c0 : tensor<?x4x16xf32>
  %h = attn.blocks %hops, %graphs size(%n) {num_classes = 511} : tensor<?xi64>, tensor<?xi64> -> !attn.matrix<1x?x?xf32>
  %s = attn.dot %q, %k : tensor<?x4x16xf32>, tensor<?x4x16xf32>
  %a = attn.map %s, %h heads(%hop : tensor<4xf32>) kernel "decay" : (!attn.matrix<4x?x?xf32>, !attn.matrix<1x?x?xf32>) -> !attn.matrix<4x?x?xf32> {
  ^bb0(%x: f32, %hops_ij: f32, %hop_h: f32):
    %zero = arith.constant 0.0 : f32
    %slope = arith.constant 0.1 : f32
    %scale = arith.constant 0.25 : f32
    %gamma64 = arith.constant 0.6 : f64
    %gamma = arith.truncf %gamma64 : f64 to f32
    %far = arith.subf %hops_ij, %hop_h : f32
    %near = arith.mulf %far, %slope : f32
    %beyond = arith.cmpf oge, %far, %zero : f32
    %leaky = arith.select %beyond, %far, %near : f32
    %decay = math.powf %gamma, %leaky : f32
    %factor = arith.mulf %decay, %scale : f32
    %y = arith.mulf %x, %factor : f32
    attn.yield %y : f32
  }
  %p = attn.softmax %a : !attn.matrix<4x?x?xf32>
  %out = attn.apply %p, %v : !attn.matrix<4x?x?xf32>, tensor<?x4x16xf32>
  return %out : tensor<?x4x16xf32>
}
