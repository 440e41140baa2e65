// difformer-a attention, [N, 64], as peers.py times it.
func.func @attention(%q: tensor<?x64xf32> {attune.name = "q", attune.dims = ["N", ""]},
                     %k: tensor<?x64xf32> {attune.name = "k", attune.dims = ["N", ""]},
                     %v: tensor<?x64xf32> {attune.name = "v", attune.dims = ["N", ""]})
    -> (tensor<?x64xf32> {attune.name = "out", attune.dims = ["N", ""]})
    attributes {attune.sizes = {N = "rows"}} {
  %out = attn.attention %q, %k, %v kernel = "sigmoid" normalize = "rows"
      : tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>
  return %out : tensor<?x64xf32>
}
