// Attention of a batch: q [B, H, N, D], k [B, H, M, D], v [B, H, M, E] -> [B, H, N, E]. Softmax of
// scaled q.k, or exp(-|q - k|^2 / 2), or 1 + q.k, which may decay by gamma_h^(i - j); the last two
// divided by their row sums or not.
!q = tensor<?x${heads}x?x${key}xf32>
!v = tensor<?x${heads}x?x${value}xf32>
!rows = tensor<?x?x${heads}x${key}xf32>
!values = tensor<?x?x${heads}x${value}xf32>
!matrix = !attn.matrix<?x${heads}x?x?xf32>
func.func @attention(
    %q0: !q {attune.name = "q", attune.dims = ["B", "", "N", ""]},
    %k0: !q {attune.name = "k", attune.dims = ["B", "", "$keys", ""]},
    %v0: !v {attune.name = "v", attune.dims = ["B", "", "$keys", ""]}
//if key_mask
    , %mask: tensor<?x?xi8> {attune.name = "key_mask", attune.dims = ["B", "$keys"]}
//end
//if gamma
    , %gamma: tensor<${heads}xf32> {attune.name = "gamma"}
//end
    ) -> (!v {attune.name = "out", attune.dims = ["B", "", "N", ""]}
//if row_sum
    , tensor<?x${heads}x?xf32> {attune.name = "row_sum", attune.dims = ["B", "", "N"]}
//end
    ) attributes {attune.sizes = {B = "batch", $sizes}} {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %q0, %c0 : !q
  %n = tensor.dim %q0, %c2 : !q
  %m = tensor.dim %k0, %c2 : !q
  %e0 = tensor.empty(%b, %n) : !rows
  %e1 = tensor.empty(%b, %m) : !rows
  %e2 = tensor.empty(%b, %m) : !values
  %q = linalg.transpose ins(%q0 : !q) outs(%e0 : !rows) permutation = [0, 2, 1, 3]
  %k = linalg.transpose ins(%k0 : !q) outs(%e1 : !rows) permutation = [0, 2, 1, 3]
  %v = linalg.transpose ins(%v0 : !v) outs(%e2 : !values) permutation = [0, 2, 1, 3]
//if gaussian
  %distance = attn.distance %q, %k : !rows, !rows
  %near = attn.map %distance kernel "gaussian" : (!matrix) -> !matrix {
//include gaussian.mlir
  }
//else
  %dot = attn.dot %q, %k : !rows, !rows
  %exact = arith.constant $scale : f64
  %scale = arith.truncf %exact : f64 to f32
  %scaled = attn.scale %dot scalar(%scale) : !matrix
//end
//if linear
  %one = arith.constant 1.0 : f32
  %ones = attn.splat %one sizes(%b, %n, %m) : !matrix
  %linear = attn.add %ones, %scaled : !matrix, !matrix
//end
//if gamma
  %offset = attn.offset sizes(%b, %n, %m) : !matrix
  %decaying = attn.map %linear, %offset heads(%gamma : tensor<${heads}xf32>)
      : (!matrix, !matrix) -> !matrix {
  ^bb0(%x: f32, %steps: f32, %base: f32):
    %decay = math.powf %base, %steps : f32
    %decayed = arith.mulf %x, %decay : f32
    attn.yield %decayed : f32
  }
//end
//if causal
  %causal = attn.restrict $weights causal : !matrix
//end
//if key_mask
  %masked = attn.restrict $unmasked key_mask(%mask : tensor<?x?xi8>) : !matrix
//end
//if softmax
  %shares = attn.softmax $present : !matrix
//end
//if normalised
  %shares = attn.normalize_rows $present : !matrix
//end
  %y = attn.apply $shares, %v : !matrix, !values
  %e3 = tensor.empty(%b, %n) : !v
  %out = linalg.transpose ins(%y : !values) outs(%e3 : !v) permutation = [0, 2, 1, 3]
//if row_sum
  %sums = attn.row_sums $present : !matrix
  %e4 = tensor.empty(%b, %n) : tensor<?x${heads}x?xf32>
  %row_sum = linalg.transpose ins(%sums : tensor<?x?x${heads}xf32>)
      outs(%e4 : tensor<?x${heads}x?xf32>) permutation = [0, 2, 1]
  return %out, %row_sum : !v, tensor<?x${heads}x?xf32>
//else
  return %out : !v
//end
}
