// The Gaussian kernel between rows and landmarks: q [B, H, N, D], k [B, H, m, D] -> [B, H, N, m].
!q = tensor<?x${heads}x?x${key}xf32>
!k = tensor<?x${heads}x${landmarks}x${key}xf32>
!rows = tensor<?x?x${heads}x${key}xf32>
!marks = tensor<?x${landmarks}x${heads}x${key}xf32>
!table = tensor<?x${heads}x?x${landmarks}xf32>
!kernel = !attn.matrix<?x${heads}x?x${landmarks}xf32>
func.func @gaussian(
    %q: !q {attune.name = "q", attune.dims = ["B", "", "N", ""]},
    %k: !k {attune.name = "k", attune.dims = ["B", "", "", ""]}
    ) -> (!table {attune.name = "out", attune.dims = ["B", "", "N", ""]})
    attributes {attune.sizes = {B = "batch", N = "rows"}} {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %q, %c0 : !q
  %n = tensor.dim %q, %c2 : !q
  %e0 = tensor.empty(%b, %n) : !rows
  %rows = linalg.transpose ins(%q : !q) outs(%e0 : !rows) permutation = [0, 2, 1, 3]
  %e1 = tensor.empty(%b) : !marks
  %marks = linalg.transpose ins(%k : !k) outs(%e1 : !marks) permutation = [0, 2, 1, 3]
  %distance = attn.distance %rows, %marks : !rows, !marks
  %kernel = attn.map %distance kernel "gaussian" : (!kernel) -> !kernel {
//include gaussian.mlir
  }
  %out = attn.materialize %kernel : !kernel
  return %out : !table
}
