// DIFFormer-s attention of one layer, as `attune-opt --attune-linearize` gets it in the demo.
func.func @attention(%q: tensor<?x64xf32> {attune.name = "q", attune.dims = ["N", ""]},
                     %k: tensor<?x64xf32> {attune.name = "k", attune.dims = ["N", ""]},
                     %v: tensor<?x64xf32> {attune.name = "v", attune.dims = ["N", ""]})
    -> (tensor<?x64xf32> {attune.name = "out", attune.dims = ["N", ""]})
    attributes {attune.sizes = {N = "rows"}} {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %n = tensor.dim %q, %c0 : tensor<?x64xf32>
  %qn = nn.frobenius_normalize %q : tensor<?x64xf32>
  %kn = nn.frobenius_normalize %k : tensor<?x64xf32>
  %dot = attn.dot %qn, %kn : tensor<?x64xf32>, tensor<?x64xf32>
  %ones = attn.splat %one sizes(%n, %n) : !attn.matrix<?x?xf32>
  %sum = attn.add %ones, %dot : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %p = attn.normalize_rows %sum : !attn.matrix<?x?xf32>
  %out = attn.apply %p, %v : !attn.matrix<?x?xf32>, tensor<?x64xf32>
  return %out : tensor<?x64xf32>
}
